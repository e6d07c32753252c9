// SPDX-License-Identifier: GPL-3.0-or-later

internal import Dispatch

/// The whole command, for programs that add components of their own and have them beside the built-in
/// ones, by name, in every subcommand.
public enum KLSimProgram {
  /// Runs the command with the arguments of the process; ends the process unless the command succeeds.
  ///
  /// The main thread waits: the process starts and ends sooner than with an executor on it.
  public static func main() {
    let signals = Interruption.watch()
    let isDone = DispatchSemaphore(value: 0)
    Task.detached {
      await KLSim.runToTheEnd()
      isDone.signal()
    }
    isDone.wait()
    withExtendedLifetime(signals) {}
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Dispatch
internal import KLSimFiles

/// Handles Ctrl-C, termination, a closed terminal and a closed pipe.
enum Interruption {
  /// Handles signals for as long as the returned sources exist.
  static func watch() -> [any DispatchSourceSignal] {
    // `write` fails on a closed pipe; the signal would end the process.
    _ = signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "signals", qos: .userInteractive)
    return [SIGHUP, SIGINT, SIGTERM].map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        TemporaryFiles.shared.removeAll()
        ProgressLine.erase()
        _exit(128 + number)
      }
      source.resume()
      return source
    }
  }
}

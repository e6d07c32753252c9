// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import Dispatch
internal import KLSimFiles

/// What happens on Ctrl-C, on termination, on a closed terminal and on a closed pipe.
enum Interruption {
  /// Watches for signals as long as the sources that it returns live.
  static func watch() -> [any DispatchSourceSignal] {
    // A closed pipe is an error of `write`, not the end of the process.
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

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import SystemPackage

/// Messages for people, on standard error, and the properties of the terminal.
enum Terminal {
  /// Whether standard error is a terminal.
  static var isInteractive: Bool { isatty(FileDescriptor.standardError.rawValue) == 1 }

  /// The size of the terminal on standard output, nil if that is not a terminal.
  static var outputSize: (columns: Int, rows: Int)? {
    guard isatty(FileDescriptor.standardOutput.rawValue) == 1 else { return nil }
    var size = winsize()
    let request = UInt(TIOCGWINSZ)
    guard unsafe ioctl(FileDescriptor.standardOutput.rawValue, request, &size) == 0,
      size.ws_col >= 20, size.ws_row >= 20
    else { return (80, 40) }
    return (Int(size.ws_col), Int(size.ws_row) - 1)
  }

  /// Writes a line.
  static func say(_ line: String) {
    write(line + "\n")
  }

  /// Writes text without a line end.
  ///
  /// A failure is ignored: there is no other place for a message.
  static func write(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll(text.utf8)
  }

  /// An environment variable, nil if it is not set.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
  }

  /// The number of available processors.
  static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

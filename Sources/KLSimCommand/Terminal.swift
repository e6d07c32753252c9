// SPDX-License-Identifier: GPL-3.0-or-later

internal import CLibrary
internal import KLSimFiles
internal import KLSimStudies
internal import SystemPackage

/// Messages for people, on standard error, and the properties of the terminal.
enum Terminal {
  /// Whether standard error is a terminal.
  static var isInteractive: Bool { isatty(FileDescriptor.standardError.rawValue) == 1 }

  /// The size of the terminal on standard output, nil if that is not a terminal.
  static var outputSize: (columns: Int, rows: Int)? { size(of: .standardOutput) }

  /// How many characters a line of text for people may have on a descriptor: the width of the terminal,
  /// else the number in the environment variable COLUMNS, else 120.
  static func width(of descriptor: FileDescriptor) -> Int {
    size(of: descriptor)?.columns ?? environment("COLUMNS").flatMap { Int($0) } ?? 120
  }

  private static func size(of descriptor: FileDescriptor) -> (columns: Int, rows: Int)? {
    guard isatty(descriptor.rawValue) == 1 else { return nil }
    var size = winsize()
    let request = UInt(TIOCGWINSZ)
    guard unsafe ioctl(descriptor.rawValue, request, &size) == 0,
      size.ws_col >= 20, size.ws_row > 1
    else { return (80, 23) }
    // The prompt takes a line.
    return (Int(size.ws_col), Int(size.ws_row) - 1)
  }

  /// Writes a line.
  static func say(_ line: String) {
    write(line + "\n")
  }

  /// Shows the summary of a study.
  ///
  /// - Parameters:
  ///   - text: the summary.
  ///   - isOutput: whether it is what goes to standard output, not the records.
  /// - Throws: `OutputError`.
  static func summarise(_ text: String, asOutput isOutput: Bool) throws {
    guard isOutput else {
      write(text)
      return
    }
    let output = try OutputFile("-")
    try output.write(Array(text.utf8))
    say("\nNo records are written; --output records.csv writes them.")
  }

  /// Writes text without a line end.
  ///
  /// Failures are ignored.
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

/// A line on the terminal with the progress of long work, erased at its end.
///
/// Shown only if standard error is a terminal, once the work has taken a second.
struct ProgressLine: ~Copyable {
  private let total: Int
  private let unit: String
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var done = 0
  private var nextUpdate = ContinuousClock.now + .seconds(1)

  /// A line at the start of `total` units of work.
  init(total: Int, unit: String, isQuiet: Bool) {
    self.total = total
    self.unit = unit
    isShown = !isQuiet && Terminal.isInteractive
  }

  /// Counts finished units, and updates the line.
  mutating func advance(by count: Int) {
    done += count
    let now = ContinuousClock.now
    guard isShown, now >= nextUpdate else { return }
    nextUpdate = now + .milliseconds(100)
    Terminal.write(
      "\r" + Self.text(done: done, of: total, unit: unit, after: (now - start) / .seconds(1))
        + Self.clearToEnd)
  }

  /// The line: a bar, the finished units, their rate and the time left at this rate.
  ///
  /// - Parameters:
  ///   - done: the number of finished units.
  ///   - total: the number of all units.
  ///   - unit: what is counted, such as `runs`.
  ///   - seconds: the time since the start.
  /// - Returns: the text, without a line end.
  static func text(done: Int, of total: Int, unit: String, after seconds: Double) -> String {
    let width = 20
    let filled = Int(Double(width) * Double(done) / Double(max(total, 1)))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let count = "\(bar) \(done) of \(total) \(unit)"
    guard done > 0 else { return count }
    let rate = Double(done) / seconds
    let left = Double(total - done) / rate
    let (time, symbol) =
      left < 100 ? (left, "s") : left < 6000 ? (left / 60, "min") : (left / 3600, "h")
    return "\(count), \(digits(rate, 3)) \(unit)/s, \(digits(time.rounded(.up), 3)) \(symbol) left"
  }

  deinit {
    if isShown { Self.erase() }
  }

  /// Erases the line.
  static func erase() {
    guard Terminal.isInteractive else { return }
    Terminal.write("\r" + clearToEnd)
  }

  private static let clearToEnd = "\u{1B}[K"
}

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

  /// Writes a line, in which control characters of names and files are shown and not obeyed.
  static func say(_ line: String) { tell(line + "\n") }

  /// Writes lines in the same way, of which the last has its end, too.
  static func tell(_ lines: String) { write(printable(lines)) }

  /// A text whose control characters, but for line ends and tabs, are written as `\u{1B}`.
  ///
  /// Those that turn the direction of writing are among them: they could make a name look like another.
  static func printable(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isObeyed =
        scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        || scalar.properties.isBidiControl
      result +=
        isObeyed ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : String(scalar)
    }
    return result
  }

  /// Shows the summary of a study.
  ///
  /// - Parameters:
  ///   - text: the summary.
  ///   - isOutput: whether it is what goes to standard output, not the records.
  /// - Throws: `OutputError`.
  static func summarise(_ text: String, asOutput isOutput: Bool) throws {
    guard isOutput else {
      tell(text)
      return
    }
    try output(printable(text))
    say("\nNo records are written; --output records.csv writes them.")
  }

  /// Writes text to standard output.
  ///
  /// - Throws: `OutputError`.
  static func output(_ text: String) throws(OutputError) {
    let file = try OutputFile("-")
    try file.write(Array(text.utf8))
    try file.commit()
  }

  /// Writes an answer for programs to standard output.
  ///
  /// - Throws: `OutputError`.
  static func output(_ document: JSON) throws(OutputError) {
    let file = try OutputFile("-")
    try file.write(document)
    try file.commit()
  }

  /// Writes text as it is.
  ///
  /// Failures are ignored.
  fileprivate static func write(_ text: String) {
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

/// The progress of long work, on standard error: on a terminal a line that is erased at the end, shown once
/// the work has taken a second; elsewhere a line every 30 seconds.
struct ProgressLine: ~Copyable {
  private let total: Int
  private let unit: String
  private let isShown: Bool
  private let start = ContinuousClock.now
  private var done = 0
  /// How much was done before the start.
  private var known = 0
  private var nextUpdate: ContinuousClock.Instant

  /// A line at the start of `total` units of work.
  init(total: Int, unit: String, isQuiet: Bool) {
    self.total = total
    self.unit = unit
    isShown = !isQuiet
    nextUpdate = start + Self.period(first: true)
  }

  private static func period(first isFirst: Bool = false) -> Duration {
    Terminal.isInteractive ? isFirst ? .seconds(1) : .milliseconds(100) : .seconds(30)
  }

  /// Counts units that were done before the start.
  mutating func begin(at count: Int) { known = count }

  /// Counts finished units, and updates the line.
  mutating func advance(by count: Int) {
    done += count
    let now = ContinuousClock.now
    guard isShown, now >= nextUpdate else { return }
    nextUpdate = now + Self.period()
    let text = Self.text(
      done: known + done, known: known, of: total, unit: unit, after: (now - start) / .seconds(1),
      isDrawn: Terminal.isInteractive)
    Terminal.write(Terminal.isInteractive ? "\r" + text + Self.clearToEnd : text + "\n")
  }

  /// The line: a bar, the finished units, their rate and the time left at this rate.
  ///
  /// - Parameters:
  ///   - done: the number of finished units.
  ///   - known: how many of them were finished before the start.
  ///   - total: the number of all units.
  ///   - unit: what is counted, such as `runs`.
  ///   - seconds: the time since the start.
  ///   - isDrawn: whether there is a bar.
  /// - Returns: the text, without a line end.
  static func text(
    done: Int, known: Int = 0, of total: Int, unit: String, after seconds: Double,
    isDrawn: Bool = true
  ) -> String {
    let width = 20
    let filled = Int(Double(width) * Double(done) / Double(max(total, 1)))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let count = "\(isDrawn ? bar + " " : "")\(done) of \(total) \(unit)"
    guard done > known else { return count }
    let rate = Double(done - known) / seconds
    let left = Double(total - done) / rate
    return "\(count), \(digits(rate, 3)) \(unit)/s,"
      + " \(words(seconds: left < 1 ? left.rounded(.up) : left)) left"
  }

  /// A time in its usual unit: `12 s`, `3.5 min`, `2 h`.
  static func words(seconds: Double) -> String {
    let (time, symbol) =
      seconds < 100
      ? (seconds, "s")
      : seconds < 6000
        ? (seconds / 60, "min")
        : seconds < 360_000 ? (seconds / 3600, "h") : (seconds / 86_400, "days")
    return "\(digits(time < 1 ? time : time.rounded(.up), time < 1 ? 2 : 3)) \(symbol)"
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

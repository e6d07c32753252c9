// SPDX-License-Identifier: GPL-3.0-or-later

/// A line on the terminal that shows the progress of long work and is erased at its end.
///
/// Nothing is shown unless standard error is a terminal and the work has taken over a second.
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
    guard isShown, ContinuousClock.now >= nextUpdate else { return }
    nextUpdate = ContinuousClock.now + .milliseconds(100)
    let width = 30
    let filled = Int(Double(width) * Double(done) / Double(max(total, 1)))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let elapsed = (ContinuousClock.now - start).components.seconds
    Terminal.write("\r\(bar) \(done) of \(total) \(unit), \(elapsed) s")
  }

  deinit {
    if isShown { Self.erase() }
  }

  /// Erases the line.
  static func erase() {
    guard Terminal.isInteractive else { return }
    Terminal.write("\r\u{1B}[K")
  }
}

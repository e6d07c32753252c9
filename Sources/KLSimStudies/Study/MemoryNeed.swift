// SPDX-License-Identifier: GPL-3.0-or-later

/// What a part of a study's memory grows with, by what would make it smaller.
struct MemoryCause: Hashable, Sendable {
  /// What would take less, with keys of the study in backticks.
  let remedy: String

  static let tokens = MemoryCause(remedy: "fewer tokens")
  static let contexts = MemoryCause(remedy: "fewer contexts or tokens")
  static let updates = MemoryCause(remedy: "updates of fewer contexts by `batch`")
  static let histories = MemoryCause(remedy: "a lower order or length, or fewer tokens")
  static let samples = MemoryCause(remedy: "fewer `samples`")
  static let records = MemoryCause(remedy: "fewer epochs in `record`")
  static let snapshots = MemoryCause(remedy: "fewer epochs in `snapshots`")
  static let statistics = MemoryCause(
    remedy: "fewer epochs in `record`, or rows of single runs instead of `aggregate`")
  static let seeds = MemoryCause(remedy: "fewer `seeds`")
  static let chunks = MemoryCause(remedy: "fewer choices or `seeds`")
}

/// Bytes by what they grow with.
struct MemoryParts: Sendable, ExpressibleByDictionaryLiteral {
  private(set) var bytes: [MemoryCause: Double]

  init(dictionaryLiteral parts: (MemoryCause, Double)...) {
    bytes = Dictionary(parts, uniquingKeysWith: +)
  }

  /// The sum of all parts.
  var total: Double { bytes.values.reduce(0, +) }

  static func + (first: MemoryParts, second: MemoryParts) -> MemoryParts {
    var sum = first
    sum.bytes.merge(second.bytes, uniquingKeysWith: +)
    return sum
  }

  static func += (sum: inout MemoryParts, part: MemoryParts) { sum = sum + part }

  static func * (factor: Double, parts: MemoryParts) -> MemoryParts {
    var product = parts
    product.bytes = parts.bytes.mapValues { factor * $0 }
    return product
  }

  /// The larger of two as a whole.
  mutating func formMaximum(_ other: MemoryParts) {
    if other.total > total { self = other }
  }
}

/// About how much memory a study takes, in bytes.
package struct MemoryNeed: Sendable {
  /// What is kept for the whole study, however many items are at work.
  var shared: MemoryParts = [:]
  /// What is kept of all runs for the summary, which a sweep does not have.
  var summary: MemoryParts = [:]
  /// What is kept for all seeds of one setup: numbers for statistics over them.
  var statistics: MemoryParts = [:]
  /// The most that an item takes while it is at work, beside its result.
  var item: MemoryParts = [:]
  /// The largest result of an item, as it waits for those before it.
  var result: MemoryParts = [:]
  /// The most results of later setups that wait for those of the first one.
  var waiting: MemoryParts = [:]
  /// What the rows of a result take while they are written.
  var rows: MemoryParts = [:]
  /// What a chunk of a sweep takes of what is otherwise shared or waits.
  var chunk: MemoryParts = [:]
  /// The number of items.
  var itemCount = 0

  /// What it takes with a number of items at a time, in a sweep each of another chunk.
  func parts(jobs: Int, isSwept: Bool) -> MemoryParts {
    let items = min(jobs, itemCount)
    // As many results as items are at work wait for those before them, unless there is one item at a time.
    let results = items > 1 ? min(Double(itemCount), 2 * Double(items)) : Double(items)
    return shared + Double(items) * item + results * result
      + (isSwept
        ? Double(items) * (statistics + rows + chunk) : statistics + rows + waiting + summary)
  }
}

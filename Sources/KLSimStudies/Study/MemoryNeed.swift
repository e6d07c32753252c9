// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// About how much memory a study takes, in bytes.
package struct MemoryNeed: Sendable {
  /// What is kept for the whole study, however many items are at work.
  package var shared = 0.0
  /// What is kept for all seeds of one setup: numbers for statistics over them.
  package var statistics = 0.0
  /// The most that an item takes beside it while it is at work, with the results that wait for those before it.
  package var item = 0.0
  /// What a chunk of a sweep takes of what is otherwise shared.
  package var chunk = 0.0
  /// The number of items.
  package var itemCount = 0
  /// What would take less, with keys of the study in backticks.
  package var remedies: [String] = []

  /// What it takes with a number of items at a time, in a sweep each of another chunk.
  package func total(jobs: Int, isSwept: Bool) -> Double {
    let jobs = Double(min(jobs, itemCount))
    return shared + jobs * (item + (isSwept ? chunk : 0)) + statistics * (isSwept ? jobs : 1)
  }
}

/// How much memory a process may have, and how it is used.
package struct MemoryLimit: Sendable {
  /// The limit, in bytes.
  package let bytes: Double
  /// What the process has already.
  package let used: Double
  /// The number of items at a time.
  package let jobs: Int
  /// Whether items are chunks of a sweep, each with teachers of its own.
  package let isSwept: Bool

  package init(bytes: Double, used: Double, jobs: Int, isSwept: Bool = false) {
    (self.bytes, self.used, self.jobs, self.isSwept) = (bytes, used, jobs, isSwept)
  }

  /// What the process takes in all.
  package func total(of need: MemoryNeed, jobs: Int? = nil) -> Double {
    used + need.total(jobs: jobs ?? self.jobs, isSwept: isSwept)
  }

  /// Refuses a study that takes more.
  ///
  /// - Throws: `MemoryError`.
  package func check(_ need: MemoryNeed) throws(MemoryError) {
    guard total(of: need) > bytes else { return }
    // By bisection: there may be as many jobs as there are numbers.
    var (fitting, excess) = (0, min(jobs, need.itemCount))
    let most = excess
    while excess - fitting > 1 {
      let middle = fitting + (excess - fitting) / 2
      if total(of: need, jobs: middle) > bytes { excess = middle } else { fitting = middle }
    }
    throw MemoryError(
      needed: total(of: need), limit: bytes, jobs: most,
      fewer: fitting > 0 ? (fitting, total(of: need, jobs: fitting)) : nil,
      remedies: need.remedies)
  }
}

/// A study that would take more memory than it may.
package struct MemoryError: CategorizedError {
  /// What it takes, in bytes.
  package let needed: Double
  /// What it may take.
  package let limit: Double
  /// The number of items at a time.
  package let jobs: Int
  /// The largest number of items at a time that would fit, and what it takes; nil if one is too much.
  package let fewer: (jobs: Int, needed: Double)?
  /// What else would take less, with keys of the study in backticks.
  package let remedies: [String]

  package var category: ErrorCategory { .usage }

  package var description: String {
    "this takes about \(words(bytes: needed)) of memory with \(jobs) job\(jobs == 1 ? "" : "s"), more than"
      + " the \(words(bytes: limit)) that it may take"
  }
}

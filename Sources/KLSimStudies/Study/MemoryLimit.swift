// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// How much memory a process may have, and how it is used.
package struct MemoryLimit: Sendable {
  /// Who sets a limit.
  package enum Source: Equatable, Sendable {
    /// The option `--memory`.
    case option
    /// The machine has no more.
    case machine
    /// A control group of Linux, that of the process or one around it.
    case controlGroup
    /// The limit of the address space, of which so many bytes hold what is mapped and not resident.
    case addressSpace(unused: Double)

    /// What one more thread reserves for its heap in glibc; how many do is chance.
    private static let heap = Double(64 << 20)

    /// What is said of so many bytes, after them.
    package var words: String {
      switch self {
      case .option: "that --memory allows"
      case .machine: "that this machine has"
      case .controlGroup: "that the control group of this process may have"
      case .addressSpace: "that 'ulimit -v' leaves"
      }
    }

    /// What allows so many bytes.
    package func allowance(of bytes: Double) -> String {
      guard case .addressSpace(let unused) = self else { return "--memory allows more" }
      let kibibytes = min(0x1p53, ((bytes + unused + Self.heap) / 1024).rounded(.up))
      return "'ulimit -v \(Int(kibibytes))' allows it"
    }
  }

  /// The limit, in bytes.
  package let bytes: Double
  /// Who sets it.
  package let source: Source
  /// What the process has already.
  package let used: Double
  /// The number of items at a time.
  package let jobs: Int
  /// Whether items are chunks of a sweep, each with teachers of its own.
  package let isSwept: Bool

  package init(bytes: Double, source: Source, used: Double, jobs: Int, isSwept: Bool = false) {
    (self.bytes, self.source, self.used) = (bytes, source, used)
    (self.jobs, self.isSwept) = (jobs, isSwept)
  }

  /// What the process takes in all.
  package func total(of need: MemoryNeed, jobs: Int? = nil) -> Double {
    used + need.parts(jobs: jobs ?? self.jobs, isSwept: isSwept).total
  }

  /// The limit in words, after what would be taken.
  package var excess: String { "more than the \(words(bytes: bytes)) \(source.words)" }

  /// Refuses a study that takes more.
  ///
  /// - Throws: `MemoryError`.
  package func check(_ need: MemoryNeed) throws(MemoryError) {
    guard total(of: need) > bytes else { return }
    // By bisection: there may be as many jobs as there are numbers.
    let most = min(jobs, need.itemCount)
    var (fitting, excess) = (0, most)
    while excess - fitting > 1 {
      let middle = fitting + (excess - fitting) / 2
      if total(of: need, jobs: middle) > bytes { excess = middle } else { fitting = middle }
    }
    throw MemoryError(
      needed: total(of: need), limit: self, jobs: most,
      fewer: fitting > 0 ? (fitting, total(of: need, jobs: fitting)) : nil,
      remedies: Self.remedies(need.parts(jobs: jobs, isSwept: isSwept)))
  }

  /// What would take less: of the largest part, and of others that are a good share of it.
  private static func remedies(_ parts: MemoryParts) -> [String] {
    let ordered = parts.bytes.sorted { ($1.value, $0.key.remedy) < ($0.value, $1.key.remedy) }
    guard let largest = ordered.first?.value, largest > 0 else { return [] }
    return ordered.prefix { 4 * $0.value >= largest }.map(\.key.remedy)
  }
}

/// A study that would take more memory than it may.
package struct MemoryError: CategorizedError {
  /// What it takes, in bytes.
  package let needed: Double
  /// What it may take.
  package let limit: MemoryLimit
  /// The number of items at a time.
  package let jobs: Int
  /// The largest number of items at a time that would fit, and what it takes; nil if one is too much.
  package let fewer: (jobs: Int, needed: Double)?
  /// What else would take less, the most helpful first, with keys of the study in backticks.
  package let remedies: [String]

  package var category: ErrorCategory { .usage }

  package var description: String {
    "this takes about \(words(bytes: needed)) of memory with \(jobs) job\(jobs == 1 ? "" : "s"), \(limit.excess)"
  }
}

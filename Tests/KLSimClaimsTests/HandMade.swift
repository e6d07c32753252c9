// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics

@testable import KLSimCore
@testable import KLSimClaims

/// A cell that has nothing but a name.
struct NamedCell: ClaimCell, CustomStringConvertible {
  let name: String

  init(_ name: String) {
    self.name = name
  }

  static let columns = [Column("cell", .text, "any")]
  var values: [Value] { [.text(name)] }
  var description: String { name }
}

/// Evidence whose counts are given; `chaotic` of the first 32 seeds are, none was probed if it is nil.
func evidence<Cell: ClaimCell>(
  _ cell: Cell, condition: Condition = Condition(), hits: Int, of seeds: Int = 100,
  chaotic: Int? = nil
) throws -> Evidence<Cell> {
  let tally = tally(hits: hits, of: seeds, chaotic: chaotic)
  return try Evidence(
    tally, share: .share(hits: hits, of: seeds), condition: condition, cell: cell)
}

/// Evidence on a cell that has nothing but a name.
func evidence(
  _ name: String = "x", condition: Condition = Condition(), hits: Int, of seeds: Int = 100,
  chaotic: Int? = nil
) throws -> Evidence<NamedCell> {
  try evidence(
    NamedCell(name), condition: condition, hits: hits, of: seeds, chaotic: chaotic)
}

/// The outcomes of seeds whose counts are given.
func tally(hits: Int, of seeds: Int, chaotic: Int? = nil) -> Tally {
  var tally = Tally()
  for seed in 0..<seeds {
    var outcome = Outcome(seed < hits, quantity: Double(seed))
    if seed < 32 { outcome.isChaotic = chaotic.map { seed < $0 } }
    tally.add(outcome)
  }
  return tally
}

/// A claim made of any trials, in which all cells are covered and published but for those that are not.
struct HandMadeClaim: Claim {
  static let name = "hand-made"
  static let statement = "What the test says."
  static let source = "the test"
  static let setting = "whatever the test likes"
  static let quantity = "anything"

  private let uncovered: Set<String>
  private let unpublished: Set<String>
  private let makeTrials: @Sendable () throws -> [Trial<NamedCell>]

  init(
    uncovered: Set<String> = [], unpublished: Set<String> = [],
    _ trials: @escaping @Sendable () throws -> [Trial<NamedCell>]
  ) {
    self.uncovered = uncovered
    self.unpublished = unpublished
    makeTrials = trials
  }

  init() {
    self.init { [] }
  }

  func trials() throws -> [Trial<NamedCell>] { try makeTrials() }

  func covers(_ evidence: Evidence<NamedCell>) -> Bool {
    !uncovered.contains(evidence.cell.name)
  }

  func isPublished(_ evidence: Evidence<NamedCell>) -> Bool {
    !unpublished.contains(evidence.cell.name)
  }

  func boundaries(_ evidence: [Evidence<NamedCell>]) -> [String] {
    [Words.exceptions(in: evidence) { $0.cell.name }]
  }
}

extension Claim {
  /// What the seeds say, with the cells as they are.
  func asked(
    of seeds: Range<UInt64>, jobs: Int = 2, kernels: VectorKernels = .best
  ) async throws -> [Evidence<Cell>] {
    try await TrialRunner(self, seeds: seeds, jobs: jobs, kernels: kernels).evidence()
  }
}

extension FitState {
  /// The student of given logits, by rank, and a teacher of given weights.
  init(_ weights: TeacherWeights, logits: [Double]) throws {
    let teacher = try TeacherDistribution(weights)
    self.init(teacher: teacher, logits: teacher.byRank(logits))
  }

  /// Two distributions by token, without zeros.
  init(p: [Double], q: [Double]) throws {
    try self.init(.linear(p), logits: VectorKernels.best.logarithms(q))
  }
}

extension ClaimCell {
  /// The values as texts.
  var fields: [String] { values.map(\.description) }
}

extension Evidence {
  /// The values as texts.
  var fields: [String] { values().map(\.description) }
}

extension Value {
  /// The type of the column that it belongs in; nil if it does not exist.
  var kind: Column.Kind? {
    switch self {
    case .text: .text
    case .integer: .integer
    case .number: .number
    case .missing: nil
    }
  }
}

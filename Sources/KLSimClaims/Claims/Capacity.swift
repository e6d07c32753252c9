// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Where a student that cannot represent its teacher puts its mass.
struct Capacity: Claim {
  static let name = "capacity"
  static let statement =
    "Trained until it changes no more (2000 epochs), a student that is too small for its teacher (logits"
    + " of low rank over several contexts) has less mass outside the teacher's 95 % nucleus under reverse"
    + " than under forward KL, and is nearer to the teacher in TVD, at every rank."
  static let source =
    "Gu et al., arXiv 2306.08543 (MiniLLM): forward KL makes a small student put mass on the teacher's"
    + " void regions"
  static let setting = "chosen here: mass outside the nucleus at epoch 2000, at every rank"
  static let quantity =
    "the measure's mean over the contexts of the student of rkl minus that of the student of fkl"

  struct Cell: ClaimCell {
    enum Measure: String, Sendable, CaseIterable {
      case voidMass = "void-mass"
      case tvd
    }

    let measure: Measure
    let epoch: Int

    static let columns = [
      Column(
        key: "measure", .text,
        "void-mass: the student's mass outside the teacher's 95 % nucleus; or tvd"
      ),
      Column.epoch,
    ]
    var values: [Value] { [.text(measure.rawValue), Value(epoch)] }
  }

  private static let epochs = [20, 100, 200, 500, 1000, 2000]
  private static let last = 2000
  /// Rank 5 and a bias represent any six contexts.
  private static let ranks = [1, 2, 3, 4]

  func trials() throws -> [Trial<Cell>] {
    try ["dirichlet:size=16:concentration=0.3", "softmax-normal:size=16:sigma=2"].flatMap {
      teacher in
      try Self.ranks.map { rank in
        let condition = Condition(
          teacher: "\(teacher):contexts=6", student: "low-rank:rank=\(rank)", learningRate: 0.05,
          initialization: "student")
        let runs = try PairedRuns(
          condition, objectives: ["rkl", "fkl"], epochs: Self.last,
          metrics: [VoidMassMetric.name], recorded: Self.epochs)
        let questions = Cell.Measure.allCases.flatMap { measure in
          Self.epochs.map { epoch in
            FitQuestion(Cell(measure: measure, epoch: epoch), runs: [0, 1], at: epoch) { records in
              let values = records.map {
                measure == .tvd ? $0.totalVariation : $0.extras[0][0] ?? .nan
              }
              return .smaller(values[0], than: values[1])
            }
          }
        }
        return Trial(condition, runs: runs, questions: questions)
      }
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.epoch == Self.last }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.cell.measure == .voidMass
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let lines = evidence.grouped(by: \.cell.measure).flatMap { measure, own in
      own.grouped(by: \.condition.teacher).map { teacher, own in
        let parts = own.grouped(by: \.cell.epoch).map { epoch, own in
          "\(Words.range(own.map { 100 * $0.observedShare })) % at epoch \(epoch)"
        }
        return "\(measure.rawValue) on \(teacher): rkl's is smaller in "
          + parts.joined(separator: ", ")
      }
    }
    return ["at epoch 2000 \(Words.share(of: evidence.filter(covers)))"] + lines
  }
}

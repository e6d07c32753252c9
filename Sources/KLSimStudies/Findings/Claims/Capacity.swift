// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Which objective serves a student better that is too small for its teacher.
public struct Capacity: Claim {
  public static let name = "capacity"
  public static let statement =
    "A student that is too small for its teacher (logits of low rank over several contexts) ends"
    + " nearer to it in TVD under reverse than under forward KL, at every rank."
  public static let source =
    "Gu et al., arXiv 2306.08543 (MiniLLM): reverse KL for students of low capacity"
  public static let cellColumns = [Column.epoch]
  public static let quantity =
    "mean TVD over the contexts of the student of rkl minus that of the student of fkl"

  private static let epochs = [20, 100, 200]
  /// Less than the 5 that, with a bias, represent any six contexts.
  private static let ranks = [1, 2, 3, 4]

  public init() {}

  public func trials() throws -> [Trial] {
    let last = Self.epochs[Self.epochs.count - 1]
    return try ["dirichlet:size=16:concentration=0.3", "softmax-normal:size=16:sigma=2"].flatMap {
      teacher in
      try Self.ranks.map { rank in
        let condition = Condition(
          teacher: "\(teacher):contexts=6", student: "low-rank:rank=\(rank)", learningRate: 0.05,
          initialization: "student")
        let setups = try ["rkl", "fkl"].map { try condition.setup(objective: $0, epochs: last) }
        let measurement = Measurement(
          heads: [], epochs: { epoch, _ in Self.epochs.contains(epoch) })
        return Trial(condition: condition, cells: Self.epochs.map { [$0.description] }) {
          seeds, kernels in
          try seeds.map { seed in
            let teachers = try setups[0].teacher.distributions(seed: seed)
            let means = try setups.map { setup in
              let batch = try FitBatch(setup, teachers: teachers, context: nil, seeds: [seed])
              var means = ContextMeans()
              return try means.add(batch.run(measurement, kernels: kernels), of: setup)[0]
            }
            return zip(means[0].records, means[1].records).map {
              Outcome.smaller($0.totalVariation, than: $1.totalVariation)
            }
          }
        }
      }
    }
  }

  public func covers(_ evidence: Evidence) -> Bool {
    evidence.cell[0] == Self.epochs[Self.epochs.count - 1].description
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    evidence.byCondition.map { condition, own in
      let shares = own.map { "\(percent($0.observedShare)) at epoch \($0.cell[0])" }
      return
        "\(condition.student) on \(condition.teacher): rkl nearer in \(shares.joined(separator: ", "))"
    }
  }
}

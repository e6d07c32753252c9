// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether the mean of a token's reward, −KL_c, is a baseline that lowers the variance.
struct BaselineVariance: Claim {
  static let name = "baseline"
  static let statement =
    "The baseline -KL(q‖p) of the tokens at each prefix lowers the variance of the policy gradient of the"
    + " reward log p - log q."
  static let source = "arXiv 2605.07865 (vOPD), for the reward of the token alone"
  static let setting =
    "chosen here: gamma = 0, a random tabular teacher of 3 tokens and length 3, a tabular student, every"
    + " start; variances are exact"
  static let quantity = "variance with the baseline over the variance without"

  struct Cell: ClaimCell {
    let baseline: PolicyGradient.Baseline
    let discount: Double

    static let columns = [
      Column(key: "baseline", .text, "what is subtracted from the reward to go"),
      Column(key: "gamma", .number, "discount of later rewards"),
    ]
    var values: [Value] { [.text(baseline.rawValue), .number(discount)] }
  }

  /// At γ = 0 −KL_c is the value function.
  private static let cells =
    [Cell(baseline: .tokenKL, discount: 0), Cell(baseline: .optimal, discount: 0)]
    + [PolicyGradient.Baseline.tokenKL, .value, .optimal].map { Cell(baseline: $0, discount: 1) }
  private static let published = "tabular"
  private static let worlds: [(teacher: String, student: String)] = [
    (published, "tabular"), (published + ":sigma=0.3", "tabular"),
    (published + ":sigma=3", "tabular"), ("tabular:size=10:length=2", "tabular"),
    ("tabular:size=2:length=6", "tabular"),
    ("markov:size=3:length=16", "markov"),
    ("markov:size=3:length=16", "markov:order=0"),
  ]
  private static let starts = [
    "zeros", "normal", "teacher-noise", "teacher-noise:sigma=0.1",
  ]

  func trials() throws -> [Trial<Cell>] {
    try Self.worlds.flatMap { world in
      try Self.starts.map { start in
        let condition = Condition.sequences(
          world.teacher, student: world.student, initialization: start)
        let setup = try condition.sequenceSetup(signal: SequenceReverseKL.name)
        return Trial(condition, cells: Self.cells) { seed, _ in
          let point = try SequencePoint(setup, seed: seed)
          func variance(_ baseline: PolicyGradient.Baseline, _ discount: Double) -> Double {
            PolicyGradientMoments(
              in: point.space, at: point.student, discount: discount, baseline: baseline
            ).variance
          }
          let without: [Double: Double] = [0: variance(.none, 0), 1: variance(.none, 1)]
          return Self.cells.map { cell in
            let ratio = variance(cell.baseline, cell.discount) / (without[cell.discount] ?? .nan)
            return Outcome(ratio < 1, quantity: ratio)
          }
        }
      }
    }
  }

  /// The other baselines are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.baseline == .tokenKL }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.cell.discount == 0
      && evidence.condition.teacher == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let claimed = evidence.filter(covers).grouped(by: \.cell.discount)
    let shares = claimed.map { discount, own in
      let raised = own.grouped(by: \.condition.initialization).map { start, own in
        "from \(start) for \(Words.range(own.map { 100 - 100 * $0.observedShare })) % of seeds"
      }
      return "gamma = \(digits(discount)) \(Words.share(of: own)); it raises the variance"
        + " \(raised.joined(separator: ", "))"
    }
    func ratios(_ own: [Evidence<Cell>]) -> String {
      own.grouped(by: \.condition.initialization).map { start, own in
        "from \(start) \(Words.range(own.compactMap(\.mean)))"
      }.joined(separator: ", ")
    }
    return shares
      + claimed.map { "its variance over that without, gamma = \(digits($0)): \(ratios($1))" }
      + [
        "to compare, gamma = 1: "
          + evidence.filter { !covers($0) && $0.cell.discount == 1 }
          .grouped(by: \.cell.baseline.rawValue).map {
            "\($0) \(Words.share(of: $1)), \(Words.range($1.compactMap(\.mean)))"
          }.joined(separator: "; ")
      ]
  }
}

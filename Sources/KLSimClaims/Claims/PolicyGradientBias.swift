// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether the policy gradient of the reward `log p − log q` is the gradient of sequence reverse KL.
struct PolicyGradientBias: Claim {
  static let name = "pg-unbiased"
  static let statement =
    "The policy gradient of the reward log p - log q to go is an unbiased gradient of KL(q‖p) of sequences,"
    + " whatever the baseline that depends on the prefix alone."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), eq. 2"
  static let setting =
    "random teachers, tabular or Markov, and students of as many logits or fewer, gamma = 1"
  static let kind = ClaimKind.check
  static let quantity = "‖E g - ∇L‖ / ‖∇L‖"

  struct Cell: ClaimCell {
    let baseline: String
    let discount: Double

    static let columns = [
      Column(key: "baseline", .text, "what is subtracted from the reward to go"),
      Column(key: "gamma", .number, "discount of later rewards"),
    ]
    var values: [Value] { [.text(baseline), .number(discount)] }
  }

  private static let baselines = ["none", "token-kl", "value", "optimal"]
  private static let discounts = [1, 0.95, 0.5, 0]
  /// What is left of sums of products is below this.
  private static let rounding = 1e-10

  func trials() throws -> [Trial<Cell>] {
    let reverse = try SequenceCatalog.objective(SequenceReverseKL.name)
    return try [
      Condition.sequences("tabular"),
      .sequences("markov:size=3:length=5", student: "markov:order=0"),
      .sequences("markov:order=2:size=2:length=6:eos=1", student: "markov"),
    ].map { condition in
      let cells = Self.baselines.flatMap { baseline in
        Self.discounts.map { Cell(baseline: baseline, discount: $0) }
      }
      let signals = try cells.map {
        try PreparedSignal(
          "policy-gradient:baseline=\($0.baseline):gamma=\($0.discount)", in: condition)
      }
      return Trial(condition, cells: cells) { seed, _ in
        let point = try SequencePoint(signals[0].setup, seed: seed)
        let exact = try point.gradient(of: reverse)
        let norm = GradientGeometry.length(exact)
        return try signals.map { signal in
          let bias = try signal.comparison(with: exact, at: point).bias / norm
          return Outcome(bias < Self.rounding, quantity: bias)
        }
      }
    }
  }

  /// Without discount; the others are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.discount == 1 }

  /// A theorem holds everywhere.
  func isPublished(_ evidence: Evidence<Cell>) -> Bool { covers(evidence) }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let biased = evidence.filter { !covers($0) }.grouped(by: \.cell.discount).map { discount, own in
      "gamma = \(digits(discount)) \(Words.range(own.compactMap(\.mean).map { 100 * $0 })) %"
    }
    return [
      "with every baseline \(Words.share(of: evidence.filter(covers)))",
      "at no discount below 1: the bias is, of the gradient's length, \(biased.joined(separator: ", "))",
    ]
  }
}

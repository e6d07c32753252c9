// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Which divergences survive as a reward that is held constant.
struct DivergenceRewards: Claim {
  static let name = "f-reward"
  static let statement =
    "Any divergence E_q[h(q/p)] of tokens can be minimised with its h(q/p) as a cost held constant: the"
    + " expected policy gradient at the student's prefixes is the divergence's own."
  static let source =
    "the practice that Zhao et al., arXiv 2606.01039 (OPD+), correct by adding the derivative of h"
  static let setting =
    "chosen here: a random tabular teacher of 3 tokens and length 3, a tabular student, start"
    + " normal:sigma=1, gamma = 0, every divergence; without the correction"
  static let quantity = "‖E g - ∇D‖ / ‖∇D‖; downhill: the cosine of E g and ∇D"

  /// What a cell asks.
  enum Question: String {
    /// E g is the divergence's gradient.
    case equal
    /// A small step against E g lowers the divergence.
    case downhill
  }

  struct Cell: ClaimCell {
    let divergence: String
    let form: String
    let question: Question

    static let columns = [
      Column(key: "divergence", .text, "the divergence of tokens"),
      Column(key: "form", .text, "the cost: h alone, or with its derivative"),
      Column(key: "question", .text, "what is asked of the expected gradient"),
    ]
    var values: [Value] { [.text(divergence), .text(form), .text(question.rawValue)] }
  }

  private static let divergences = [
    "rkl", "fkl", "jeffreys", "js", "tvd", "hellinger", "alpha:alpha=0.3", "chi2-pearson",
    "chi2-neyman",
  ]
  private static let naive = "naive"
  private static let forms = [naive, "corrected"]
  /// What is left of sums of products is below this.
  private static let rounding = 1e-10
  private static let published = Condition.sequences("tabular")

  func trials() throws -> [Trial<Cell>] {
    let choices = Self.divergences.flatMap { divergence in
      Self.forms.map { (divergence: divergence, form: $0) }
    }
    let cells = choices.flatMap { choice in
      [Question.equal, .downhill].map {
        Cell(divergence: choice.divergence, form: choice.form, question: $0)
      }
    }
    let objectives = try Self.divergences.map {
      try SequenceCatalog.objective("gkd:lambda=1:objective=\"\($0)\"")
    }
    return try [
      Self.published,
      .sequences("tabular", initialization: "teacher-noise:sigma=0.2"),
      .sequences("markov:order=2:size=2:length=5:eos=1", student: "markov"),
    ].map { condition in
      let signals = try choices.map {
        try PreparedSignal(
          "f-reward:objective=\"\($0.divergence)\":corrected=\($0.form != Self.naive)",
          in: condition)
      }
      return Trial(condition, cells: cells) { seed, _ in
        let point = try SequencePoint(signals[0].setup, seed: seed)
        let gradients = try objectives.map { try point.gradient(of: $0) }
        return try signals.enumerated().flatMap { place, signal in
          let exact = gradients[place / Self.forms.count]
          let mean = try signal.moments(at: point).mean
          let bias = GradientGeometry.distance(mean, from: exact)
          let cosine = GradientGeometry.cosine(mean, exact)
          return [
            Outcome(bias < Self.rounding, quantity: bias), Outcome(cosine > 0, quantity: cosine),
          ]
        }
      }
    }
  }

  /// Without the correction, which is there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.form == Self.naive && evidence.cell.question == .equal
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func own(_ form: String, _ question: Question) -> [Evidence<Cell>] {
      evidence.filter { $0.cell.form == form && $0.cell.question == question }
    }
    func divergences(_ evidence: [Evidence<Cell>], _ verdict: Verdict) -> String {
      Words.groups(thatAll: verdict, in: evidence, by: \.cell.divergence)
    }
    let (naive, slopes) = (own(Self.naive, .equal), own(Self.naive, .downhill))
    return [
      "\(Words.share(of: naive)): everywhere for \(divergences(naive, .holds))",
      "corrected \(Words.share(of: own("corrected", .equal)))",
      "without the correction a small step lowers the divergence always for"
        + " \(divergences(slopes, .holds)), never for \(divergences(slopes, .fails))",
      "mean cosine without the correction: "
        + slopes.grouped(by: \.cell.divergence).map {
          "\($0) \(Words.span($1.compactMap(\.mean)))"
        }.joined(separator: ", "),
    ]
  }
}

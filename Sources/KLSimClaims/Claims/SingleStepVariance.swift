// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Whether the exact first step of MiniLLM's decomposition lowers the variance.
struct SingleStepVariance: Claim {
  static let name = "single-step-variance"
  static let statement =
    "MiniLLM's single-step decomposition gives the gradient of one sample less total variance than the"
    + " policy gradient."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), section 2.2"
  static let setting =
    "chosen here: a random tabular teacher of 3 tokens and length 3, a tabular student, every start;"
    + " against no baseline; variances are exact"
  static let quantity = "log of the decomposition's variance over that of the policy gradient"

  struct Cell: ClaimCell {
    let baseline: String

    static let columns = [
      Column(key: "baseline", .text, "what the policy gradient subtracts from the reward to go")
    ]
    var values: [Value] { [.text(baseline)] }
  }

  /// The decomposition subtracts nothing; the others are there to compare.
  private static let none = "none"
  private static let baselines = [none, "token-kl", "value"]
  private static let published = "tabular"
  private static let worlds: [(teacher: String, student: String)] = [
    (published, "tabular"), ("tabular:size=2:length=2", "tabular"),
    ("tabular:size=8:length=2", "tabular"), ("tabular:size=2:length=6", "tabular"),
    ("tabular:length=4", "tabular"),
    ("markov:size=3:length=4:eos=2", "markov:order=0"),
  ]
  private static let starts = [
    "zeros", "normal", "teacher-noise", "teacher-noise:sigma=0.1",
  ]

  func trials() throws -> [Trial<Cell>] {
    let cells = Self.baselines.map(Cell.init)
    return try Self.worlds.flatMap { world in
      try Self.starts.map { start in
        let condition = Condition.sequences(
          world.teacher, student: world.student, initialization: start)
        let decomposed = try PreparedSignal("minillm:alpha=0", in: condition)
        let plain = try Self.baselines.map {
          try PreparedSignal("policy-gradient:baseline=\($0)", in: condition)
        }
        return Trial(condition, cells: cells) { seed, kernels in
          let point = try SequencePoint(decomposed.setup, seed: seed)
          let variances = try ([decomposed] + plain).map { try $0.moments(at: point).variance }
          let logs = kernels.logarithms(variances)
          return logs.dropFirst().map { .smaller(logs[0], than: $0) }
        }
      }
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.baseline == Self.none }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let claimed = evidence.filter(covers)
    func ratios(_ own: [Evidence<Cell>]) -> String { Words.span(own.compactMap(\.mean)) }
    return [
      Words.shares(of: claimed) { "from \($0.condition.initialization)" },
      "by teacher: " + Words.shares(of: claimed) { $0.condition.teacher },
      "mean log ratio of variances: "
        + claimed.grouped(by: \.condition.initialization).map { "from \($0) \(ratios($1))" }
        .joined(separator: ", "),
      "to compare, the policy gradient with a baseline: "
        + evidence.filter { !covers($0) }.grouped(by: \.cell.baseline).map {
          "\($0) \(Words.share(of: $1)), mean log ratio \(ratios($1))"
        }.joined(separator: "; "),
    ]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether MiniLLM's published code follows the gradient of its paper.
struct MiniLLMCode: Claim {
  static let name = "minillm-code-vs-paper"
  static let statement =
    "The expected gradient of MiniLLM's published code has the direction of the paper's, that of KL(q‖p) of"
    + " sequences: their cosine is above 0.99."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), and its published code"
  static let setting =
    "chosen here: a random tabular teacher of 3 tokens and length 3, a tabular student, start"
    + " normal:sigma=1; all differences together"
  static let quantity = "cosine of E g and ∇L; bias: ‖E g - ∇L‖ / ‖∇L‖"
  static let maximumSeeds = 128

  /// What a cell asks.
  enum Question: String {
    /// The cosine with the exact gradient is above 0.99.
    case direction
    /// The bias is below 5 % of the exact gradient's length.
    case bias
  }

  struct Cell: ClaimCell {
    let part: String
    let question: Question

    static let columns = [
      Column(key: "part", .text, "what differs from the paper"),
      Column(key: "question", .text, "what is asked of the expected gradient"),
    ]
    var values: [Value] { [.text(part), .text(question.rawValue)] }
  }

  private static let code =
    "form=code:weights=exact:gamma=1:length-norm=false:whiten=false:reward-scale=1:reward-clip=0"
    + ":reduction=seq-mean-token-sum"
  private static let together = ["all", "all, on-policy"]
  /// The keys of `minillm` by part.
  private static let parts: [(name: String, keys: String)] = [
    ("nothing", "alpha=0"), ("R_t beside the exact step", "alpha=0:\(code)"),
    ("discount 0.95", "alpha=0:gamma=0.95"), ("rewards doubled", "alpha=0:reward-scale=0.5"),
    ("mean of rewards", "alpha=0:length-norm=true"), ("whitened", "alpha=0:whiten=true"),
    ("mean over tokens", "alpha=0:reduction=token-mean"), ("token weights", "weights=token"),
    ("token weights, clipped", "weights=token:ratio-clip=0.2"), (together[0], "form=code"),
    (together[1], "form=code:alpha=0"),
  ]
  /// The samples of a step, on which whitening and means over tokens depend.
  private static let samples = 64
  private static let published = Condition.sequences("tabular")

  func trials() throws -> [Trial<Cell>] {
    let reverse = try SequenceCatalog.objective(SequenceReverseKL.name)
    let cells = Self.parts.flatMap { part in
      [Question.direction, .bias].map { Cell(part: part.name, question: $0) }
    }
    return try [
      Self.published,
      .sequences("tabular", initialization: "teacher-noise:sigma=0.2"),
      .sequences("tabular:size=2:length=6"),
      .sequences("markov:order=2:size=3:length=4:eos=2", student: "markov"),
    ].map { condition in
      let signals = try Self.parts.map {
        try PreparedSignal("minillm:\($0.keys)", in: condition, samples: Self.samples)
      }
      return Trial(condition, cells: cells) { seed, _ in
        let point = try SequencePoint(signals[0].setup, seed: seed)
        let exact = try point.gradient(of: reverse)
        return try signals.flatMap { signal in
          let mean = try signal.moments(at: point).mean
          let cosine = GradientGeometry.cosine(mean, exact)
          let bias = GradientGeometry.distance(mean, from: exact)
          return [Outcome(cosine > 0.99, quantity: cosine), Outcome(bias < 0.05, quantity: bias)]
        }
      }
    }
  }

  /// The direction of all differences together; the parts are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.question == .direction && Self.together.contains(evidence.cell.part)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.cell.part == Self.together[0]
      && evidence.condition == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func means(_ own: [Evidence<Cell>]) -> String {
      own.grouped(by: \.cell.part).map { "\($0) \(Words.range($1.compactMap(\.mean)))" }
        .joined(separator: ", ")
    }
    let direction = evidence.filter { $0.cell.question == .direction }
    let others = direction.filter { !covers($0) }
    func parts(_ verdict: Verdict) -> String {
      Words.groups(thatAll: verdict, in: others, by: \.cell.part)
    }
    return [
      "with " + Words.shares(of: direction.filter(covers), by: \.cell.part),
      "mean cosine of all together: \(means(direction.filter(covers)))",
      "one by one everywhere with \(parts(.holds)), nowhere with \(parts(.fails))",
      "mean cosine: \(means(others))",
      "mean bias over the gradient's length: "
        + means(evidence.filter { $0.cell.question == .bias }),
    ]
  }
}

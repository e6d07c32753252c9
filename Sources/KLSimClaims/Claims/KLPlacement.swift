// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whose gradient an estimate of reverse KL has, as a loss and as a reward, and where training ends.
struct KLPlacement: Claim {
  static let name = "kl-placement"
  static let statement =
    "k3 as a loss descends reverse KL: differentiated at samples of the student, its expected gradient is"
    + " that of KL(q‖p) of tokens, and training ends nearer to its end than to forward KL's."
  static let source =
    "Shao et al., arXiv 2402.03300 (GRPO), eq. 4, and trainers after it, e.g. low_var_kl of verl"
  static let setting =
    "chosen here: a random tabular teacher of 3 tokens and length 3, a tabular student, start"
    + " normal:sigma=1; the gradient, without clamp and clamped at 10"
  static let quantity =
    "‖E g - ∇D‖ / ‖∇D‖; downhill: <E g, ∇D> / ‖∇D‖²; end: share of the way from reverse to forward KL"
  static let maximumSeeds = 128

  /// What a cell asks.
  enum Question: String, CaseIterable {
    /// E g is the gradient of KL(q‖p) of tokens at the student's prefixes.
    case reverse
    /// It is that of KL(p‖q) there.
    case forward
    /// A small step against E g lowers KL(q‖p) of tokens at these prefixes.
    case downhill
    /// After training the student's seq-fkl and seq-rkl are nearer to those of one that descends KL(q‖p) of
    /// tokens exactly than to those of one that descends KL(p‖q).
    case end
  }

  struct Cell: ClaimCell {
    let estimator: String
    let place: String
    let clamp: Double
    let question: Question

    static let columns = [
      Column(key: "estimator", .text, "which estimate of reverse KL"),
      Column(key: "place", .text, "whether it is differentiated or a reward"),
      Column(key: "clamp", .number, "above which it is cut off; 0: never"),
      Column(key: "question", .text, "what is asked"),
    ]
    var values: [Value] {
      [.text("k\(estimator)"), .text(place), .number(clamp), .text(question.rawValue)]
    }
  }

  private struct Choice: Hashable {
    let estimator: String
    let place: String
    let clamp: Double

    var signal: String { "kl-estimator:k=\(estimator):place=\(place):clamp=\(clamp)" }
    func cell(_ question: Question) -> Cell {
      Cell(estimator: estimator, place: place, clamp: clamp, question: question)
    }
  }

  private static let choices = ["1", "2", "3"].flatMap { estimator in
    ["loss", "reward"].flatMap { place in
      [0.0, 10].map { Choice(estimator: estimator, place: place, clamp: $0) }
    }
  }
  /// What is left of sums of products is below this.
  private static let rounding = 1e-10
  private static let exact = ["rkl", "fkl"].map { "gkd:lambda=1:objective=\($0)" }
  private static let published = Condition.sequences("tabular")

  func trials() throws -> [Trial<Cell>] {
    try [
      Self.published,
      .sequences("tabular:sigma=4", initialization: "normal:sigma=4"),
      .sequences("markov:size=3:length=4", student: "markov:order=0"),
      .sequences("markov:order=2:size=2:length=5:eos=1", student: "markov"),
    ].map(Self.gradients)
      + [
        .sequences(
          "markov:length=5:sigma=2", student: "markov:order=0", learningRate: 0.05),
        .sequences(
          "markov:order=2:size=3:length=6:sigma=2", student: "markov", learningRate: 0.05),
      ].map(Self.training)
  }

  private static func gradients(_ condition: Condition) throws -> Trial<Cell> {
    let objectives = try exact.map { try SequenceCatalog.objective($0) }
    let questions: [Question] = [.reverse, .forward, .downhill]
    let cells = choices.flatMap { choice in questions.map(choice.cell) }
    let signals = try choices.map { try PreparedSignal($0.signal, in: condition) }
    return Trial(condition, cells: cells) { seed, _ in
      let point = try SequencePoint(signals[0].setup, seed: seed)
      let gradients = try objectives.map { try point.gradient(of: $0) }
      return try signals.flatMap { signal in
        let mean = try signal.moments(at: point).mean
        let distances = gradients.map { GradientGeometry.distance(mean, from: $0) }
        let slope =
          GradientGeometry.cosine(mean, gradients[0]) * GradientGeometry.length(mean)
          / GradientGeometry.length(gradients[0])
        return distances.map { Outcome($0 < rounding, quantity: $0) }
          + [Outcome(slope > rounding, quantity: slope)]
      }
    }
  }

  private static func training(_ condition: Condition) throws -> Trial<Cell> {
    func prepared(_ signal: String) throws -> PreparedSignal {
      try PreparedSignal(signal, in: condition, samples: 64, epochs: 300)
    }
    let references = try exact.map(prepared)
    let signals = try choices.map { try prepared($0.signal) }
    return Trial(condition, cells: choices.map { $0.cell(.end) }) { seed, _ in
      func end(_ signal: PreparedSignal) throws -> [Double] {
        let record = try signal.lastRecord(seed: seed)
        return ["seq_fkl", "seq_rkl"].map { record[$0] ?? .nan }
      }
      let ends = try references.map(end)
      return try signals.map { signal in
        let own = try end(signal)
        let distances = ends.map { GradientGeometry.length(zip(own, $0).map { $0 - $1 }) }
        return Outcome(
          distances[0] < distances[1], quantity: distances[0] / (distances[0] + distances[1]))
      }
    }
  }

  /// k3 as a loss: whether its gradient is that of reverse KL, and whether it ends there.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    let cell = evidence.cell
    return cell.estimator == "3" && cell.place == "loss"
      && (cell.question == .reverse || cell.question == .end)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let claimed = evidence.filter(covers)
    func choices(_ question: Question, clamp: Double) -> String {
      let own = evidence.filter { $0.cell.question == question && $0.cell.clamp == clamp }
      return "of "
        + Words.groups(thatAll: .holds, in: own) { "k\($0.cell.estimator) as a \($0.cell.place)" }
    }
    func clamps(_ question: Question) -> String {
      "\(choices(question, clamp: 0)); clamped at 10 \(choices(question, clamp: 10))"
    }
    return [
      "with " + Words.shares(of: claimed, by: \.cell.question.rawValue),
      "the gradient is that of reverse KL \(clamps(.reverse))",
      "it is that of forward KL at the student's prefixes \(clamps(.forward))",
      "a small step lowers reverse KL of tokens \(clamps(.downhill))",
      "training ends nearer to reverse KL than to forward KL \(clamps(.end)); as a loss k3 ends, of the way"
        + " from reverse to forward KL, at \(Words.range(claimed.filter { $0.cell.question == .end }.compactMap(\.mean)))",
    ]
  }
}

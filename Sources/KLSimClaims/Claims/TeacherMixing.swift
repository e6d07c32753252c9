// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether samples of a mixture of teacher and student keep the student out of a trap, and what they cost in
/// bias.
struct TeacherMixing: Claim {
  static let name = "teacher-mixing"
  static let statement =
    "Sampling from a mixture of teacher and student keeps a student that MiniLLM trains from hacking the"
    + " reward: it repeats an overrated phrase less, and has less void mass, than trained on its own samples."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), section 2.2"
  static let setting =
    "chosen here: a trap of 4 nats, a random markov teacher of order 2, 4 tokens and length 10, a student of"
    + " order 1, 32 samples a step, 200 steps; alpha = 0.2, weights of tokens"
  static let quantity =
    "the mixed student's measure minus the on-policy student's; bias: ‖E g - ∇L‖ / ‖∇L‖"
  static let maximumSeeds = 128

  /// What a cell asks.
  enum Question: String {
    /// The bias is below 5 % of the exact gradient's length.
    case bias
    /// Less than on-policy, after training.
    case repetition
    case voidMass = "void_mass"
  }

  struct Cell: ClaimCell {
    let share: Double
    let weights: String
    let question: Question

    static let columns = [
      Column(key: "alpha", .number, "the teacher's share of every token's writer"),
      Column(key: "weights", .text, "the weights of samples"),
      Column(key: "question", .text, "what is asked: the gradient's bias, or a measure at the end"),
    ]
    var values: [Value] { [.number(share), .text(weights), .text(question.rawValue)] }

    var signal: String { "minillm:alpha=\(share):weights=\(weights)" }
  }

  private static let mixtures = [0.2, 0.5].flatMap { share in
    ["exact", "prefix", "token", "one"].map { (share: share, weights: $0) }
  }
  private static let trap = "markov:order=2:length=10:trap=4"
  private static let published = Condition.sequences(trap, student: "markov")

  private static func cells(_ question: Question) -> [Cell] {
    mixtures.map { Cell(share: $0.share, weights: $0.weights, question: question) }
  }

  func trials() throws -> [Trial<Cell>] {
    try [
      .sequences("tabular"),
      .sequences("tabular", initialization: "teacher-noise:sigma=0.2"),
      .sequences("markov:size=3:length=4:eos=2", student: "markov:order=0"),
    ].map(Self.gradients)
      + [Self.published, .sequences(Self.trap, student: "markov:order=2")].map(Self.training)
  }

  private static func gradients(_ condition: Condition) throws -> Trial<Cell> {
    let reverse = try SequenceCatalog.objective(SequenceReverseKL.name)
    let cells = cells(.bias)
    let signals = try cells.map { try PreparedSignal($0.signal, in: condition) }
    return Trial(condition, cells: cells) { seed, _ in
      let point = try SequencePoint(signals[0].setup, seed: seed)
      let exact = try point.gradient(of: reverse)
      return try signals.map { signal in
        let bias = GradientGeometry.distance(try signal.moments(at: point).mean, from: exact)
        return Outcome(bias < 0.05, quantity: bias)
      }
    }
  }

  private static func training(_ condition: Condition) throws -> Trial<Cell> {
    func prepared(_ signal: String) throws -> PreparedSignal {
      try PreparedSignal(signal, in: condition, samples: 32, epochs: 200)
    }
    let cells = cells(.repetition) + cells(.voidMass)
    let onPolicy = try prepared("minillm:alpha=0")
    let mixed = try self.cells(.repetition).map { try prepared($0.signal) }
    return Trial(condition, cells: cells) { seed, _ in
      let base = try onPolicy.lastRecord(seed: seed)
      let ends = try mixed.map { try $0.lastRecord(seed: seed) }
      return [Question.repetition, .voidMass].flatMap { question in
        ends.map {
          Outcome.smaller(
            $0[question.rawValue] ?? .nan, than: base[question.rawValue] ?? .nan)
        }
      }
    }
  }

  /// What training ends with; the bias is there to explain it.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question != .bias }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == Self.published && evidence.cell.share == 0.2
      && evidence.cell.weights == "token"
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func name(_ cell: Cell) -> String { "\(cell.weights) \(digits(cell.share))" }
    func ends(_ question: Question) -> String {
      let own = evidence.filter { $0.cell.question == question }
      let students = own.grouped(by: \.condition.studentWords).map { student, own in
        let weights = own.grouped(by: \.cell.weights).map { "\($0) \(Words.seeds(of: $1))" }
        return "\(student) \(weights.joined(separator: ", "))"
      }
      return
        "less \(question.rawValue) \(Words.share(of: own)): \(students.joined(separator: "; "))"
    }
    let biased = evidence.filter { !covers($0) }
    return [
      ends(.repetition), ends(.voidMass),
      "mean bias over the gradient's length (weights, alpha): "
        + biased.grouped(by: { name($0.cell) }).map {
          "\($0) \(Words.range($1.compactMap(\.mean)))"
        }.joined(separator: ", "),
      "bias below 5 %: " + Words.shares(of: biased, by: \.cell.weights),
    ]
  }
}

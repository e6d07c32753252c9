// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// What division by lengths does to the gradient, and to the length that training ends with.
struct LengthNormalisation: Claim {
  static let name = "length-normalisation"
  static let statement =
    "Rewards divided by their number keep a student of reverse KL from writing too short sequences: it ends"
    + " with longer ones than without the division, and nearer to the teacher's expected length."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), section 2.2"
  static let setting =
    "chosen here: a random markov teacher of order 1, 3 tokens, one of which ends the sequence, and length 12,"
    + " a student of order 0, 32 samples a step, 300 steps; MiniLLM's rewards"
  static let quantity =
    "expected length with less that without; nearer: its distance to the teacher's; direction: cosine"
  static let maximumSeeds = 128

  /// What a cell asks.
  enum Question: String, CaseIterable {
    /// The expected gradient keeps its direction: the cosine with the exact gradient is above 0.99.
    case direction
    /// The student's sequences are longer at the end than without the division.
    case longer
    /// Their expected length is nearer to the teacher's.
    case nearer
  }

  struct Cell: ClaimCell {
    let scheme: String
    let question: Question

    static let columns = [
      Column(key: "scheme", .text, "what is divided by its number of terms"),
      Column(key: "question", .text, "what is asked: of the expected gradient, or at the end"),
    ]
    var values: [Value] { [.text(scheme), .text(question.rawValue)] }
  }

  private struct Scheme {
    let name: String
    let plain: String
    let key: String
    /// The loss of which the gradient is unbiased without the division.
    let exact: String

    var normalized: String { "\(plain):\(key)" }
  }

  private static let tokens = "gkd-samples:lambda=1:objective=rkl"
  private static let exactTokens = "gkd:lambda=1:objective=rkl"
  private static let schemes = [
    Scheme(name: minillm, plain: "minillm:alpha=0", key: "length-norm=true", exact: "seq-rkl"),
    Scheme(
      name: "policy gradient", plain: "policy-gradient", key: "length-norm=true",
      exact: "seq-rkl"),
    Scheme(
      name: "token losses of a sequence", plain: tokens, key: "reduction=seq-mean-token-mean",
      exact: exactTokens),
    Scheme(
      name: "token losses of a step", plain: tokens, key: "reduction=token-mean",
      exact: exactTokens),
  ]
  private static let minillm = "MiniLLM's rewards"
  private static let teacher = "markov:size=3:length=12:eos=2"
  private static let published = Condition.sequences(teacher, student: "markov:order=0")

  func trials() throws -> [Trial<Cell>] {
    try [
      .sequences("tabular:length=4:eos=2"),
      .sequences("markov:size=3:length=4:eos=2", student: "markov:order=0"),
      .sequences("tabular"),
    ].map(Self.gradients)
      + [Self.published, .sequences(Self.teacher, student: "markov")].map(Self.training)
  }

  private static func gradients(_ condition: Condition) throws -> Trial<Cell> {
    let objectives = try schemes.map { try SequenceCatalog.objective($0.exact) }
    let signals = try schemes.map {
      try PreparedSignal($0.normalized, in: condition, samples: 64)
    }
    let cells = schemes.map { Cell(scheme: $0.name, question: .direction) }
    return Trial(condition, cells: cells) { seed, _ in
      let point = try SequencePoint(signals[0].setup, seed: seed)
      return try zip(signals, objectives).map { signal, objective in
        let cosine = GradientGeometry.cosine(
          try signal.moments(at: point).mean, try point.gradient(of: objective))
        return Outcome(cosine > 0.99, quantity: cosine)
      }
    }
  }

  private static func training(_ condition: Condition) throws -> Trial<Cell> {
    func prepared(_ signal: String) throws -> PreparedSignal {
      try PreparedSignal(signal, in: condition, samples: 32, epochs: 300)
    }
    let plain = try schemes.map { try prepared($0.plain) }
    let normalized = try schemes.map { try prepared($0.normalized) }
    let cells = schemes.flatMap { scheme in
      [Question.longer, .nearer].map { Cell(scheme: scheme.name, question: $0) }
    }
    return Trial(condition, cells: cells) { seed, _ in
      let point = try SequencePoint(plain[0].setup, seed: seed)
      let goal = Occupancy(of: .teacher, in: point.space, student: point.student).expectedLength
      return try zip(plain, normalized).flatMap { plain, normalized in
        let lengths = try [normalized, plain].map {
          try $0.lastRecord(seed: seed)["length"] ?? .nan
        }
        return [
          Outcome(lengths[0] > lengths[1], quantity: lengths[0] - lengths[1]),
          .smaller(abs(lengths[0] - goal), than: abs(lengths[1] - goal)),
        ]
      }
    }
  }

  /// What training ends with; the direction is there to explain it.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question != .direction }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == Self.published
      && evidence.cell.scheme == Self.minillm
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func line(_ question: Question) -> String {
      let schemes = evidence.filter { $0.cell.question == question }.grouped(by: \.cell.scheme).map
      {
        "\($0) \(Words.seeds(of: $1)), by \(Words.span($1.compactMap(\.mean))) tokens"
      }
      return "\(question.rawValue): \(schemes.joined(separator: "; "))"
    }
    return [
      "with " + Words.shares(of: evidence.filter(covers), by: \.cell.question.rawValue),
      line(.longer), line(.nearer),
      "the expected gradient keeps its direction (mean cosine): "
        + evidence.filter { !covers($0) }.grouped(by: \.cell.scheme).map {
          "\($0) \(Words.share(of: $1)) (\(Words.range($1.compactMap(\.mean))))"
        }.joined(separator: ", "),
    ]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether reverse KL of sequences keeps a small student off what the teacher would hardly write.
struct SequenceModeSeeking: Claim {
  static let name = "seq-mode-seeking"
  static let statement =
    "A student with less capacity than its teacher has less void mass, on sequences to which the teacher gives"
    + " less than 1/100 of uniform, when it is trained by KL(q‖p) of sequences than by KL(p‖q)."
  static let source = "Gu et al., arXiv 2306.08543 (MiniLLM), the motivation of reverse KL"
  static let setting =
    "chosen here: random Markov teacher of order 2, 3 tokens, length 6, logits of sd 2, students of order 1"
    + " and 0; 500 updates by exact gradients"
  static let quantity =
    "less: void mass, entropy or TVD by KL(q‖p) minus that by KL(p‖q); excess: void mass minus the teacher's"

  struct Cell: ClaimCell {
    enum Question: String, Sendable {
      case less, excess
    }

    let question: Question
    let measure: String
    let signal: String

    static let columns = [
      Column(
        key: "question", .text,
        "less: KL(q‖p) gives less of the measure than KL(p‖q); excess: a signal gives more than the"
          + " teacher has"),
      Column(key: "measure", .text, "what is compared"),
      Column(key: "signal", .text, "what the student is trained by"),
    ]
    var values: [Value] { [.text(question.rawValue), .text(measure), .text(signal)] }
  }

  private static let void = "void_mass"
  private static let signals = [SequenceForwardKL.name, SequenceReverseKL.name]
  private static let cells =
    [void, "entropy", "seq_tvd"].map {
      Cell(question: .less, measure: $0, signal: SequenceReverseKL.name)
    } + signals.map { Cell(question: .excess, measure: void, signal: $0) }
  private static let epochs = 500
  private static let near = "teacher-noise:sigma=0.1"
  private static let published = "markov:order=2:size=3:length=6:sigma=2"
  private static let smaller = ["markov", "markov:order=0"]
  private static let worlds: [(teacher: String, full: String)] = [
    (published, "markov:order=2"),
    ("markov:order=2:size=3:length=6", "markov:order=2"),
    ("markov:order=2:size=3:length=6:sigma=4", "markov:order=2"),
    ("markov:order=2:length=5:sigma=2", "markov:order=2"),
    ("tabular:length=5:sigma=2", "tabular"),
  ]
  static let maximumSeeds = 128

  func trials() throws -> [Trial<Cell>] {
    try Self.worlds.flatMap { world in
      let full = Condition.annealed(world.teacher, world.full)
      let smaller =
        Self.smaller.map { Condition.annealed(world.teacher, $0) } + [
          Condition.annealed(world.teacher, "low-rank:order=2:rank=1", start: "student")
        ]
      let conditions =
        world.teacher == Self.published
        ? smaller + [full, Condition.annealed(world.teacher, Self.smaller[0], start: Self.near)]
        : smaller
      // The student that is its teacher.
      let teacher = try PreparedSignal(
        Self.signals[0],
        in: Condition.annealed(world.teacher, world.full, start: "teacher-noise:sigma=0"))
      return try conditions.map { condition in
        let signals = try Self.signals.map {
          try PreparedSignal($0, in: condition, epochs: Self.epochs)
        }
        return Trial(condition, cells: Self.cells) { seed, _ in
          let own = try teacher.lastRecord(seed: seed)
          let records = Dictionary(
            uniqueKeysWithValues: try zip(Self.signals, signals).map {
              ($0, try $1.lastRecord(seed: seed))
            })
          return Self.cells.map { cell in
            func value(_ signal: String) -> Double { records[signal]?[cell.measure] ?? .nan }
            switch cell.question {
            case .less: return .smaller(value(Self.signals[1]), than: value(Self.signals[0]))
            case .excess:
              let excess = value(cell.signal) - (own[cell.measure] ?? .nan)
              return Outcome(excess > 0, quantity: excess)
            }
          }
        }
      }
    }
  }

  /// Void mass of students with less capacity than the teacher.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    let cell = evidence.cell
    return cell.question == .less && cell.measure == Self.void && !Self.isFull(evidence.condition)
  }

  private static func isFull(_ condition: Condition) -> Bool {
    worlds.contains { $0.teacher == condition.teacher && $0.full == condition.student }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence)
      && Self.smaller.map { Condition.annealed(Self.published, $0) }.contains(evidence.condition)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func words(_ own: [Evidence<Cell>], sign: Double) -> String {
      own.filter { !Self.isFull($0.condition) }.grouped(by: \.condition.studentWords).map {
        student, own in
        "\(student) \(Words.seeds(of: own)), by \(Words.span(own.compactMap(\.mean).map { sign * $0 }))"
      }.joined(separator: "; ")
    }
    let less = evidence.filter { $0.cell.question == .less }.grouped(by: \.cell.measure)
    let excess = evidence.filter { $0.cell.question == .excess }.grouped(by: \.cell.signal)
    return less.map { "less \($0) by KL(q‖p) than by KL(p‖q): \(words($1, sign: -1))" }
      + excess.map { "more void mass by \($0) than the teacher has: \(words($1, sign: 1))" }
  }
}

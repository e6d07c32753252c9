// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// What prefixes and what the direction of KL decide of a student that cannot be its teacher.
struct PrefixDirection: Claim {
  static let name = "prefix-direction"
  static let statement =
    "The source of the prefixes and the direction of the KL of tokens are two choices: the student's prefixes"
    + " give the lower KL(q‖p) of sequences and the teacher's the lower KL(p‖q), whatever the direction;"
    + " reverse KL gives the lower entropy and the lower void mass, whatever the prefixes."
  static let source =
    "the four objectives: Zhao et al., arXiv 2605.16826; the predicates are chosen here"
  static let setting =
    "chosen here: random Markov teacher of order 2, 3 tokens, length 6, logits of sd 2, students of order 1;"
    + " 300 updates by exact gradients"
  static let quantity =
    "seq_fkl and seq_rkl in nats, entropy in nats a token, void mass: of the claimed lesser minus the other"

  struct Cell: ClaimCell {
    /// What is claimed to be less.
    enum Comparison: String, Sendable, CaseIterable {
      case studentPrefixes = "student-prefixes"
      case teacherPrefixes = "teacher-prefixes"
      case reverse
    }

    let measure: String
    let comparison: Comparison
    /// What is the same in both: the direction, or whose prefixes.
    let common: String

    static let columns = [
      Column(key: "measure", .text, "what is less"),
      Column(
        key: "comparison", .text,
        "with what: the student's prefixes, not the teacher's, or the other way round; reverse KL of"
          + " tokens, not forward"),
      Column(key: "common", .text, "the direction, or whose prefixes, of both"),
    ]
    var values: [Value] { [.text(measure), .text(comparison.rawValue), .text(common)] }

    /// The claimed lesser and the other, as λ and objective of `gkd`.
    var pair: [(lambda: Int, objective: String)] {
      switch comparison {
      case .studentPrefixes: [(1, common), (0, common)]
      case .teacherPrefixes: [(0, common), (1, common)]
      case .reverse: ["rkl", "fkl"].map { (common == "student" ? 1 : 0, $0) }
      }
    }
  }

  private static let cells =
    ["fkl", "rkl"].flatMap { direction in
      [
        Cell(measure: "seq_rkl", comparison: .studentPrefixes, common: direction),
        Cell(measure: "seq_fkl", comparison: .teacherPrefixes, common: direction),
        Cell(measure: "void_mass", comparison: .studentPrefixes, common: direction),
      ]
    }
    + ["teacher", "student"].flatMap { side in
      ["entropy", "void_mass"].map { Cell(measure: $0, comparison: .reverse, common: side) }
    }
  private static let signals = [0, 1].flatMap { lambda in
    ["fkl", "rkl"].map { (lambda: lambda, objective: $0) }
  }
  private static let epochs = 300
  private static let published = Condition.annealed(
    "markov:order=2:size=3:length=6:sigma=2", "markov")
  static let maximumSeeds = 128

  func trials() throws -> [Trial<Cell>] {
    let conditions = [
      Self.published,
      Condition.annealed("markov:order=2:size=3:length=6:sigma=2", "markov:order=0"),
      Condition.annealed(
        "markov:order=2:size=3:length=6:sigma=2", "low-rank:order=2:rank=1", start: "student"),
      Condition.annealed("markov:order=2:size=3:length=6", "markov"),
      Condition.annealed("markov:length=6:sigma=2", "markov:order=0"),
      Condition.annealed("markov:size=3:length=8:sigma=2:eos=0", "markov:order=0"),
    ]
    return try conditions.map { condition in
      let signals = try Self.signals.map {
        try PreparedSignal(
          "gkd:lambda=\($0.lambda):objective=\($0.objective)", in: condition, epochs: Self.epochs)
      }
      return Trial(condition, cells: Self.cells) { seed, _ in
        let records = try signals.map { try $0.lastRecord(seed: seed) }
        return Self.cells.map { cell in
          let values = cell.pair.map { choice in
            let place = Self.signals.firstIndex { $0 == choice }
            return place.flatMap { records[$0][cell.measure] } ?? .nan
          }
          return .smaller(values[0], than: values[1])
        }
      }
    }
  }

  /// What the statement is about.
  ///
  /// KL(p‖q) of sequences is forward KL at the teacher's prefixes, so that no student has less; and it says
  /// nothing of the void mass that prefixes make.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    let cell = evidence.cell
    return (cell.measure != "seq_fkl" || cell.common != "fkl")
      && (cell.measure != "void_mass" || cell.comparison == .reverse)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped { [$0.cell.measure, $0.cell.comparison.rawValue] }.map { key, own in
      let isReverse = key[1] == Cell.Comparison.reverse.rawValue
      let parts = own.grouped(by: \.cell.common).map { common, own in
        "\(isReverse ? "at the \(common)'s prefixes" : "with \(common)") \(Words.share(of: own)),"
          + " \(Words.seeds(of: own)), by \(Words.span(own.compactMap(\.mean).map { -$0 }))"
      }
      return
        "less \(key[0]) by \(isReverse ? "reverse KL" : key[1]): \(parts.joined(separator: "; "))"
    }
  }
}

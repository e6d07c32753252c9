// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// Whether the first tokens of the student's sequences teach it nearly everything, and the last ones nothing.
struct PositionBias: Claim {
  static let name = "position"
  static let statement =
    "Trained by reverse KL of tokens at the first 30 % of the positions of its own sequences, a student gains"
    + " at least 80 % of what all positions give; at the last 30 %, at most 20 %."
  static let source =
    "Xie et al., arXiv 2606.22600: comparable with the first 30 %, barely anything with the last 30 %; the"
    + " numbers are chosen here"
  static let setting =
    "chosen here: random Markov teacher of order 4, 2 tokens, length 20, student of the same order, 100 updates"
    + " of Adam at 0.1 by exact gradients"
  static let quantity = "decrease of KL(q‖p) of sequences over that with all positions"

  struct Cell: ClaimCell {
    let part: String
    let epoch: Int

    static let columns = [
      Column(
        key: "part", .text, "which 30 % of the positions count; of 7 the first 2 or the last 3"),
      Column.epoch,
    ]
    var values: [Value] { [.text(part), Value(epoch)] }
  }

  private static let parts = ["first", "last"]
  private static let epochs = [25, last]
  private static let last = 100
  private static let most = 0.8
  private static let least = 0.2
  private static let near = "teacher-noise"
  private static let published = "markov:order=4:size=2:length=20"
  private static let worlds: [(teacher: String, student: String)] = [
    (published, "markov:order=4"), ("markov:order=2:size=3:length=20", "markov"),
    ("markov:size=6:length=20", "markov"), ("tabular:size=2:length=7", "tabular"),
  ]
  static let maximumSeeds = 128

  func trials() throws -> [Trial<Cell>] {
    let reverse = try SequenceCatalog.objective(SequenceReverseKL.name)
    return try Self.worlds.flatMap { world in
      let starts = ["normal"] + (world.teacher == Self.published ? [Self.near] : [])
      return try starts.map { start in
        let condition = Condition.sequences(
          world.teacher, student: world.student, initialization: start)
        func signal(_ part: String, _ epochs: Int) throws -> PreparedSignal {
          try PreparedSignal(
            "gkd:lambda=1:objective=rkl:part=\(part)", in: condition, epochs: epochs)
        }
        let all = try Self.epochs.map { try signal("all", $0) }
        let own = try Self.parts.map { part in try Self.epochs.map { try signal(part, $0) } }
        let cells = Self.parts.flatMap { part in
          Self.epochs.map { Cell(part: part, epoch: $0) }
        }
        return Trial(condition, cells: cells) { seed, _ in
          let point = try SequencePoint(all[0].setup, seed: seed)
          var evaluator = try reverse.component.evaluator(in: point.space)
          var gradient = point.student.logits
          let start = evaluator.loss(at: point.student, gradient: &gradient)
          func decrease(_ signal: PreparedSignal) throws -> Double {
            start - evaluator.loss(at: try signal.lastStudent(seed: seed), gradient: &gradient)
          }
          let most = try all.map(decrease)
          return try zip(Self.parts, own).flatMap { part, signals in
            try zip(signals, most).map { signal, most in
              let share = try decrease(signal) / most
              return Outcome(
                part == Self.parts[0] ? share >= Self.most : share <= Self.least, quantity: share)
            }
          }
        }
      }
    }
  }

  /// Once it is trained.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.epoch == Self.last }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped { [$0.cell.part, $0.cell.epoch.description] }.map { key, own in
      let parts = own.grouped(by: \.condition.teacher).map { teacher, own in
        "\(teacher) \(Words.seeds(of: own)), gain \(Words.span(own.compactMap(\.mean)))"
      }
      return "\(key[0]) 30 %, epoch \(key[1]): \(parts.joined(separator: "; "))"
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Whether the most probable tokens of a teacher suffice.
struct Truncation: Claim {
  static let name = "truncation"
  static let statement =
    "The k most probable tokens of a teacher teach what the whole teacher does: the gradient at the"
    + " start has a cosine above 0.99 with that of forward KL over all tokens, and after 200 epochs"
    + " the error over the other tokens is below 0.01."
  static let source =
    "the practice of storing few logits, e.g. Peng et al., arXiv 2410.16215 (the top 95 % of the mass);"
    + " refuted by Anshumann et al., arXiv 2503.16870, who show its bias and sample instead"
  static let setting =
    "the top 95 % of the mass, teacher renormalised; chosen here: longtail, Adam at 0.2"
  static let quantity =
    "for gradient the cosine with forward KL's, for tail the sum of |p - q| over the other tokens"

  struct Cell: ClaimCell {
    enum Property: String, Sendable, CaseIterable {
      case gradient, tail
    }

    let mode: String
    let count: Int
    let keptMass: Double
    let property: Property
    /// Whether these are the fewest tokens with 95 % of the mass, as the source has it.
    let isPublishedCount: Bool

    static let columns = [
      Column(key: "mode", .text, "what becomes of the other tokens"),
      Column(key: "k", .integer, "number of tokens kept"),
      Column(key: "kept_mass", .number, "the teacher's mass on them, to six digits"),
      Column(
        key: "property", .text, "gradient: its cosine at the start; tail: the error at the end"),
    ]
    var values: [Value] {
      [.text(mode), Value(count), .number(rounded(keptMass)), .text(property.rawValue)]
    }
  }

  private static let modes = ["truncate", "renormalize-teacher", "renormalize", "bucket"]
  private static let published = (mode: "renormalize-teacher", mass: 0.95)
  private static let epochs = 200

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "zipf:size=80"], optimizers: [("adam", 0.2)]
    ).map { condition in
      let teacher = try Catalog.teacher(condition.teacher).distribution(seed: 1)
      let published = Self.publishedCount(of: teacher)
      let counts = Set([1, 5, 10, 20, 40, published]).filter { $0 < teacher.size }.sorted()
      let choices = Self.modes.flatMap { mode in counts.map { (mode: mode, count: $0) } }
      let specifications = choices.map { "topk-kl:k=\($0.count):mode=\($0.mode)" }
      let runs = try PairedRuns(
        condition, objectives: specifications, epochs: Self.epochs,
        heads: counts.map { "count=\($0)" }, recorded: [Self.epochs], snapshots: [0])
      let whole = try Catalog.objective("fkl").component
      let questions = try choices.enumerated().flatMap { run, choice in
        let objective = try Catalog.objective(specifications[run]).component
        func cell(_ property: Cell.Property) -> Cell {
          Cell(
            mode: choice.mode, count: choice.count,
            keptMass: teacher.cumulative[choice.count - 1], property: property,
            isPublishedCount: choice.count == published)
        }
        return [
          FitQuestion(cell(.gradient), of: []) { fits in
            let state = fits[run].state(0)
            let cosine = GradientGeometry.cosine(
              objective.evaluate(at: state).gradient, whole.evaluate(at: state).gradient)
            return Outcome(cosine > 0.99, quantity: cosine)
          },
          FitQuestion(cell(.tail), runs: [run], at: Self.epochs) { records in
            let tail = records[0].heads[run % counts.count].tail
            return Outcome(tail < 0.01, quantity: tail)
          },
        ]
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  /// The fewest tokens that hold 95 % of the mass.
  private static func publishedCount(of teacher: TeacherDistribution) -> Int {
    MassHead(mass: published.mass, rule: .inclusive).headCount(of: teacher)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.mode == Self.published.mode
      && evidence.cell.isPublishedCount
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter(isPublished)
    let parts = published.map { "\($0.cell.property.rawValue) in \(percent($0.observedShare))" }
    let lines = evidence.grouped(by: \.cell.mode).map { mode, own in
      let parts = own.grouped(by: \.cell.property).map { property, own in
        let held = own.filter { $0.verdict == .holds }
        let masses = Words.range(held.map(\.cell.keptMass))
        return "\(property.rawValue) "
          + (held.isEmpty ? "at no k" : "where the kept mass is \(masses)")
      }
      return "\(mode): \(parts.joined(separator: ", "))"
    }
    return [
      "\(PaperSettings.longTail.place), the top 95 % of the mass, \(Self.published.mode):"
        + " \(parts.joined(separator: ", "))"
    ] + lines
  }
}

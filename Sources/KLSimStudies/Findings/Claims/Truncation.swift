// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// What is lost with a teacher's tail.
public struct Truncation: Claim {
  public static let name = "truncation"
  public static let statement =
    "The k most probable tokens of a teacher teach what the whole teacher does: the gradient at the"
    + " start has a cosine above 0.99 with that of forward KL over all tokens, and after 200 epochs"
    + " the error over the other tokens is below 0.01."
  public static let source = "the practice of storing top-k logits, e.g. arXiv 2503.16870"
  public static let cellColumns = [
    Column("mode", .text, "what becomes of the other tokens"),
    Column("k", .integer, "number of tokens kept"),
    Column("kept_mass", .number, "the teacher's mass on them, to six digits"),
    Column("property", .text, "gradient: its cosine at the start; tail: the error at the end"),
  ]
  public static let quantity =
    "for gradient the cosine with forward KL's, for tail the sum of |p - q| over the other tokens"

  private static let modes = ["truncate", "renormalize-teacher", "renormalize", "bucket"]

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "zipf:size=80"], optimizers: [("adam", 0.2)]
    ).map { condition in
      let teacher = try Catalog.teacher(condition.teacher).distribution(seed: 1)
      let counts = [1, 5, 10, 20, 40].filter { $0 < teacher.size }
      let choices = Self.modes.flatMap { mode in counts.map { (mode: mode, k: $0) } }
      let specifications = choices.map { "topk-kl:k=\($0.k):mode=\($0.mode)" }
      let runs = try PairedRuns(
        condition, objectives: specifications, epochs: PaperSettings.epochs,
        heads: counts.map { "count=\($0)" }, recorded: [PaperSettings.epochs])
      let points = try Points(condition)
      let whole = try Catalog.objective("fkl").component
      let objectives = try specifications.map { try Catalog.objective($0).component }
      let cells = choices.flatMap { choice in
        ["gradient", "tail"].map {
          [choice.mode, choice.k.description, digits(teacher.cumulative[choice.k - 1]), $0]
        }
      }
      return Trial(condition: condition, cells: cells) { seeds, kernels in
        try zip(seeds, runs(seeds, kernels)).map { seed, fits in
          let state = try points.state(seed: seed, kernels)
          let gradient = whole.evaluate(at: state).gradient
          return choices.indices.flatMap { place in
            let cosine = GradientGeometry.cosine(
              objectives[place].evaluate(at: state).gradient, gradient)
            let tail = fits[place].records[0].heads[place % counts.count].tail
            return [Outcome(cosine > 0.99, quantity: cosine), Outcome(tail < 0.01, quantity: tail)]
          }
        }
      }
    }
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    let lines = evidence.byCondition.flatMap { condition, own in
      Self.modes.map { mode in
        let parts = ["gradient", "tail"].map { property in
          let holding = own.filter {
            $0.cell[0] == mode && $0.cell[3] == property && $0.verdict == .holds
          }
          return "\(property) "
            + (holding.isEmpty
              ? "at no k" : "at k = \(holding.map { $0.cell[1] }.joined(separator: ", "))")
        }
        return "\(mode) on \(condition.teacher): \(parts.joined(separator: "; "))"
      }
    }
    return [Words.share(of: evidence)] + lines
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// What β does near the ends of the generalised Jensen–Shannon divergence.
public struct JensenShannonEnds: Claim {
  public static let name = "gjsd-endpoints"
  public static let statement =
    "Near an end of β (≤ 0.1 or ≥ 0.9) the generalised JS divergence has nearly the direction of"
    + " forward (β → 0) or reverse KL (β → 1), cosine above 0.95, and not its size: the gradient is"
    + " shorter by a factor of five or more; at β = 0.9 it is about 1/15 of reverse KL's (1/30 to"
    + " 1/7.5)."
  public static let source =
    "what is said of the loss of GKD (Agarwal et al., arXiv 2306.13649, eq. 1) in training libraries"
  public static let cellColumns = [
    Column("weighting", .text, "gkd or crossed"),
    Column("beta", .number, "β"),
    Column(
      "property", .text,
      "direction: cosine > 0.95; size: below 1/5; fifteenth, of gkd at 0.9: 1/30 to 1/7.5"),
  ]
  public static let quantity =
    "for direction the cosine, otherwise the length, of the gradient against that of the KL at the"
    + " nearer end"

  private static let betas = [0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99]

  public init() {}

  /// What is asked of a divergence.
  private static func properties(_ weighting: String, _ beta: Double) -> [String] {
    ["direction", "size"] + (weighting == "gkd" && beta == 0.9 ? ["fifteenth"] : [])
  }

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf", "softmax-normal"], optimizers: [("sgd", 1)],
      initializations: ["torch-uniform", "normal:sigma=3", "teacher-noise:sigma=0.5"]
    ).map { condition in
      let points = try Points(condition)
      let ends = try ["fkl", "rkl"].map { try Catalog.objective($0).component }
      let choices = ["gkd", "crossed"].flatMap { weighting in Self.betas.map { (weighting, $0) } }
      let objectives = try choices.map { weighting, beta in
        try Catalog.objective("gjsd:beta=\(beta):weighting=\(weighting)").component
      }
      let cells = choices.flatMap { weighting, beta in
        Self.properties(weighting, beta).map { [weighting, beta.description, $0] }
      }
      return Trial(condition: condition, cells: cells) { seeds, kernels in
        try seeds.map { seed in
          let state = try points.state(seed: seed, kernels)
          let gradients = ends.map { $0.evaluate(at: state).gradient }
          return zip(objectives, choices).flatMap { objective, choice in
            let end = gradients[choice.1 <= 0.5 ? 0 : 1]
            let gradient = objective.evaluate(at: state).gradient
            let cosine = GradientGeometry.cosine(gradient, end)
            let size = GradientGeometry.length(gradient) / GradientGeometry.length(end)
            return Self.properties(choice.0, choice.1).map { property in
              switch property {
              case "direction": Outcome(cosine > 0.95, quantity: cosine)
              case "size": Outcome(size < 0.2, quantity: size)
              default: Outcome((1.0 / 30...1 / 7.5).contains(size), quantity: size)
              }
            }
          }
        }
      }
    }
  }

  public func covers(_ evidence: Evidence) -> Bool {
    guard let beta = Double(evidence.cell[1]), evidence.cell[0] == "gkd" else { return false }
    return beta <= 0.1 || beta >= 0.9
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    let conditions = evidence.byCondition
    let lines = conditions.map { condition, own in
      let parts = ["gkd", "crossed"].flatMap { weighting in
        ["direction", "size"].map { property in
          let holding = own.filter {
            $0.cell[0] == weighting && $0.cell[2] == property && $0.verdict == .holds
          }.map { $0.cell[1] }
          return "\(weighting) \(property) at β = "
            + (holding.isEmpty ? "none" : holding.joined(separator: ", "))
        }
      }
      return
        "on \(condition.teacher) at \(condition.initialization): \(parts.joined(separator: "; "))"
    }
    let sizes = evidence.filter { $0.cell[2] == "fifteenth" }.compactMap(\.mean)
    guard let least = sizes.min(), let most = sizes.max() else { return lines }
    return [
      "\(Words.count(of: evidence.filter(covers))); at β = 0.9 the mean length is"
        + " \(digits(least, 3)) to \(digits(most, 3)) of reverse KL's, by teacher and student"
    ] + lines
  }
}

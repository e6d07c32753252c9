// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Near the teacher smooth f-divergences and their relatives are one but for a factor.
///
/// Objectives that weigh tokens otherwise, such as `brier` and `mse-logits`, are not.
public struct Curvature: Claim {
  public static let name = "kappa"
  public static let statement =
    "Near the teacher the gradients of smooth f-divergences and of mixed, skewed and token-wise"
    + " weighted KLs are κ times that of forward KL (within 2 %), so that under gradient descent the"
    + " learning rates η/κ are comparable."
  public static let source = "Amari, Differential-Geometrical Methods in Statistics, 1985"
  public static let cellColumns = [
    Column.objective,
    Column("kappa", .number, "the curvature κ by that of forward KL"),
  ]
  public static let quantity =
    "the distance of the gradient from κ times forward KL's, by the length of the latter"

  private static let curvatures: [(objective: String, kappa: Double)] = [
    ("rkl", 1), ("mix", 1), ("jeffreys", 2), ("akl", 1), ("js", 0.25), ("hellinger", 0.25),
    ("gjsd:beta=0.1", 0.09), ("gjsd:beta=0.9", 0.09), ("gjsd:beta=0.1:weighting=crossed", 0.73),
    ("skew-fkl", 0.81), ("skew-rkl", 0.81), ("skew-rkl:detach-mixture=true", 0.9),
    ("alpha", 1), ("renyi", 0.5), ("chi2-pearson", 2), ("chi2-neyman", 2), ("triangular", 1),
    ("todi", 1.5),
  ]
  private static let near = "teacher-noise:sigma=0.001"

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf:size=80", "softmax-normal"],
      optimizers: [("sgd", 1)],
      initializations: [Self.near, "teacher-noise:sigma=0.1", "teacher-noise"]
    ).map { condition in
      let points = try Points(condition)
      let reference = try Catalog.objective("fkl").component
      let objectives = try Self.curvatures.map { try Catalog.objective($0.objective).component }
      return Trial(
        condition: condition,
        cells: Self.curvatures.map { [$0.objective, $0.kappa.description] }
      ) { seeds, kernels in
        try seeds.map { seed in
          let state = try points.state(seed: seed, kernels)
          let forward = reference.evaluate(at: state).gradient
          return zip(objectives, Self.curvatures).map { objective, curvature in
            let gap = GradientGeometry.distance(
              objective.evaluate(at: state).gradient, from: forward.map { curvature.kappa * $0 })
            return Outcome(gap < 0.02, quantity: gap)
          }
        }
      }
    }
  }

  public func covers(_ evidence: Evidence) -> Bool {
    evidence.condition.initialization == Self.near
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    let starts = evidence.map(\.condition.initialization)
    return [Self.near, "teacher-noise:sigma=0.1", "teacher-noise"].filter(starts.contains)
      .map { start in
        "at \(start): "
          + Words.exceptions(
            in: evidence.filter { $0.condition.initialization == start }, most: 6
          ) { "\($0.cell[0]) on \($0.condition.teacher)" }
      }
  }
}

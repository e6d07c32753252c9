// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// Near the teacher smooth f-divergences and their relatives differ by a factor.
///
/// Objectives with other weights of tokens, such as `brier` and `mse-logits`, differ by more.
struct Curvature: Claim {
  static let name = "kappa"
  static let statement =
    "Near the teacher the gradients of smooth f-divergences and of mixed, skewed and token-wise"
    + " weighted KLs are κ times that of forward KL (within 2 %), so that under gradient descent the"
    + " learning rates η/κ are comparable."
  static let source = "Amari, Differential-Geometrical Methods in Statistics, 1985"
  static let setting = "students at N(0, 0.001²) from their teacher's logits"
  static let quantity =
    "the distance of the gradient from κ times forward KL's, by the length of the latter"

  struct Cell: ClaimCell {
    let objective: String
    let kappa: Double

    static let columns = [
      Column.objective,
      Column(key: "kappa", .number, "the curvature κ by that of forward KL"),
    ]
    var values: [Value] { [.text(objective), .number(kappa)] }
  }

  private static let curvatures: [Cell] = [
    ("rkl", 1), ("mix", 1), ("jeffreys", 2), ("akl", 1), ("js", 0.25), ("hellinger", 0.25),
    ("gjsd:beta=0.1", 0.09), ("gjsd:beta=0.9", 0.09), ("gjsd:beta=0.1:weighting=crossed", 0.73),
    ("skew-fkl", 0.81), ("skew-rkl", 0.81), ("skew-rkl:detach-mixture=true", 0.9),
    ("alpha", 1), ("renyi", 0.5), ("chi2-pearson", 2), ("chi2-neyman", 2), ("triangular", 1),
    ("todi", 1.5),
  ].map { Cell(objective: $0, kappa: $1) }
  private static let near = "teacher-noise:sigma=0.001"
  private static let starts = [near, "teacher-noise:sigma=0.1", "teacher-noise"]

  /// κ of an objective, relative to forward KL; nil if none is known.
  static func kappa(of objective: String) -> Double? {
    objective == ForwardKL.name ? 1 : curvatures.first { $0.objective == objective }?.kappa
  }

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf:size=80", "softmax-normal"],
      optimizers: [("sgd", 1)], initializations: Self.starts
    ).map { condition in
      let reference = try Catalog.objective(ForwardKL.name).component
      let objectives = try Self.curvatures.map { try Catalog.objective($0.objective).component }
      return try Trial(atStartOf: condition, cells: Self.curvatures) { state in
        let forward = reference.evaluate(at: state).gradient
        return zip(objectives, Self.curvatures).map { objective, curvature in
          let gap = GradientGeometry.distance(
            objective.evaluate(at: state).gradient, from: forward.map { curvature.kappa * $0 })
          return Outcome(gap < 0.02, quantity: gap)
        }
      }
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition.initialization == Self.near
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped(by: \.condition.initialization).map { start, own in
      "at \(start): "
        + Words.exceptions(in: own) { "\($0.cell.objective) on \($0.condition.teacher)" }
    }
  }
}

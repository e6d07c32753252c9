// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// What the factor T² of softened objectives is for.
public struct TemperatureScale: Claim {
  public static let name = "temperature-scale"
  public static let statement =
    "The factor T² keeps forward KL's gradient within a factor of two of that at T = 1, whatever"
    + " the temperature; and as T grows, the gradient becomes half that of the logits' squared"
    + " error (within 5 %)."
  public static let source = "Hinton, Vinyals and Dean, arXiv 1503.02531, section 2.1"
  public static let cellColumns = [
    Column("statement", .text, "size: of the gradient; half-mse: the limit; unscaled: without T²"),
    Column("temperature", .number, "T"),
  ]
  public static let quantity =
    "the length of the gradient by that at T = 1; for half-mse the distance from half of the"
    + " gradient of mse-logits, by its length"

  private static let temperatures = [0.5, 1, 2, 4, 8, 16, 64, 256]

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "softmax-normal", "zipf:size=80"], optimizers: [("adam", 0.2)],
      initializations: ["torch-uniform", "normal:sigma=3"]
    ).map { condition in
      let points = try Points(condition)
      let plain = try Catalog.objective("fkl").component
      let squared = try Catalog.objective("mse-logits").component
      let softened = try Self.temperatures.map {
        (
          temperature: $0, scaled: try Catalog.objective("fkl:temperature=\($0)").component,
          unscaled: try Catalog.objective("fkl:temperature=\($0):temperature-scale=false").component
        )
      }
      let cells = ["size", "half-mse", "unscaled"].flatMap { statement in
        Self.temperatures.map { [statement, $0.description] }
      }
      return Trial(condition: condition, cells: cells) { seeds, kernels in
        try seeds.map { seed in
          let state = try points.state(seed: seed, kernels)
          let length = GradientGeometry.length(plain.evaluate(at: state).gradient)
          let half = squared.evaluate(at: state).gradient.map { $0 / 2 }
          let scaled = softened.map { $0.scaled.evaluate(at: state).gradient }
          let sizes = scaled.map { GradientGeometry.length($0) / length }
          let gaps = scaled.map { GradientGeometry.distance($0, from: half) }
          let unscaled = softened.map {
            GradientGeometry.length($0.unscaled.evaluate(at: state).gradient) / length
          }
          return sizes.map { Outcome((0.5...2).contains($0), quantity: $0) }
            + gaps.map { Outcome($0 < 0.05, quantity: $0) }
            + unscaled.map { Outcome((0.5...2).contains($0), quantity: $0) }
        }
      }
    }
  }

  /// The size at T = 1 is compared with itself, and the limit is claimed of large temperatures alone.
  public func covers(_ evidence: Evidence) -> Bool {
    evidence.cell[0] == "size" && evidence.cell[1] != 1.0.description
      || evidence.cell[0] == "half-mse"
        && evidence.cell[1] == Self.temperatures[Self.temperatures.count - 1].description
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    evidence.byCondition.map { condition, own in
      let parts = ["size", "half-mse", "unscaled"].map { statement in
        let holding = own.filter { $0.cell[0] == statement && $0.verdict == .holds }
          .map { $0.cell[1] }
        return "\(statement) at T = " + (holding.isEmpty ? "none" : holding.joined(separator: ", "))
      }
      return "on \(condition.teacher) from \(condition.initialization): "
        + parts.joined(separator: "; ")
    }
  }
}

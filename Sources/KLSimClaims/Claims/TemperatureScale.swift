// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
package import KLSimCore

/// What the factor T² of softened objectives is for.
package struct TemperatureScale: Claim {
  package static let name = "temperature-scale"
  package static let statement =
    "The factor T² keeps forward KL's gradient within a factor of two of that at T = 1, whatever"
    + " the temperature; and as T grows, the gradient becomes half that of the logits' squared"
    + " error (within 5 %)."
  package static let source = "Hinton, Vinyals and Dean, arXiv 1503.02531, section 2.1"
  package static let setting =
    "chosen here: normal logits (softmax-normal), start torch-uniform; T = 2, 4 and 8, and T = 256 for the limit"
  package static let quantity =
    "the length of the gradient by that at T = 1; for half-mse the distance from half of the"
    + " gradient of mse-logits, by its length"

  package struct Cell: ClaimCell {
    /// What is asked.
    enum Statement: String, Sendable, CaseIterable {
      case size
      case halfMSE = "half-mse"
      case unscaled
    }

    let statement: Statement
    let temperature: Double

    package static let columns = [
      Column(
        key: "statement", .text, "size: of the gradient; half-mse: the limit; unscaled: without T²"),
      Column(key: "temperature", .number, "T"),
    ]
    package var values: [Value] { [.text(statement.rawValue), .number(temperature)] }
  }

  private static let temperatures = [0.5, 1, 2, 4, 8, 16, 64, 256]
  private static let limit = 256.0

  package init() {}

  package func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "softmax-normal", "zipf:size=80"], optimizers: [("adam", 0.2)],
      initializations: ["torch-uniform", "normal:sigma=3"]
    ).map { condition in
      let points = try Points(condition)
      let plain = try Catalog.objective("fkl").component
      let squared = try Catalog.objective("mse-logits").component
      let softened = try Self.temperatures.map {
        (
          scaled: try Catalog.objective("fkl:temperature=\($0)").component,
          unscaled: try Catalog.objective("fkl:temperature=\($0):temperature-scale=false").component
        )
      }
      let cells = Cell.Statement.allCases.flatMap { statement in
        Self.temperatures.map { Cell(statement: statement, temperature: $0) }
      }
      return Trial(condition, cells: cells) { seed, kernels in
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

  /// The size at T = 1 is compared with itself, and the limit is claimed of large temperatures alone.
  package func covers(_ evidence: Evidence<Cell>) -> Bool {
    switch evidence.cell.statement {
    case .size: evidence.cell.temperature != 1
    case .halfMSE: evidence.cell.temperature == Self.limit
    case .unscaled: false
    }
  }

  package func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == "softmax-normal"
      && evidence.condition.startsAsPublished
      && [2, 4, 8, Self.limit].contains(evidence.cell.temperature)
      && (evidence.cell.statement == .halfMSE) == (evidence.cell.temperature == Self.limit)
  }

  package func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter {
      $0.condition.teacher == "softmax-normal" && $0.condition.startsAsPublished
    }
    let all = Cell.Statement.allCases.map { statement in
      let own = evidence.filter { $0.cell.statement == statement }
      return "\(statement.rawValue) in all conditions at \(Self.temperatures(own))"
    }
    let parts = Cell.Statement.allCases.map { statement in
      "\(statement.rawValue) at "
        + Self.temperatures(published.filter { $0.cell.statement == statement })
    }
    return ["normal logits, start torch-uniform: \(parts.joined(separator: "; "))"] + all
  }

  private static func temperatures(_ evidence: [Evidence<Cell>]) -> String {
    Words.holding("T", isSymbol: true, in: evidence, by: \.cell.temperature) { digits($0) }
  }
}

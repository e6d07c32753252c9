// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// The size of softened gradients with the factor T² and without.
struct TemperatureScale: Claim {
  static let name = "temperature-scale"
  static let statement =
    "The factor T² keeps forward KL's gradient within a factor of two of that at T = 1, whatever"
    + " the temperature; and as T grows, the gradient becomes half that of the logits' squared"
    + " error (within 5 %)."
  static let source = "Hinton, Vinyals and Dean, arXiv 1503.02531, section 2.1"
  static let setting =
    "chosen here: normal logits (softmax-normal), start torch-uniform; T = 2, 4 and 8, and T = 256 for the limit"
  static let quantity =
    "the length of the gradient by that at T = 1; for half-mse the distance from half of the"
    + " gradient of mse-logits, by its length"

  struct Cell: ClaimCell {
    enum Statement: String, Sendable, CaseIterable {
      case size
      case halfMSE = "half-mse"
      case unscaled
    }

    let statement: Statement
    let temperature: Double

    static let columns = [
      Column(
        key: "statement", .text, "size: of the gradient; half-mse: the limit; unscaled: without T²"),
      Column(key: "temperature", .number, "T"),
    ]
    var values: [Value] { [.text(statement.rawValue), .number(temperature)] }
  }

  private static let temperatures = [0.5, 1, 2, 4, 8, 16, 64, 256]
  private static let limit = 256.0

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "softmax-normal", "zipf:size=80"], optimizers: [("adam", 0.2)],
      initializations: ["torch-uniform", "normal:sigma=3"]
    ).map { condition in
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
      return try Trial(atStartOf: condition, cells: cells) { state in
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

  /// At T = 1 the size is 1 by definition, and the limit is claimed for large temperatures only.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    switch evidence.cell.statement {
    case .size: evidence.cell.temperature != 1
    case .halfMSE: evidence.cell.temperature == Self.limit
    case .unscaled: false
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == "softmax-normal"
      && evidence.condition.startsAsPublished
      && [2, 4, 8, Self.limit].contains(evidence.cell.temperature)
      && (evidence.cell.statement == .halfMSE) == (evidence.cell.temperature == Self.limit)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter {
      $0.condition.teacher == "softmax-normal" && $0.condition.startsAsPublished
    }
    let all = evidence.grouped(by: \.cell.statement).map { statement, own in
      "\(statement.rawValue) in all conditions at \(Self.temperatures(own))"
    }
    let parts = published.grouped(by: \.cell.statement).map { statement, own in
      "\(statement.rawValue) at \(Self.temperatures(own))"
    }
    return ["normal logits, start torch-uniform: \(parts.joined(separator: "; "))"] + all
  }

  private static func temperatures(_ evidence: [Evidence<Cell>]) -> String {
    Words.holding("T", isSymbol: true, in: evidence, by: \.cell.temperature) { digits($0) }
  }
}

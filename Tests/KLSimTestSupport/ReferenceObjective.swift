// SPDX-License-Identifier: GPL-3.0-or-later

/// An objective straight from its formula, slow and plain.
public struct ReferenceObjective: Sendable {
  /// What an objective is at one point.
  public struct Value: Sendable {
    public let loss: Double
    /// `∂L/∂z` by token, or the stated formula where gradients are stopped.
    public let gradient: [Double]
    /// How far one rounding of every log p and log q moves the loss.
    public let lossRounding: Double
    /// How far it moves a component of the gradient: more than the last bits where that is a
    /// difference of almost equals.
    public let rounding: Double

    /// How far it moves a share of the gradient: every component may move, in the same direction.
    public var shareRounding: Double {
      let total = gradient.reduce(0) { $0 + abs($1) }
      return total == 0 ? 0 : Double(gradient.count) * rounding / total
    }
  }

  private let formula: ReferenceFormula
  private let settings: ReferenceSettings

  /// The names for which there is a formula.
  public static let names: [String] = Array(ReferenceFormula.all.keys)

  /// The objective of a specification, nil if there is no formula for its name.
  public init?(_ specification: String) {
    let items = specification.split(separator: ":").map(String.init)
    guard let name = items.first, let formula = ReferenceFormula.all[name] else { return nil }
    self.formula = formula
    settings = ReferenceSettings(
      name: name,
      values: items.dropFirst().reduce(into: [:]) { settings, item in
        let pair = item.split(separator: "=").map(String.init)
        settings[pair[0]] = pair[1]
      })
  }

  /// The weights of forward and reverse KL, for the objectives that are blends of the two.
  public func weights(at state: ReferenceState) -> (forward: Wide, reverse: Wide) {
    ReferenceFormula.blendWeights(settings, state)
  }

  /// What `reduction` multiplies loss and gradient by.
  public func scale(size: Int) -> Wide {
    settings.text("reduction") == "mean" ? 1 / Wide(size) : 1
  }

  /// The value in a state, after softening and reduction.
  public func value(at state: ReferenceState) -> Value {
    let exact = evaluated(at: state)
    var (lossRounding, rounding): (Wide, Wide) = (0, 0)
    for seed in UInt64(1)...4 {
      let moved = evaluated(at: state.rounded(seed: seed))
      lossRounding = max(lossRounding, abs(moved.loss - exact.loss))
      for (one, other) in zip(moved.gradient, exact.gradient) {
        rounding = max(rounding, abs(one - other))
      }
    }
    return Value(
      loss: Double(exact.loss), gradient: exact.gradient.map { Double($0) },
      lossRounding: Double(lossRounding), rounding: Double(rounding))
  }

  private func evaluated(at state: ReferenceState) -> (loss: Wide, gradient: [Wide]) {
    let temperature =
      formula.isSoftened ? settings.number("temperature", formula.temperature) : 1
    let view = temperature == 1 ? state : state.softened(by: temperature)
    var (loss, gradient) = formula.evaluate(settings, view)
    // Of a token that has nearly all of q, even wide numbers cannot tell p − q: but all components
    // sum to 0.
    if let top = view.q.firstIndex(where: { $0 > 1 - 0x1p-20 }) {
      gradient[top] = 0
      gradient[top] = -compensatedSum(gradient)
    }
    let isScaled = settings.text("temperature-scale") != "false"
    let scale = scale(size: state.p.count)
    let slope = scale * (isScaled ? temperature : 1 / temperature)
    return (
      loss * scale * (isScaled ? temperature * temperature : 1), gradient.map { $0 * slope }
    )
  }
}

/// The keys of a specification.
struct ReferenceSettings: Sendable {
  let name: String
  let values: [String: String]

  func text(_ key: String) -> String? { values[key] }
  func flag(_ key: String) -> Bool { values[key] == "true" }
  func number(_ key: String, _ fallback: Wide) -> Wide {
    values[key].flatMap { Double($0) }.map { Wide($0) } ?? fallback
  }
  /// The token y: `target`, or else the teacher's most probable.
  func target(_ state: ReferenceState) -> Int {
    values["target"].flatMap { Int($0) } ?? state.ranking[0]
  }
}

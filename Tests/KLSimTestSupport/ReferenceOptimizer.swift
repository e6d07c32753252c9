// SPDX-License-Identifier: GPL-3.0-or-later

/// An optimizer of one scalar, straight from its formula.
public struct ReferenceOptimizer: Sendable {
  private let name: String
  private let settings: [String: Double]
  private let flags: Set<String>
  private var past: [Wide] = []
  /// Each past gradient over its scale.
  private var quotients: [Wide] = []

  /// The names for which there is a formula.
  public static let names = ["adam", "adamw", "sgd", "rmsprop"]

  /// The optimizer of a specification, nil if there is no formula for its name.
  public init?(_ specification: String) {
    let items = specification.split(separator: ":").map(String.init)
    guard let first = items.first, Self.names.contains(first) else { return nil }
    name = first
    flags = Set(items.filter { $0.hasSuffix("=true") })
    settings = items.dropFirst().reduce(into: [:]) { settings, item in
      let pair = item.split(separator: "=").map(String.init)
      settings[pair[0]] = Double(pair[1])
    }
  }

  /// What is taken off a parameter.
  public mutating func step(
    _ gradient: Wide, learningRate: Wide, from parameter: Wide
  ) -> Wide {
    past.append(gradient)
    switch name {
    case "adam": return adam(learningRate)
    case "adamw":
      return learningRate * Wide(settings["weight-decay"] ?? 0.01) * parameter
        + adam(learningRate)
    case "rmsprop": return rootMeanSquare(gradient, learningRate)
    default: return descent(learningRate)
    }
  }

  /// A moving average written out over the whole past: `Σ (1 − β) β^(k−j) g_j`, over 1 − βᵏ unless
  /// it is to start from 0.
  private func average(_ values: [Wide], decay: Wide, fromZero: Bool = false) -> Wide {
    var terms: [Wide] = []
    var weight = 1 - decay
    var total: Wide = 0
    for value in values.reversed() {
      terms.append(weight * value)
      total += weight
      weight *= decay
    }
    return compensatedSum(terms) / (fromZero ? 1 : total)
  }

  private func adam(_ learningRate: Wide) -> Wide {
    let mean = average(past, decay: Wide(settings["beta1"] ?? 0.9))
    let square = average(past.map { $0 * $0 }, decay: Wide(settings["beta2"] ?? 0.999))
    return learningRate * mean / (square.squareRoot() + Wide(settings["epsilon"] ?? 1e-8))
  }

  private mutating func rootMeanSquare(_ gradient: Wide, _ learningRate: Wide) -> Wide {
    let alpha = Wide(settings["alpha"] ?? 0.99)
    var variance = average(past.map { $0 * $0 }, decay: alpha, fromZero: true)
    if flags.contains("centered=true") {
      let mean = average(past, decay: alpha, fromZero: true)
      variance -= mean * mean
    }
    quotients.append(gradient / (variance.squareRoot() + Wide(settings["epsilon"] ?? 1e-8)))
    let momentum = Wide(settings["momentum"] ?? 0)
    return learningRate * quotients.reduce(0) { momentum * $0 + $1 }
  }

  private func descent(_ learningRate: Wide) -> Wide {
    let momentum = Wide(settings["momentum"] ?? 0)
    func velocity(_ gradients: [Wide]) -> Wide { gradients.reduce(0) { momentum * $0 + $1 } }
    guard flags.contains("nesterov=true"), let last = past.last else {
      return learningRate * velocity(past)
    }
    return learningRate * (last + momentum * velocity(past))
  }
}

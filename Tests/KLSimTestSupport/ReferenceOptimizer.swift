// SPDX-License-Identifier: GPL-3.0-or-later

/// An optimizer of one scalar, straight from its formula.
public struct ReferenceOptimizer: Sendable {
  private let name: String
  private let settings: [String: Double]
  private let nesterov: Bool
  private var past: [Wide] = []

  /// The optimizer of a specification, nil if there is no formula for its name.
  public init?(_ specification: String) {
    let items = specification.split(separator: ":").map(String.init)
    guard let first = items.first, ["adam", "sgd"].contains(first) else { return nil }
    name = first
    nesterov = items.contains("nesterov=true")
    settings = items.dropFirst().reduce(into: [:]) { settings, item in
      let pair = item.split(separator: "=").map(String.init)
      settings[pair[0]] = Double(pair[1])
    }
  }

  /// What is taken off the parameter.
  public mutating func step(_ gradient: Wide, learningRate: Wide) -> Wide {
    past.append(gradient)
    return name == "adam" ? adam(learningRate) : descent(learningRate)
  }

  /// A moving average written out over the whole past: `Σ (1 − β) β^(k−j) g_j`, over 1 − βᵏ.
  private func average(_ values: [Wide], decay: Wide) -> Wide {
    var terms: [Wide] = []
    var weight = 1 - decay
    var total: Wide = 0
    for value in values.reversed() {
      terms.append(weight * value)
      total += weight
      weight *= decay
    }
    return compensatedSum(terms) / total
  }

  private func adam(_ learningRate: Wide) -> Wide {
    let mean = average(past, decay: Wide(settings["beta1"] ?? 0.9))
    let square = average(past.map { $0 * $0 }, decay: Wide(settings["beta2"] ?? 0.999))
    return learningRate * mean / (square.squareRoot() + Wide(settings["epsilon"] ?? 1e-8))
  }

  private func descent(_ learningRate: Wide) -> Wide {
    let momentum = Wide(settings["momentum"] ?? 0)
    func velocity(_ gradients: [Wide]) -> Wide { gradients.reduce(0) { momentum * $0 + $1 } }
    guard nesterov, let last = past.last else { return learningRate * velocity(past) }
    return learningRate * (last + momentum * velocity(past))
  }
}

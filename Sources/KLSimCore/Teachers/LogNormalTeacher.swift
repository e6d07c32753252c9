// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Weights drawn from a log-normal distribution, one set a seed: `wᵢ = exp(σ nᵢ)`, n standard normal.
public struct LogNormalTeacher: Teacher {
  public static let name = "lognormal"
  public static let summary = "weights drawn from a log-normal distribution"
  public var isRandom: Bool { true }

  static let size = Parameter.size(80)
  static let sigma = Parameter("sigma", default: 2, .nonNegative, summary: "spread σ of log w")
  public static let parameters: [any ParameterDeclaration] = [size, sigma]

  let size: Int
  let sigma: Double

  public init(_ values: Parameters) {
    size = values[Self.size]
    sigma = values[Self.sigma]
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    var weights: [Double] = []
    for _ in 0..<size { weights.append(stream.logNormal(sigma: sigma)) }
    return .linear(weights)
  }
}

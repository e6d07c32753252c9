// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics

/// Lion: steps of one size, in the direction of the sign of a mean gradient.
///
///     θ ← θ − η sign(β₁ m + (1 − β₁) g),   m ← β₂ m + (1 − β₂) g
public struct Lion: ElementwiseOptimizer {
  public static let name = "lion"
  public static let summary = "Lion: the sign of a mean gradient"
  public static let reference = "Chen et al., arXiv 2302.06675"

  static let beta1 = Parameter(
    "beta1", default: 0.9, .range(0..<1), summary: "weight β₁ of the mean in the step")
  static let beta2 = Parameter(
    "beta2", default: 0.99, .range(0..<1), summary: "decay β₂ of the mean gradient")
  public static let parameters: [any ParameterDeclaration] = [beta1, beta2]

  private let beta1: Double
  private let beta2: Double
  private var mean: [Double] = []

  public var vectorCount: Int { 1 }

  public init(_ values: Parameters) {
    beta1 = values[Self.beta1]
    beta2 = values[Self.beta2]
  }

  public mutating func begin(parameterCount: Int) {
    mean = [Double](repeating: 0, count: parameterCount)
  }

  public mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double, kernels: VectorKernels
  ) {
    for index in parameters.indices {
      let direction = beta1 * mean[index] + (1 - beta1) * gradient[index]
      parameters[index] -= direction > 0 ? learningRate : direction < 0 ? -learningRate : 0
      mean[index] = beta2 * mean[index] + (1 - beta2) * gradient[index]
    }
  }
}

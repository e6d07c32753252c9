// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// RMSprop as PyTorch computes it.
///
///     v ← α v + (1 − α) g²
///     s = √v + ε,  with centered  s = √(v − ḡ²) + ε,   ḡ ← α ḡ + (1 − α) g
///     θ ← θ − η g/s,  with momentum  b ← μ b + g/s,  θ ← θ − η b
///
/// A variance `v − ḡ²` that rounding has made negative counts as 0, where PyTorch's root is NaN.
package struct RMSProp: FusedOptimizer {
  package static let name = "rmsprop"
  package static let summary = "RMSprop, as in PyTorch"
  package static let formula = "v <- α v + (1-α) g²;  θ <- θ - η g/(√v + ε)"
  package static let reference = "Tieleman, Hinton, Coursera lecture 6.5, 2012; torch.optim.RMSprop"

  static let alpha = Parameter(
    "alpha", default: 0.99, .range(0..<1), summary: "decay α of the mean square")
  static let epsilon = Parameter(
    "epsilon", default: 1e-8, .nonNegative, summary: "ε, added to the root of the mean square")
  static let momentum = Parameter(
    "momentum", default: 0, .range(0..<1), summary: "decay μ of the velocity")
  static let centered = Parameter(
    "centered", default: false,
    summary: "whether to divide by the root of the variance instead of the mean square")
  package static let parameters: [any ParameterDeclaration] = [alpha, epsilon, momentum, centered]

  let alpha: Double
  let epsilon: Double
  let momentum: Double
  let centered: Bool
  /// Adam of β₁ = 0 without bias correction, which it is if there are neither momentum nor centring.
  private var adam: AdamMoments?
  private var square: [Double] = []
  private var mean: [Double] = []
  private var velocity: [Double] = []

  package init(_ values: Parameters) {
    alpha = values[Self.alpha]
    epsilon = values[Self.epsilon]
    momentum = values[Self.momentum]
    centered = values[Self.centered]
    if momentum == 0, !centered {
      adam = AdamMoments(
        AdamCoefficients(beta1: 0, beta2: alpha, epsilon: epsilon, correctsBias: false))
    }
  }

  package var fused: BlendProblem.Optimizer? { adam?.fused }

  package var vectorCount: Int { adam == nil ? 3 : AdamMoments.vectorCount }

  package mutating func begin(parameterCount: Int) {
    adam?.begin(parameterCount: parameterCount)
    guard adam == nil else { return }
    square = [Double](repeating: 0, count: parameterCount)
    mean = square
    velocity = square
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels
  ) {
    guard adam == nil else {
      adam?.step(&parameters, gradient: gradient, learningRate: learningRate, kernels: kernels)
      return
    }
    for index in parameters.indices {
      let slope = gradient[index]
      square[index] = alpha * square[index] + (1 - alpha) * slope * slope
      var variance = square[index]
      if centered {
        mean[index] = alpha * mean[index] + (1 - alpha) * slope
        // Not `max`, which would hide a NaN.
        variance -= mean[index] * mean[index]
        if variance < 0 { variance = 0 }
      }
      velocity[index] = momentum * velocity[index] + slope / (variance.squareRoot() + epsilon)
      parameters[index] -= learningRate * velocity[index]
    }
  }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) {
    if adam == nil {
      step(&parameters, gradient: gradient, learningRate: learningRate, kernels: kernels)
    } else {
      adam?.step(
        &parameters, gradient: gradient, learningRate: learningRate, on: &signal, kernels: kernels)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Gradient descent with optional momentum, as PyTorch computes it.
///
///     b ← μ b + g                         b = 0 at the start
///     θ ← θ − η b,  with nesterov  θ ← θ − η (g + μ b)
public struct SGD: FusedOptimizer {
  public static let name = "sgd"
  public static let summary = "gradient descent with optional momentum, as in PyTorch"
  public static let reference = "torch.optim.SGD; Sutskever et al., ICML 2013"

  static let momentum = Parameter(
    "momentum", default: 0, .range(0..<1), summary: "decay μ of the velocity")
  static let nesterov = Parameter(
    "nesterov", default: false, summary: "looks ahead along the velocity; needs momentum")
  public static let parameters: [any ParameterDeclaration] = [momentum, nesterov]

  let momentum: Double
  let nesterov: Bool
  private var velocity: [Double] = []

  public init(_ values: Parameters) throws(SpecificationError) {
    momentum = values[Self.momentum]
    nesterov = values[Self.nesterov]
    guard momentum > 0 || !nesterov else {
      throw .inconsistent(
        component: Self.name, "nesterov=true needs a momentum above 0, e.g. momentum=0.9")
    }
  }

  public mutating func begin(parameterCount: Int) {
    velocity = [Double](repeating: 0, count: parameterCount)
  }

  public mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    kernels: VectorKernels
  ) {
    for index in parameters.indices {
      let slope = gradient[index]
      let newVelocity = momentum * velocity[index] + slope
      velocity[index] = newVelocity
      parameters[index] -= learningRate * (nesterov ? slope + momentum * newVelocity : newVelocity)
    }
  }

  package var fused: BlendProblem.Optimizer? {
    .gradientDescent(momentum: momentum, nesterov: nesterov)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Gradient descent with optional momentum, as PyTorch computes it.
///
///     b ← μ b + g                         b = 0 at the start
///     θ ← θ − η b,  with nesterov  θ ← θ − η (g + μ b)
package struct SGD: FusedOptimizer {
  package static let name = "sgd"
  package static let summary = "gradient descent with optional momentum, as in PyTorch"
  package static let reference = "torch.optim.SGD; Sutskever et al., ICML 2013"

  static let momentum = Parameter(
    "momentum", default: 0, .range(0..<1), summary: "decay μ of the velocity")
  static let nesterov = Parameter(
    "nesterov", default: false, summary: "Nesterov momentum; needs momentum above 0")
  package static let parameters: [any ParameterDeclaration] = [momentum, nesterov]

  let momentum: Double
  let nesterov: Bool
  private var velocity: [Double] = []

  package init(_ values: Parameters) throws(SpecificationError) {
    momentum = values[Self.momentum]
    nesterov = values[Self.nesterov]
    guard momentum > 0 || !nesterov else {
      throw .inconsistent(
        component: Self.name, "nesterov=true needs a momentum above 0, e.g. momentum=0.9")
    }
  }

  package var memory: [Double]? { momentum == 0 ? [] : velocity }

  package var vectorCount: Int { 1 }

  package mutating func begin(parameterCount: Int) {
    velocity = [Double](repeating: 0, count: parameterCount)
  }

  package mutating func step(
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

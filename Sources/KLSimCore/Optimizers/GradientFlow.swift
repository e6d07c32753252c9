// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The limit of gradient descent for small steps: `dθ/dt = −∂L/∂θ`, a time of η per epoch.
///
/// GSL integrates it with adaptive steps (Prince–Dormand, orders 8 and 9). A flow along a corner of the
/// loss, such as that of `tvd`, would need infinitely small steps and is an error.
package struct GradientFlow: Optimizer {
  package static let name = "gradient-flow"
  package static let summary = "dθ/dt = -∂L/∂θ; an epoch is a time of one learning rate"
  package static let formula = "dθ/dt = -g"
  package static let reference = "GSL, gsl_odeiv2_step_rk8pd"

  /// The maximum number of steps per epoch, and of the logits and parameters of all of them.
  private static let maximum = (steps: 10_000, work: 1 << 27)

  /// The maximum number of steps for an epoch of a student: fewer if each takes long.
  ///
  /// - Parameter size: the number of its logits and parameters, at least 1.
  /// - Returns: a number in 1…10,000.
  static func maximumSteps(size: Int) -> Int {
    min(maximum.steps, max(1, maximum.work / size))
  }

  static let absolute = Parameter(
    "absolute-tolerance", default: 1e-10, .range(1e-14...1),
    summary: "tolerated error of each parameter and step")
  static let relative = Parameter(
    "relative-tolerance", default: 1e-10, .range(1e-14...1),
    summary: "the same, relative to the parameter's size; the two are added")
  package static let parameters: [any ParameterDeclaration] = [absolute, relative]

  private let fresh: AdaptiveIntegrator
  private var integrator: AdaptiveIntegrator

  package init(_ values: Parameters) {
    fresh = AdaptiveIntegrator(
      absoluteTolerance: values[Self.absolute], relativeTolerance: values[Self.relative])
    integrator = fresh
  }

  package var memory: [Double]? { integrator.stepSize.map { [$0] } ?? [] }

  package var vectorCount: Int { AdaptiveIntegrator.vectorCount }

  package mutating func begin(parameterCount: Int) { integrator = fresh }

  package mutating func step(
    _ parameters: inout [Double], gradient: [Double], learningRate: Double,
    on signal: inout some LearningSignal & ~Copyable, kernels: VectorKernels
  ) throws {
    let size = signal.states.reduce(parameters.count) { $0 + $1.logits.count }
    let outcome = try integrator.advance(
      &parameters, by: learningRate, maximumSteps: Self.maximumSteps(size: size)
    ) { point, slope in
      guard !Task.isCancelled else { return false }
      signal.evaluate(at: point, gradient: &slope)
      for index in slope.indices { slope[index].negate() }
      return slope.allSatisfy(\.isFinite)
    }
    try Task.checkCancellation()
    switch outcome {
    case .complete: break
    case .undefined: for index in parameters.indices { parameters[index] = .nan }
    case .tooManySteps(let steps, let covered):
      let percent = max(1, (1000 * covered).rounded(.up)) / 10
      throw SetupError(
        "\(Self.name) covers at most \(percent) % of one epoch, a time of \(learningRate), in \(steps)"
          + " steps; lower the learning rate, loosen the tolerances, or choose another"
          + " optimizer if the gradient jumps, as that of tvd does")
    }
  }
}

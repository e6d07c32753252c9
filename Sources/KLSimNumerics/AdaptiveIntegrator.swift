// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// Integrates `dy/dt = f(y)` by GSL's Prince–Dormand method of orders 8 and 9.
///
/// The step is adapted so that the estimated error of every component stays below
/// `absolute + relative · |y|`; the next call starts with the last step.
package struct AdaptiveIntegrator: Sendable {
  private let absoluteTolerance: Double
  private let relativeTolerance: Double
  /// The step that the next call starts with, unless its duration is shorter; nil before the first.
  package private(set) var stepSize: Double?

  /// How many arrays of one number a component it takes beside y: the 13 slopes of a step and two more of the method,
  /// four of the driver, and two that f is called with.
  package static let vectorCount = 21

  /// - Parameters:
  ///   - absoluteTolerance: above 0.
  ///   - relativeTolerance: at least 0.
  package init(absoluteTolerance: Double, relativeTolerance: Double) {
    self.absoluteTolerance = absoluteTolerance
    self.relativeTolerance = relativeTolerance
  }

  package enum Outcome: Equatable, Sendable {
    case complete
    /// After so many steps this share of the time is covered, and the steps left do not get to its end.
    case tooManySteps(Int, covered: Double)
    /// The derivative is not defined, however small the step.
    case undefined
  }

  /// The derivative, as the C callback receives it.
  private final class Box {
    let derivative: ([Double], inout [Double]) -> Bool
    var state: [Double]
    var slope: [Double]

    init(size: Int, _ derivative: @escaping ([Double], inout [Double]) -> Bool) {
      self.derivative = derivative
      state = [Double](repeating: 0, count: size)
      slope = state
    }

    func evaluate(_ input: UnsafePointer<Double>, _ output: UnsafeMutablePointer<Double>) -> Int32 {
      for index in state.indices { unsafe state[index] = input[index] }
      // After this error GSL tries half the step.
      guard derivative(state, &slope) else { return Int32(GSL_FAILURE) }
      for index in slope.indices { unsafe output[index] = slope[index] }
      return Int32(GSL_SUCCESS)
    }
  }

  /// Moves y along the flow.
  ///
  /// - Parameters:
  ///   - state: y; the last point reached if the flow is not complete.
  ///   - duration: the time of the flow, at least 0.
  ///   - maximumSteps: the number of steps that it may take, at least 1; a tenth of them must cover a thousandth of
  ///     the time.
  ///   - derivative: fills in f(y); false if it is not defined.
  /// - Returns: whether the flow is complete, or why not.
  /// - Throws: `GSLError` if there is no memory.
  package mutating func advance(
    _ state: inout [Double], by duration: Double, maximumSteps: Int = 10_000,
    derivative: ([Double], inout [Double]) -> Bool
  ) throws(GSLError) -> Outcome {
    guard duration > 0, !state.isEmpty else { return .complete }
    GSL.withoutAborting
    let (status, lastStep, steps, time) = withoutActuallyEscaping(derivative) { derivative in
      let box = Box(size: state.count, derivative)
      return withExtendedLifetime(box) {
        drive(&state, by: duration, maximumSteps, box)
      }
    }
    switch status {
    case GSL_SUCCESS:
      stepSize = lastStep
      return .complete
    case GSL_EMAXITER: return .tooManySteps(steps, covered: time / duration)
    case GSL_ENOMEM: throw GSLError(code: status)
    default: return .undefined
    }
  }

  private func drive(
    _ state: inout [Double], by duration: Double, _ maximumSteps: Int, _ box: Box
  ) -> (status: Int, lastStep: Double, steps: Int, time: Double) {
    var system = unsafe gsl_odeiv2_system(
      function: { _, input, output, context in
        guard let input = unsafe input, let output = unsafe output, let context = unsafe context
        else { return Int32(GSL_EFAULT) }
        return unsafe Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
          .evaluate(input, output)
      },
      jacobian: nil, dimension: state.count,
      params: Unmanaged.passUnretained(box).toOpaque())
    return unsafe withUnsafePointer(to: &system) { system in
      // GSL has no driver for a step of 0, which a hundredth of the smallest numbers is.
      let firstStep = min(max(stepSize ?? duration / 100, .leastNonzeroMagnitude), duration)
      guard
        let driver = unsafe cgsl_new_rk8pd(
          system, firstStep, absoluteTolerance, relativeTolerance)
      else { return (GSL_ENOMEM, firstStep, 0, 0) }
      defer { unsafe gsl_odeiv2_driver_free(driver) }
      var (status, steps, time) = (GSL_SUCCESS, 0, 0.0)
      let trial = maximumSteps / 10
      for part in [trial, maximumSteps - trial] where part > 0 {
        _ = unsafe gsl_odeiv2_driver_set_nmax(driver, UInt(part))
        status = unsafe Int(
          state.withUnsafeMutableBufferPointer { state in
            unsafe gsl_odeiv2_driver_apply(driver, &time, duration, state.baseAddress)
          })
        steps += part
        guard status == GSL_EMAXITER, time >= duration / 1000 else { break }
      }
      return unsafe (status, driver.pointee.h, steps, time)
    }
  }
}

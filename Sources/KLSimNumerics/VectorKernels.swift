// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// The implementation of the inner loops: C kernels for an instruction set, or plain Swift.
///
/// Every instruction set gives the same bits. The plain loops are the readable reference that the
/// kernels are tested against; they agree to rounding.
public enum VectorKernels: String, CaseIterable, Sendable {
  case plain
  case baseline
  case avx2
  case avx512

  /// The best that is available on this processor.
  public static let best = allCases.last { $0.isAvailable } ?? .baseline

  /// Whether this processor has the instructions.
  public var isAvailable: Bool {
    guard let level else { return true }
    return level.rawValue <= klsim_best_level().rawValue
  }

  /// The level in C, nil for the plain loops.
  var level: klsim_level? {
    switch self {
    case .plain: nil
    case .baseline: KLSIM_BASELINE
    case .avx2: KLSIM_AVX2
    case .avx512: KLSIM_AVX512
    }
  }

  /// The kernels in C, nil for the plain loops.
  var table: UnsafePointer<klsim_kernels>? { unsafe level.flatMap { unsafe klsim_kernels_of($0) } }

  /// Fills `logProbabilities` and `probabilities` with the log-softmax and softmax of `logits`.
  ///
  ///     log q = (z − max z) − log Σ exp(z − max z),   q = exp(log q)
  ///
  /// The logarithm is never taken of a probability: where q underflows, log q is still exact. Logits
  /// that are NaN or +∞ give NaN throughout.
  ///
  /// - Parameters:
  ///   - logits: z, one per token.
  ///   - logProbabilities: receives log q; as long as `logits`.
  ///   - probabilities: receives q; as long as `logits`.
  /// - Returns: logsumexp z.
  @discardableResult
  public func softmax(
    _ logits: [Double], logProbabilities: inout [Double], probabilities: inout [Double]
  ) -> Double {
    precondition(logits.count == logProbabilities.count && logits.count == probabilities.count)
    guard let table = unsafe table else {
      return PlainKernels.softmax(
        logits, logProbabilities: &logProbabilities, probabilities: &probabilities)
    }
    return unsafe table.pointee.softmax(
      logits.count, logits, &logProbabilities, &probabilities)
  }

  /// `Σ |q − p|` and `Σ (q − p)` over a range of tokens.
  ///
  /// - Parameters:
  ///   - p: teacher probabilities.
  ///   - q: student probabilities.
  ///   - range: the tokens.
  /// - Returns: the two sums.
  public func differences(
    p: [Double], q: [Double], over range: Range<Int>
  ) -> (absolute: Double, signed: Double) {
    precondition(p.count == q.count && range.upperBound <= p.count && range.lowerBound >= 0)
    guard let table = unsafe table else { return PlainKernels.differences(p: p, q: q, over: range) }
    var sums = [0.0, 0.0]
    unsafe p.withUnsafeBufferPointer { p in
      unsafe q.withUnsafeBufferPointer { q in
        guard let p = p.baseAddress, let q = q.baseAddress else { return }
        unsafe table.pointee.differences(
          range.count, p + range.lowerBound, q + range.lowerBound, &sums)
      }
    }
    return (sums[0], sums[1])
  }

  /// One step of Adam on every parameter.
  ///
  ///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²,   θ ← keep·θ − step · m / (√v / root + ε)
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: g.
  ///   - mean: m.
  ///   - square: v.
  ///   - step: the coefficients.
  public func adam(
    _ parameters: inout [Double], gradient: [Double], mean: inout [Double],
    square: inout [Double], _ step: AdamStep
  ) {
    precondition(gradient.count == parameters.count)
    precondition(mean.count == parameters.count && square.count == parameters.count)
    guard let table = unsafe table else {
      return PlainKernels.adam(
        &parameters, gradient: gradient, mean: &mean, square: &square, step)
    }
    var sums = [0.0, 0.0]
    unsafe table.pointee.adam(
      parameters.count, &parameters, gradient, &mean, &square, step.beta1, step.beta2,
      step.keep, step.size, step.rootCorrection, step.epsilon, nil, nil, 0, &sums)
  }

  /// One step of Adam on logits, and the first part of their softmax.
  ///
  /// - Parameters:
  ///   - parameters: the logits.
  ///   - gradient: g.
  ///   - mean: m.
  ///   - square: v.
  ///   - step: the coefficients.
  ///   - logits: receives the new logits; as long.
  ///   - exponentials: receives `exp(z − shift)`; as long.
  ///   - shift: a number close to the largest logit.
  /// - Returns: what `state` continues from.
  package func adam(
    _ parameters: inout [Double], gradient: [Double], mean: inout [Double],
    square: inout [Double], _ step: AdamStep, logits: inout [Double],
    exponentials: inout [Double], shift: Double
  ) -> BegunSoftmax {
    precondition(logits.count == parameters.count && exponentials.count == parameters.count)
    guard let table = unsafe table else {
      adam(&parameters, gradient: gradient, mean: &mean, square: &square, step)
      return PlainKernels.begin(
        parameters, logits: &logits, exponentials: &exponentials, shift: shift)
    }
    precondition(gradient.count == parameters.count)
    precondition(mean.count == parameters.count && square.count == parameters.count)
    var sums = [0.0, 0.0]
    unsafe table.pointee.adam(
      parameters.count, &parameters, gradient, &mean, &square, step.beta1, step.beta2,
      step.keep, step.size, step.rootCorrection, step.epsilon, &logits, &exponentials, shift, &sums)
    return BegunSoftmax(shift: shift, total: sums[0], maximum: sums[1])
  }
}

/// The coefficients of one step of Adam.
public struct AdamStep: Sendable {
  let beta1: Double
  let beta2: Double
  /// `η / (1 − β₁ᵏ)`.
  let size: Double
  /// `√(1 − β₂ᵏ)`.
  let rootCorrection: Double
  let epsilon: Double
  /// What weight decay leaves of the parameters, `1 − ηλ`.
  let keep: Double

  /// The coefficients of a step.
  ///
  /// - Parameters:
  ///   - beta1: decay of the mean gradient.
  ///   - beta2: decay of the mean square.
  ///   - size: the bias-corrected learning rate, `η / (1 − β₁ᵏ)`.
  ///   - rootCorrection: `√(1 − β₂ᵏ)`.
  ///   - epsilon: ε.
  ///   - keep: the factor of the parameters before the step, `1 − ηλ` under weight decay.
  public init(
    beta1: Double, beta2: Double, size: Double, rootCorrection: Double, epsilon: Double,
    keep: Double = 1
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.size = size
    self.rootCorrection = rootCorrection
    self.epsilon = epsilon
    self.keep = keep
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels
internal import RealModule

/// Sums over a student that are computed together with its softmax.
package struct StateSums: Sendable {
  /// `Σ p (log p − log q)`.
  package var forward = 0.0
  /// `Σ q (log q − log p)`.
  package var reverse = 0.0
  /// `−Σ q log q`.
  package var entropy = 0.0
  /// `Σ |q − p|`.
  package var absolute = 0.0
  /// `max z`.
  package var maximum = 0.0
  /// The weighted sum of a term; 0 without one.
  package var term = 0.0
  /// The sum of the term's slopes.
  package var slopes = 0.0

  package init() {}
}

/// The exponentials of logits relative to a shift, their sum, and the largest logit: made by an optimizer
/// of this package together with its step, and completed to the student's state.
public struct BegunSoftmax: Sendable {
  let shift: Double
  let total: Double
  package let maximum: Double

  /// Whether the sum is far from under- and overflow.
  package var isInRange: Bool { total > 0x1p-500 && total < 0x1p500 }
}

extension VectorKernels {
  /// Softmax, divergences, absolute differences and a term in one pass, with the bits of separate ones.
  ///
  /// - Parameters:
  ///   - logits: receives z = `scale · from`, one per token.
  ///   - from: as many logits; `logits` itself if nil.
  ///   - scale: the factor of `from`, above 0.
  ///   - maximum: the largest of `from`; nil if it is not known.
  ///   - begun: if not nil, `logits` already holds z, and `probabilities` its exponentials.
  ///   - p: teacher probabilities.
  ///   - logP: their logarithms.
  ///   - logProbabilities: receives log q.
  ///   - probabilities: receives q.
  ///   - term: a term to sum as well.
  ///   - slopes: receives the slopes of the term, one per token; unused without a term.
  /// - Returns: the sums.
  package func state(
    _ logits: inout [Double], from: [Double]? = nil, scale: Double = 1, maximum: Double? = nil,
    begun: BegunSoftmax? = nil, p: [Double], logP: [Double], logProbabilities: inout [Double],
    probabilities: inout [Double], term: WeightedTerm? = nil, slopes: inout [Double]
  ) -> StateSums {
    let count = logits.count
    precondition(count == logProbabilities.count && count == probabilities.count)
    precondition(
      count == p.count && count == logP.count && (from.map { $0.count == count } ?? true))
    precondition(term == nil || slopes.count == count)
    guard let table = unsafe table else {
      logits = (from ?? logits).map { scale * $0 }
      return plainState(
        logits, p: p, logP: logP, logProbabilities: &logProbabilities,
        probabilities: &probabilities, term: term, slopes: &slopes)
    }
    let (kind, coefficients) = TokenTerm.kernel(of: term?.term)
    let weight = term?.weight ?? 0
    // Small arrays would be allocated, and this is called for every state of a run.
    return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 18) { numbers in
      for index in 0..<8 { unsafe numbers[index] = coefficients[index] }
      if let begun {
        unsafe (numbers[8], numbers[9], numbers[10]) = (begun.shift, begun.total, begun.maximum)
      } else if let maximum {
        unsafe numbers[8] = maximum
      }
      guard let coefficients = numbers.baseAddress else { return StateSums() }
      let (sums, termSums) = unsafe (coefficients + 11, coefficients + 16)
      let start = unsafe UnsafePointer(coefficients + 8)
      // An array that is passed as a pointer is retained for the call; these closures only borrow.
      func find(from source: UnsafePointer<Double>?) {
        unsafe logits.withUnsafeMutableBufferPointer { z in
          unsafe logProbabilities.withUnsafeMutableBufferPointer { logQ in
            unsafe probabilities.withUnsafeMutableBufferPointer { q in
              unsafe slopes.withUnsafeMutableBufferPointer { slopes in
                unsafe p.withUnsafeBufferPointer { p in
                  unsafe logP.withUnsafeBufferPointer { logP in
                    unsafe table.pointee.state(
                      count, p.baseAddress, logP.baseAddress, scale,
                      source ?? UnsafePointer(z.baseAddress),
                      begun == nil && maximum != nil ? start : nil, begun == nil ? nil : start,
                      z.baseAddress, logQ.baseAddress, q.baseAddress, sums, kind, coefficients,
                      weight, slopes.baseAddress, termSums)
                  }
                }
              }
            }
          }
        }
      }
      if let from {
        unsafe from.withUnsafeBufferPointer { unsafe find(from: $0.baseAddress) }
      } else {
        find(from: nil)
      }
      var all = StateSums()
      unsafe (all.forward, all.reverse, all.entropy) = (sums[0], sums[1], 0 - sums[2])
      unsafe (all.absolute, all.maximum) = (sums[3], sums[4])
      unsafe (all.term, all.slopes) = (weight * termSums[0], termSums[1])
      return all
    }
  }

  private func plainState(
    _ logits: [Double], p: [Double], logP: [Double], logProbabilities: inout [Double],
    probabilities: inout [Double], term: WeightedTerm?, slopes: inout [Double]
  ) -> StateSums {
    softmax(logits, logProbabilities: &logProbabilities, probabilities: &probabilities)
    let (q, logQ) = (probabilities, logProbabilities)
    var sums = StateSums()
    for index in p.indices {
      if p[index] != 0 { sums.forward += p[index] * (logP[index] - logQ[index]) }
      guard q[index] != 0 else { continue }
      sums.reverse += q[index] * (logQ[index] - logP[index])
      sums.entropy -= q[index] * logQ[index]
    }
    sums.absolute = differences(p: p, q: q, over: p.indices).absolute
    sums.maximum = self.maximum(of: logits, over: logits.indices)
    if let term {
      let pair = DistributionPair(p: p, logP: logP, q: q, logQ: logQ)
      (sums.term, sums.slopes) = sumAndSlopes(of: [term], at: pair, slopes: &slopes)
    }
    return sums
  }
}

/// The coefficients of Adam, and of optimizers that are special cases of it.
///
///     θ ← (1 − ηλ) θ
///     m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
///     θ ← θ − η/(1 − β₁ᵏ) · m / ( √v / √(1 − β₂ᵏ) + ε )          k = 1, 2, …
///
/// Without bias correction the powers β₁ᵏ and β₂ᵏ count as 0.
package struct AdamCoefficients: Sendable {
  package let beta1: Double
  package let beta2: Double
  package let epsilon: Double
  package let weightDecay: Double
  /// β⁰ of the bias correction: 1, or 0 without it.
  let firstPower: Double
  private var beta1Power: Double
  private var beta2Power: Double

  /// - Parameters:
  ///   - beta1: β₁, the decay of the mean gradient.
  ///   - beta2: β₂, the decay of the mean square.
  ///   - epsilon: ε, added to the bias-corrected root.
  ///   - weightDecay: λ.
  ///   - correctsBias: whether the moments are corrected for their start at 0.
  package init(
    beta1: Double, beta2: Double, epsilon: Double, weightDecay: Double = 0,
    correctsBias: Bool = true
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    firstPower = correctsBias ? 1 : 0
    (beta1Power, beta2Power) = (firstPower, firstPower)
  }

  /// Returns to the first step.
  package mutating func begin() { (beta1Power, beta2Power) = (firstPower, firstPower) }

  /// The coefficients of the next step, for the learning rate η.
  package mutating func step(learningRate: Double) -> AdamStep {
    beta1Power *= beta1
    beta2Power *= beta2
    return AdamStep(
      beta1: beta1, beta2: beta2, size: learningRate / (1 - beta1Power),
      rootCorrection: (1 - beta2Power).squareRoot(), epsilon: epsilon,
      keep: 1 - learningRate * weightDecay)
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
  /// `1 − ηλ`.
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

extension VectorKernels {
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
    if let table = unsafe table {
      // An array would be allocated at every step.
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
        unsafe table.pointee.adam(
          parameters.count, &parameters, gradient, &mean, &square, step.beta1, step.beta2,
          step.keep, step.size, step.rootCorrection, step.epsilon, nil, nil, 0, sums.baseAddress)
      }
      return
    }
    let inverse = 1 / step.rootCorrection
    for index in parameters.indices {
      let slope = gradient[index]
      mean[index] = step.beta1 * mean[index] + (1 - step.beta1) * slope
      square[index] = step.beta2 * square[index] + (1 - step.beta2) * slope * slope
      let scale = square[index].squareRoot() * inverse + step.epsilon
      parameters[index] = step.keep * parameters[index] - step.size * (mean[index] / scale)
    }
  }

  /// One step of Adam on logits, and the first part of their softmax.
  ///
  /// - Parameters:
  ///   - parameters: the logits.
  ///   - gradient: g.
  ///   - mean: m.
  ///   - square: v.
  ///   - step: the coefficients.
  ///   - logits: receives the new logits; of the same length.
  ///   - exponentials: receives `exp(z − shift)`; of the same length.
  ///   - shift: a number close to the largest logit.
  /// - Returns: what `state` continues from.
  package func adam(
    _ parameters: inout [Double], gradient: [Double], mean: inout [Double],
    square: inout [Double], _ step: AdamStep, logits: inout [Double],
    exponentials: inout [Double], shift: Double
  ) -> BegunSoftmax {
    precondition(logits.count == parameters.count && exponentials.count == parameters.count)
    precondition(gradient.count == parameters.count)
    precondition(mean.count == parameters.count && square.count == parameters.count)
    if let table = unsafe table {
      return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 2) { sums in
        unsafe table.pointee.adam(
          parameters.count, &parameters, gradient, &mean, &square, step.beta1, step.beta2,
          step.keep, step.size, step.rootCorrection, step.epsilon, &logits, &exponentials, shift,
          sums.baseAddress)
        return unsafe BegunSoftmax(shift: shift, total: sums[0], maximum: sums[1])
      }
    }
    adam(&parameters, gradient: gradient, mean: &mean, square: &square, step)
    for index in parameters.indices {
      logits[index] = parameters[index]
      exponentials[index] = .exp(parameters[index] - shift)
    }
    return BegunSoftmax(
      shift: shift, total: exponentials.reduce(0, +),
      maximum: maximum(of: parameters, over: parameters.indices))
  }
}

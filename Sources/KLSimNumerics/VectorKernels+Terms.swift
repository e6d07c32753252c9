// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A teacher and a student as the kernels read them.
package struct DistributionPair: Sendable {
  let p: [Double]
  let logP: [Double]
  package let q: [Double]
  let logQ: [Double]
  let logMass: (main: Double, rest: Double)

  /// - Parameters:
  ///   - p: teacher probabilities.
  ///   - logP: their logarithms.
  ///   - q: student probabilities, as many as p.
  ///   - logQ: their logarithms, plus `logMass`.
  ///   - logMass: a number to subtract from `logQ`, in two parts of which the second is small.
  package init(
    p: [Double], logP: [Double], q: [Double], logQ: [Double],
    logMass: (main: Double, rest: Double) = (0, 0)
  ) {
    precondition(p.count == logP.count && p.count == q.count && p.count == logQ.count)
    self.p = p
    self.logP = logP
    self.q = q
    self.logQ = logQ
    self.logMass = logMass
  }
}

/// The slopes that others are added to.
package enum Addend: Sendable {
  case nothing
  /// The present contents of the array that receives the result.
  case itself
  case array([Double])
}

extension VectorKernels {
  /// The sum over tokens of weighted terms, and their slopes.
  ///
  /// - Parameters:
  ///   - terms: at least one.
  ///   - pair: teacher and student; q may be part of a distribution.
  ///   - slopes: receives r, one value per token.
  /// - Returns: the sum, and Σ r.
  package func sumAndSlopes(
    of terms: [WeightedTerm], at pair: DistributionPair, slopes: inout [Double]
  ) -> (sum: Double, slopes: Double) {
    precondition(!terms.isEmpty)
    return add(terms[...], at: pair, after: (0, 0), to: .nothing, slopes: &slopes)
  }

  /// The value of each token: the sum of weighted terms over that token alone.
  ///
  /// - Parameters:
  ///   - terms: at least one.
  ///   - pair: teacher and student; q may be part of a distribution.
  /// - Returns: one value per token.
  package func values(of terms: [WeightedTerm], at pair: DistributionPair) -> [Double] {
    var values = [Double](repeating: 0, count: pair.p.count)
    var (slopes, losses) = (values, values)
    for term in terms {
      _ = add(term, at: pair, to: .nothing, slopes: &slopes, losses: &losses)
      for index in values.indices { values[index] += term.weight * losses[index] }
    }
    return values
  }

  /// Adds terms to a partial sum.
  ///
  /// - Parameters:
  ///   - terms: further terms.
  ///   - pair: teacher and student.
  ///   - sums: sum and Σ r so far.
  ///   - others: the slopes so far.
  ///   - slopes: receives the sum of all slopes; unchanged without terms.
  /// - Returns: the sum of all terms, and Σ r.
  package func add(
    _ terms: ArraySlice<WeightedTerm>, at pair: DistributionPair,
    after sums: (sum: Double, slopes: Double), to others: Addend, slopes: inout [Double]
  ) -> (sum: Double, slopes: Double) {
    precondition(slopes.count == pair.p.count)
    var (sum, total, others) = (sums.sum, sums.slopes, others)
    for term in terms {
      var none: [Double] = []
      let more = add(term, at: pair, to: others, slopes: &slopes, losses: &none)
      sum += term.weight * more.sum
      total = more.slopes
      others = .itself
    }
    return (sum, total)
  }

  /// Adds a term: the sum of its values without the weight, and Σ r.
  ///
  /// The values themselves go to `losses` unless that is empty.
  private func add(
    _ term: WeightedTerm, at pair: DistributionPair, to others: Addend, slopes: inout [Double],
    losses: inout [Double]
  ) -> (sum: Double, slopes: Double) {
    guard let table = unsafe table else {
      var sums = (0.0, 0.0)
      switch others {
      case .nothing: slopes = [Double](repeating: 0, count: slopes.count)
      case .itself: break
      case .array(let array): slopes = array
      }
      for index in slopes.indices {
        let (loss, slope) = term.term.plain(
          p: pair.p[index], logP: pair.logP[index], q: pair.q[index],
          logQ: pair.logQ[index] - pair.logMass.main - pair.logMass.rest)
        slopes[index] += term.weight * slope
        if !losses.isEmpty { losses[index] = loss }
        sums.0 += loss
        sums.1 += slopes[index]
      }
      return sums
    }
    let (kind, coefficients) = TokenTerm.kernel(of: term.term)
    return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 12) { numbers in
      for index in 0..<8 { unsafe numbers[index] = coefficients[index] }
      unsafe (numbers[8], numbers[9]) = pair.logMass
      guard let coefficients = numbers.baseAddress else { return (0, 0) }
      let (logMass, sums) = unsafe (coefficients + 8, coefficients + 10)
      unsafe slopes.withUnsafeMutableBufferPointer { slopes in
        unsafe losses.withUnsafeMutableBufferPointer { losses in
          let base = slopes.baseAddress
          let values = losses.isEmpty ? nil : losses.baseAddress
          func add(to others: UnsafePointer<Double>?) {
            unsafe table.pointee.terms(
              kind, coefficients, term.weight, pair.p.count, pair.p, pair.logP, pair.q,
              pair.logQ, logMass, others, base, values, sums)
          }
          switch others {
          case .nothing: add(to: nil)
          case .itself: unsafe add(to: base)
          case .array(let array): unsafe add(to: array)
          }
        }
      }
      return unsafe (sums[0], sums[1])
    }
  }

  /// Turns slopes `r = q ∂/∂q` into the gradient in the logits.
  ///
  ///     gᵢ = scale · (rᵢ − mean · qᵢ)
  ///
  /// If one token has more than half of q, its gᵢ is `sum` minus the others, which keep digits that its
  /// own difference loses.
  ///
  /// - Parameters:
  ///   - gradient: receives g.
  ///   - slopes: r; nil if `gradient` holds it.
  ///   - q: student probabilities.
  ///   - mean: Σ r.
  ///   - scale: a factor.
  ///   - sum: what all gᵢ sum to: 0 if mean is Σ r and q sums to 1.
  package func centre(
    _ gradient: inout [Double], slopes: [Double]? = nil, q: [Double], mean: Double,
    scale: Double = 1, sum: Double = 0
  ) {
    precondition(gradient.count == q.count && (slopes.map { $0.count == q.count } ?? true))
    if let table = unsafe table {
      unsafe gradient.withUnsafeMutableBufferPointer { gradient in
        let base = gradient.baseAddress
        if let slopes {
          unsafe table.pointee.centre(q.count, q, slopes, mean, scale, sum, base)
        } else {
          unsafe table.pointee.centre(q.count, q, base, mean, scale, sum, base)
        }
      }
      return
    }
    var rest = 0.0
    for (index, slope) in (slopes ?? gradient).enumerated() {
      gradient[index] = scale * (slope - q[index] * mean)
      if !(q[index] > 0.5) { rest += gradient[index] }
    }
    if let top = q.firstIndex(where: { $0 > 0.5 }) { gradient[top] = sum - rest }
  }
}

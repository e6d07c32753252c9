// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A teacher and a student as the passes read them.
public struct DistributionPair: Sendable {
  let p: [Double]
  let logP: [Double]
  public let q: [Double]
  let logQ: [Double]

  /// - Parameters:
  ///   - p: teacher probabilities.
  ///   - logP: their logarithms.
  ///   - q: student probabilities, as many.
  ///   - logQ: their logarithms.
  public init(p: [Double], logP: [Double], q: [Double], logQ: [Double]) {
    precondition(p.count == logP.count && p.count == q.count && p.count == logQ.count)
    self.p = p
    self.logP = logP
    self.q = q
    self.logQ = logQ
  }
}

extension VectorKernels {
  /// The sum over tokens of weighted terms, and its gradient in the student's logits.
  ///
  ///     ∂/∂zᵢ = rᵢ − qᵢ Σ r          rᵢ = qᵢ ∂/∂qᵢ
  ///
  /// - Parameters:
  ///   - terms: at least one.
  ///   - pair: teacher and student.
  ///   - scale: what the gradient, but not the sum, is multiplied by.
  ///   - gradient: receives the gradient, one value a token.
  /// - Returns: the sum.
  public func sum(
    of terms: [WeightedTerm], at pair: DistributionPair, scale: Double = 1,
    gradient: inout [Double]
  ) -> Double {
    let (loss, mean) = sumAndSlopes(of: terms, at: pair, slopes: &gradient)
    centre(&gradient, q: pair.q, mean: mean, scale: scale)
    return loss
  }

  /// The sum over tokens of weighted terms, and their slopes.
  ///
  /// - Parameters:
  ///   - terms: at least one.
  ///   - pair: teacher and student; the slopes take q for what it says, a distribution or part of one.
  ///   - slopes: receives r, one value a token.
  /// - Returns: the sum, and Σ r.
  public func sumAndSlopes(
    of terms: [WeightedTerm], at pair: DistributionPair, slopes: inout [Double]
  ) -> (sum: Double, slopes: Double) {
    precondition(!terms.isEmpty)
    return add(terms[...], at: pair, after: (0, 0), to: .nothing, slopes: &slopes)
  }

  /// Adds terms to a sum that has begun.
  ///
  /// - Parameters:
  ///   - terms: further terms.
  ///   - pair: teacher and student.
  ///   - sums: sum and Σ r so far.
  ///   - others: the slopes so far.
  ///   - slopes: receives all slopes, unless there are no terms.
  /// - Returns: sum and Σ r of all.
  public func add(
    _ terms: ArraySlice<WeightedTerm>, at pair: DistributionPair,
    after sums: (sum: Double, slopes: Double), to others: Addend, slopes: inout [Double]
  ) -> (sum: Double, slopes: Double) {
    precondition(slopes.count == pair.p.count)
    var (sum, total, others) = (sums.sum, sums.slopes, others)
    for term in terms {
      let more = add(term, at: pair, to: others, slopes: &slopes)
      sum += term.weight * more.loss
      total = more.slopes
      others = .itself
    }
    return (sum, total)
  }

  private func add(
    _ term: WeightedTerm, at pair: DistributionPair, to others: Addend, slopes: inout [Double]
  ) -> (loss: Double, slopes: Double) {
    guard let level else {
      return PlainKernels.add(term, at: pair, to: others, slopes: &slopes)
    }
    var sums = [0.0, 0.0]
    let (kind, coefficients) = term.term.kernel
    unsafe slopes.withUnsafeMutableBufferPointer { slopes in
      guard let base = slopes.baseAddress else { return }
      func add(to others: UnsafePointer<Double>?) {
        unsafe klsim_terms(
          level, kind, coefficients, term.weight, pair.p.count, pair.p, pair.logP, pair.q,
          pair.logQ, others, base, &sums)
      }
      switch others {
      case .nothing: add(to: nil)
      case .itself: unsafe add(to: base)
      case .array(let array): unsafe add(to: array)
      }
    }
    return (sums[0], sums[1])
  }

  /// Turns slopes `r = q ∂/∂q` into the gradient in the logits.
  ///
  ///     gᵢ = scale · (rᵢ − mean · qᵢ)
  ///
  /// Where one token has most of q, its gᵢ is `sum` less the others, which have kept digits that its own
  /// difference has lost.
  ///
  /// - Parameters:
  ///   - gradient: receives g.
  ///   - slopes: r; what stands in `gradient` if nil.
  ///   - q: student probabilities.
  ///   - mean: Σ r.
  ///   - scale: a factor.
  ///   - sum: what all gᵢ sum to: 0 if mean is Σ r and q sums to 1.
  public func centre(
    _ gradient: inout [Double], slopes: [Double]? = nil, q: [Double], mean: Double,
    scale: Double = 1, sum: Double = 0
  ) {
    precondition(gradient.count == q.count && (slopes.map { $0.count == q.count } ?? true))
    guard let level else {
      return PlainKernels.centre(
        &gradient, slopes: slopes, q: q, mean: mean, scale: scale, sum: sum)
    }
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      guard let base = gradient.baseAddress else { return }
      if let slopes {
        unsafe klsim_centre(level, q.count, q, slopes, mean, scale, sum, base)
      } else {
        unsafe klsim_centre(level, q.count, q, base, mean, scale, sum, base)
      }
    }
  }

  /// `a x + b y`, elementwise; a term of weight 0 is 0 whatever is in it.
  ///
  /// - Parameters:
  ///   - a: weight of x.
  ///   - x: one array.
  ///   - b: weight of y.
  ///   - y: another one, as long.
  ///   - result: receives the sum; as long.
  public func combine(
    _ a: Double, _ x: [Double], _ b: Double, _ y: [Double], into result: inout [Double]
  ) {
    precondition(x.count == y.count && x.count == result.count)
    guard let level else {
      for index in x.indices {
        result[index] = (a == 0 ? 0 : a * x[index]) + (b == 0 ? 0 : b * y[index])
      }
      return
    }
    unsafe klsim_linear(level, x.count, a, x, b, y, &result)
  }

  /// Adds `a x`, elementwise.
  public func add(_ a: Double, _ x: [Double], to result: inout [Double]) {
    precondition(x.count == result.count)
    guard let level else {
      for index in x.indices { result[index] += a == 0 ? 0 : a * x[index] }
      return
    }
    unsafe result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      unsafe klsim_linear(level, x.count, 1, base, a, x, base)
    }
  }

  /// Multiplies every element by a factor.
  public func scale(_ values: inout [Double], by factor: Double) {
    guard let level else {
      for index in values.indices { values[index] *= factor }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      unsafe klsim_linear(level, values.count, factor, base, 0, base, base)
    }
  }

  /// `(x + shift) + rest`, elementwise.
  public func shift(
    _ x: [Double], by shift: Double, then rest: Double = 0, into result: inout [Double]
  ) {
    precondition(x.count == result.count)
    guard let level else {
      for index in x.indices { result[index] = x[index] + shift + rest }
      return
    }
    unsafe klsim_shift(level, x.count, x, shift, rest, &result)
  }

  /// Adds a number to every element.
  public func shift(_ values: inout [Double], by shift: Double) {
    guard let level else {
      for index in values.indices { values[index] += shift }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      unsafe klsim_shift(level, values.count, base, shift, 0, base)
    }
  }

  /// `Σ x` over a range of elements.
  public func total(of x: [Double], over range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= x.count)
    guard let level else { return x[range].reduce(0, +) }
    return unsafe x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return 0 }
      return unsafe klsim_total(level, range.count, base + range.lowerBound)
    }
  }

  /// `Σ x`.
  public func total(of x: [Double]) -> Double { total(of: x, over: x.indices) }

  /// The largest of a range of elements; −∞ of none.
  public func maximum(of x: [Double], over range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= x.count)
    guard let level else { return x[range].reduce(-.infinity) { $1 > $0 ? $1 : $0 } }
    return unsafe x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return -.infinity }
      return unsafe klsim_maximum(level, range.count, base + range.lowerBound)
    }
  }

  /// `Σ x y`; a term with x = 0 is 0.
  public func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count)
    guard let level else {
      return x.indices.reduce(0) { x[$1] == 0 ? $0 : $0 + x[$1] * y[$1] }
    }
    return unsafe klsim_dot(level, x.count, x, y)
  }
}

extension VectorKernels {
  /// The weighted mean and the sum of squares about it of `δ = x − y`.
  ///
  /// - Parameters:
  ///   - weights: w, of at least 0, not all 0; a term of weight 0 is left out whatever it is. 1
  ///     each if there are none.
  ///   - x: values.
  ///   - y: what is taken off them.
  /// - Returns: `W = Σ w`, `δ̄ = Σ w δ/W` and `Σ w (δ − δ̄)²`.
  public func moments(
    weights: [Double]? = nil, of x: [Double], minus y: [Double]
  ) -> (mass: Double, mean: Double, squares: Double) {
    precondition(weights.map { $0.count == x.count } ?? true && x.count == y.count)
    let rough = sums(weights, x, y, about: 0)
    let mean = rough[1] / rough[0]
    // About a mean that is nearly right, and then corrected for what it was off.
    let fine = sums(weights, x, y, about: mean)
    let rest = fine[1] / fine[0]
    return (fine[0], mean + rest, fine[2] - fine[1] * rest)
  }

  private func sums(
    _ weights: [Double]?, _ x: [Double], _ y: [Double], about centre: Double
  ) -> [Double] {
    var sums = [0.0, 0.0, 0.0]
    guard let level else {
      for index in x.indices {
        let weight = weights?[index] ?? 1
        guard weight != 0 else { continue }
        let gap = x[index] - y[index] - centre
        sums[0] += weight
        sums[1] += weight * gap
        sums[2] += weight * gap * gap
      }
      return sums
    }
    if let weights {
      unsafe klsim_moments(level, x.count, weights, x, y, centre, &sums)
    } else {
      unsafe klsim_moments(level, x.count, nil, x, y, centre, &sums)
    }
    return sums
  }

  /// Adds `scale · w (x − y − centre)`, elementwise; where w = 0 nothing is added.
  public func addDeviations(
    _ scale: Double, weights: [Double], of x: [Double], minus y: [Double], centre: Double,
    to result: inout [Double]
  ) {
    precondition(
      weights.count == x.count && x.count == y.count && result.count == x.count)
    guard let level else {
      for index in x.indices where weights[index] != 0 {
        result[index] += scale * (weights[index] * (x[index] - y[index] - centre))
      }
      return
    }
    unsafe klsim_deviations(level, x.count, scale, weights, x, y, centre, &result)
  }

  /// `log Σ exp(x + scale · y)`, for some x above −∞.
  ///
  /// - Parameters:
  ///   - x: logarithms.
  ///   - scale: a factor.
  ///   - y: values, from `offset` on as many as x.
  ///   - offset: where they begin.
  /// - Returns: the logarithm of the sum.
  public func logSumExp(
    _ x: [Double], plus scale: Double, times y: [Double], from offset: Int
  ) -> Double {
    precondition(offset >= 0 && offset + x.count <= y.count)
    guard let level else {
      let terms = x.indices.map { x[$0] + scale * y[offset + $0] }
      var (logs, values) = (terms, terms)
      return PlainKernels.softmax(terms, logProbabilities: &logs, probabilities: &values)
    }
    return unsafe y.withUnsafeBufferPointer { y in
      guard let base = y.baseAddress else { return -.infinity }
      return unsafe klsim_log_sum_exp(level, x.count, x, scale, base + offset)
    }
  }
}

/// `log(1 + x)` for x > −1, within 2 ulp: the same bits on every processor.
public func logarithm(onePlus x: Double) -> Double {
  let sum = 1 + x
  return logarithms([sum])[0] + (x - (sum - 1)) / sum
}

/// What slopes are added to.
public enum Addend: Sendable {
  case nothing
  /// What stands where the result goes.
  case itself
  case array([Double])
}

extension PlainKernels {
  static func add(
    _ term: WeightedTerm, at pair: DistributionPair, to others: Addend, slopes: inout [Double]
  ) -> (loss: Double, slopes: Double) {
    switch others {
    case .nothing: slopes = [Double](repeating: 0, count: slopes.count)
    case .itself: break
    case .array(let array): slopes = array
    }
    var sums = (loss: 0.0, slopes: 0.0)
    for index in slopes.indices {
      let (loss, slope) = term.term.plain(
        p: pair.p[index], logP: pair.logP[index], q: pair.q[index], logQ: pair.logQ[index])
      slopes[index] += term.weight * slope
      sums.loss += loss
      sums.slopes += slopes[index]
    }
    return sums
  }

  static func centre(
    _ gradient: inout [Double], slopes: [Double]?, q: [Double], mean: Double, scale: Double,
    sum: Double
  ) {
    let slopes = slopes ?? gradient
    var rest = 0.0
    for index in slopes.indices {
      gradient[index] = scale * (slopes[index] - q[index] * mean)
      if !(q[index] > 0.5) { rest += gradient[index] }
    }
    if let top = q.firstIndex(where: { $0 > 0.5 }) { gradient[top] = sum - rest }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

extension VectorKernels {
  /// `a x + b y`, elementwise; a term of weight 0 is 0 whatever is in it.
  ///
  /// - Parameters:
  ///   - a: weight of x.
  ///   - x: one array.
  ///   - b: weight of y.
  ///   - y: another array, as long.
  ///   - result: receives the sum; as long.
  public func combine(
    _ a: Double, _ x: [Double], _ b: Double, _ y: [Double], into result: inout [Double]
  ) {
    precondition(x.count == y.count && x.count == result.count)
    guard let table = unsafe table else {
      for index in x.indices {
        result[index] = (a == 0 ? 0 : a * x[index]) + (b == 0 ? 0 : b * y[index])
      }
      return
    }
    unsafe table.pointee.linear(x.count, a, x, b, y, &result)
  }

  /// Adds `a x`, elementwise.
  public func add(_ a: Double, _ x: [Double], to result: inout [Double]) {
    precondition(x.count == result.count)
    guard let table = unsafe table else {
      for index in x.indices { result[index] += a == 0 ? 0 : a * x[index] }
      return
    }
    unsafe result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      unsafe table.pointee.linear(x.count, 1, base, a, x, base)
    }
  }

  /// Multiplies every element by a factor.
  public func scale(_ values: inout [Double], by factor: Double) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] *= factor }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      unsafe table.pointee.linear(values.count, factor, base, 0, base, base)
    }
  }

  /// Divides every element by a number.
  public func divide(_ values: inout [Double], by divisor: Double) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] /= divisor }
      return
    }
    unsafe table.pointee.divide(values.count, &values, divisor)
  }

  /// `(x + shift) + rest`, elementwise.
  public func shift(
    _ x: [Double], by shift: Double, then rest: Double = 0, into result: inout [Double]
  ) {
    precondition(x.count == result.count)
    guard let table = unsafe table else {
      for index in x.indices { result[index] = x[index] + shift + rest }
      return
    }
    unsafe table.pointee.shift(x.count, x, shift, rest, &result)
  }

  /// Adds a number to every element.
  public func shift(_ values: inout [Double], by shift: Double) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] += shift }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      unsafe table.pointee.shift(values.count, base, shift, 0, base)
    }
  }

  /// `Σ x` over a range of elements.
  public func total(of x: [Double], over range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= x.count)
    guard let table = unsafe table else { return x[range].reduce(0, +) }
    return unsafe x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return 0 }
      return unsafe table.pointee.total(range.count, base + range.lowerBound)
    }
  }

  /// `Σ x`.
  public func total(of x: [Double]) -> Double { total(of: x, over: x.indices) }

  /// The largest of a range of elements; −∞ of none.
  public func maximum(of x: [Double], over range: Range<Int>) -> Double {
    precondition(range.lowerBound >= 0 && range.upperBound <= x.count)
    guard let table = unsafe table else { return x[range].reduce(-.infinity) { $1 > $0 ? $1 : $0 } }
    return unsafe x.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return -.infinity }
      return unsafe table.pointee.maximum(range.count, base + range.lowerBound)
    }
  }

  /// `Σ x y`; a term with x = 0 is 0.
  public func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count)
    guard let table = unsafe table else {
      return x.indices.reduce(0) { x[$1] == 0 ? $0 : $0 + x[$1] * y[$1] }
    }
    return unsafe table.pointee.dot(x.count, x, y)
  }
}

extension VectorKernels {
  /// The weighted mean and the sum of squares about it of `δ = x − y`.
  ///
  /// - Parameters:
  ///   - weights: w, of at least 0, not all 0; a term of weight 0 is left out whatever it is. Nil for
  ///     weights of 1.
  ///   - x: values.
  ///   - y: the values to subtract from them.
  /// - Returns: `W = Σ w`, `δ̄ = Σ w δ/W` and `Σ w (δ − δ̄)²`.
  public func moments(
    weights: [Double]? = nil, of x: [Double], minus y: [Double]
  ) -> (mass: Double, mean: Double, squares: Double) {
    precondition(weights.map { $0.count == x.count } ?? true && x.count == y.count)
    let rough = sums(weights, x, y, about: 0)
    let mean = rough[1] / rough[0]
    // A second pass about the approximate mean, and a correction for its error.
    let fine = sums(weights, x, y, about: mean)
    let rest = fine[1] / fine[0]
    return (fine[0], mean + rest, fine[2] - fine[1] * rest)
  }

  private func sums(
    _ weights: [Double]?, _ x: [Double], _ y: [Double], about centre: Double
  ) -> [Double] {
    var sums = [0.0, 0.0, 0.0]
    guard let table = unsafe table else {
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
      unsafe table.pointee.moments(x.count, weights, x, y, centre, &sums)
    } else {
      unsafe table.pointee.moments(x.count, nil, x, y, centre, &sums)
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
    guard let table = unsafe table else {
      for index in x.indices where weights[index] != 0 {
        result[index] += scale * (weights[index] * (x[index] - y[index] - centre))
      }
      return
    }
    unsafe table.pointee.deviations(x.count, scale, weights, x, y, centre, &result)
  }

  /// `log Σ exp(x + scale · y)`, for some x above −∞.
  ///
  /// - Parameters:
  ///   - x: logarithms.
  ///   - scale: a factor.
  ///   - y: values, from `offset` on as many as x.
  ///   - offset: the index of the first of them.
  /// - Returns: the logarithm of the sum.
  public func logSumExp(
    _ x: [Double], plus scale: Double, times y: [Double], from offset: Int
  ) -> Double {
    precondition(offset >= 0 && offset + x.count <= y.count)
    guard let table = unsafe table else {
      return logSumExp(x.indices.map { x[$0] + scale * y[offset + $0] })
    }
    return unsafe y.withUnsafeBufferPointer { y in
      guard let base = y.baseAddress else { return -.infinity }
      return unsafe table.pointee.log_sum_exp(x.count, x, scale, base + offset)
    }
  }
}

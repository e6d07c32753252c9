// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// Element-wise arithmetic.
extension VectorKernels {
  /// `a x + b y`, element by element; a term of weight 0 is 0 whatever the other factor.
  ///
  /// - Parameters:
  ///   - a: weight of x.
  ///   - x: one array.
  ///   - b: weight of y.
  ///   - y: another array, of the same length.
  ///   - result: receives the sum; of the same length.
  public func combine(
    _ a: Double, _ x: [Double], _ b: Double, _ y: [Double], into result: inout [Double]
  ) {
    precondition(x.count == y.count && x.count == result.count)
    if let table = unsafe table {
      unsafe table.pointee.linear(x.count, a, x, b, y, &result)
      return
    }
    for index in x.indices {
      result[index] = (a == 0 ? 0 : a * x[index]) + (b == 0 ? 0 : b * y[index])
    }
  }

  /// Adds `a x`, element by element.
  public func add(_ a: Double, _ x: [Double], to result: inout [Double]) {
    precondition(x.count == result.count)
    guard let table = unsafe table else {
      for index in x.indices { result[index] += a == 0 ? 0 : a * x[index] }
      return
    }
    unsafe result.withUnsafeMutableBufferPointer {
      unsafe table.pointee.linear(x.count, 1, $0.baseAddress, a, x, $0.baseAddress)
    }
  }

  /// Multiplies every element by a factor.
  public func scale(_ values: inout [Double], by factor: Double) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] *= factor }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer {
      let base = $0.baseAddress
      unsafe table.pointee.linear($0.count, factor, base, 0, base, base)
    }
  }

  /// Divides every element by a number.
  public func divide(_ values: inout [Double], by divisor: Double) {
    if let table = unsafe table {
      unsafe table.pointee.divide(values.count, &values, divisor)
    } else {
      for index in values.indices { values[index] /= divisor }
    }
  }

  /// `(x + shift) + rest`, element by element.
  public func shift(
    _ x: [Double], by shift: Double, then rest: Double = 0, into result: inout [Double]
  ) {
    precondition(x.count == result.count)
    if let table = unsafe table {
      unsafe table.pointee.shift(x.count, x, shift, rest, &result)
    } else {
      for index in x.indices { result[index] = x[index] + shift + rest }
    }
  }

  /// Adds a number to every element.
  public func shift(_ values: inout [Double], by shift: Double) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] += shift }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer {
      unsafe table.pointee.shift($0.count, $0.baseAddress, shift, 0, $0.baseAddress)
    }
  }

  /// Adds `scale · w (x − y − centre)`, element by element; where w = 0 nothing is added.
  public func addDeviations(
    _ scale: Double, weights: [Double], of x: [Double], minus y: [Double], centre: Double,
    to result: inout [Double]
  ) {
    precondition(
      weights.count == x.count && x.count == y.count && result.count == x.count)
    if let table = unsafe table {
      unsafe table.pointee.deviations(x.count, scale, weights, x, y, centre, &result)
      return
    }
    for index in x.indices where weights[index] != 0 {
      result[index] += scale * (weights[index] * (x[index] - y[index] - centre))
    }
  }
}

/// Sums.
extension VectorKernels {
  /// `Σ x` over a range of elements.
  public func total(of x: [Double], over range: Range<Int>) -> Double {
    guard let table = unsafe table else { return x[range].reduce(0, +) }
    return unsafe x[range].withUnsafeBufferPointer {
      unsafe table.pointee.total($0.count, $0.baseAddress)
    }
  }

  /// `Σ x`.
  public func total(of x: [Double]) -> Double { total(of: x, over: x.indices) }

  /// The largest of a range of elements; −∞ if it is empty.
  public func maximum(of x: [Double], over range: Range<Int>) -> Double {
    guard let table = unsafe table else { return x[range].reduce(-.infinity) { $1 > $0 ? $1 : $0 } }
    return unsafe x[range].withUnsafeBufferPointer {
      unsafe table.pointee.maximum($0.count, $0.baseAddress)
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
    precondition(p.count == q.count)
    var sums = [0.0, 0.0]
    if let table = unsafe table {
      unsafe p[range].withUnsafeBufferPointer { p in
        unsafe q[range].withUnsafeBufferPointer { q in
          unsafe table.pointee.differences(p.count, p.baseAddress, q.baseAddress, &sums)
        }
      }
    } else {
      for index in range {
        sums[0] += abs(q[index] - p[index])
        sums[1] += q[index] - p[index]
      }
    }
    return (sums[0], sums[1])
  }

  /// The weighted mean of `δ = x − y`, and the sum of squared deviations from it.
  ///
  /// - Parameters:
  ///   - weights: w ≥ 0, not all 0; a term of weight 0 is left out whatever its value. Nil for weights
  ///     of 1.
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
    if let table = unsafe table {
      unsafe table.pointee.moments(x.count, weights, x, y, centre, &sums)
      return sums
    }
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
}

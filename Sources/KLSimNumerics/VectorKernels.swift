// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels
internal import RealModule

/// Loops over arrays of doubles: C kernels for one instruction set, or plain Swift.
///
/// Every instruction set gives the same bits. The plain loops are the readable reference that the
/// kernels are tested against; they agree up to rounding.
public enum VectorKernels: String, CaseIterable, Sendable {
  case plain
  case baseline
  case avx2
  case avx512

  /// The fastest that this processor supports.
  public static let best = allCases.last { $0.isAvailable } ?? .baseline

  /// Whether this processor has the instructions.
  public var isAvailable: Bool {
    level.map { $0.rawValue <= klsim_best_level().rawValue } ?? true
  }

  /// The level in C; nil for the plain loops.
  private var level: klsim_level? {
    switch self {
    case .plain: nil
    case .baseline: KLSIM_BASELINE
    case .avx2: KLSIM_AVX2
    case .avx512: KLSIM_AVX512
    }
  }

  /// The kernels in C; nil for the plain loops.
  var table: UnsafePointer<klsim_kernels>? { unsafe level.flatMap { unsafe klsim_kernels_of($0) } }
}

/// Exponentials and logarithms.
extension VectorKernels {
  /// `exp x` of every element, within 1.2 ulp.
  ///
  /// All instruction sets give the same bits; the plain loops call the system's library.
  ///
  /// - Parameter values: x.
  /// - Returns: the values, as many as x.
  public func exponentials(_ values: [Double]) -> [Double] {
    guard let table = unsafe table else { return values.map { .exp($0) } }
    var results = values
    unsafe table.pointee.exp(values.count, values, &results)
    return results
  }

  /// Replaces every element by its exponential, as `exponentials(_:)` gives it.
  public func exponentiate(_ values: inout [Double]) {
    guard let table = unsafe table else {
      for index in values.indices { values[index] = .exp(values[index]) }
      return
    }
    unsafe values.withUnsafeMutableBufferPointer {
      unsafe table.pointee.exp($0.count, $0.baseAddress, $0.baseAddress)
    }
  }

  /// `exp x`, the same as of an array.
  public func exponential(_ x: Double) -> Double {
    guard let table = unsafe table else { return .exp(x) }
    var (x, result) = (x, 0.0)
    unsafe table.pointee.exp(1, &x, &result)
    return result
  }

  /// `log x` of every element, within 1 ulp; as reproducible as `exponentials(_:)`.
  ///
  /// - Parameter values: x; the result is −∞ for 0 and NaN below 0.
  /// - Returns: the values, as many as x.
  public func logarithms(_ values: [Double]) -> [Double] {
    guard let table = unsafe table else { return values.map { .log($0) } }
    var results = values
    unsafe table.pointee.log(values.count, values, &results)
    return results
  }

  /// `log(1 + x)` of every element for x > −1, within 2 ulp.
  ///
  /// - Parameter values: x.
  /// - Returns: the values, as many as x.
  public func logarithms(onePlus values: [Double]) -> [Double] {
    guard self != .plain else { return values.map { .log(onePlus: $0) } }
    let sums = values.map { 1 + $0 }
    return zip(zip(values, sums), logarithms(sums)).map { pair, log in
      log + (pair.0 - (pair.1 - 1)) / pair.1
    }
  }

  /// `exp(x) − 1` of every element, within a few ulp; ∞ where it exceeds a double.
  package func exponentialsMinusOne(_ values: [Double]) -> [Double] {
    guard self != .plain else { return values.map { .expMinusOne($0) } }
    let powers = exponentials(values)
    return zip(zip(values, powers), logarithms(powers)).map { pair, log in
      let excess = pair.1 - 1
      // The rounding of the power cancels in the quotient; Kahan.
      return log == 0 ? pair.0 : log.isFinite ? excess * (pair.0 / log) : excess
    }
  }

  /// `log(1 + x)`, as `logarithms(onePlus:)`.
  public func logarithm(onePlus x: Double) -> Double { logarithms(onePlus: [x])[0] }
}

/// The cosine of an angle in radians.
package func cosine(_ angle: Double) -> Double { .cos(angle) }

/// Softmax and log-sum-exp.
extension VectorKernels {
  /// Fills `logProbabilities` and `probabilities` with the log-softmax and softmax of `logits`.
  ///
  ///     log q = (z − max z) − log Σ exp(z − max z),   q = exp(log q)
  ///
  /// The logarithm is never taken of a probability: where q underflows, log q is still exact. If a
  /// logit is NaN or +∞, all results are NaN.
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
    if let table = unsafe table {
      return unsafe table.pointee.softmax(
        logits.count, logits, &logProbabilities, &probabilities)
    }
    let top = maximum(of: logits, over: logits.indices)
    let logTotal = Double.log(logits.reduce(0) { $0 + .exp($1 - top) })
    for index in logits.indices {
      // Not z − (top + logTotal): beside a large maximum the logarithm would lose digits.
      logProbabilities[index] = logits[index] - top - logTotal
      probabilities[index] = .exp(logProbabilities[index])
    }
    return top + logTotal
  }

  /// The log-softmax and the softmax of every row of a matrix, as
  /// `softmax(_:logProbabilities:probabilities:)` of each.
  ///
  /// - Parameters:
  ///   - width: the number of columns.
  ///   - logits: z, row by row.
  ///   - logProbabilities: receives log q; as long as `logits`.
  ///   - probabilities: receives q; as long as `logits`.
  public func softmax(
    rowsOf width: Int, _ logits: [Double], logProbabilities: inout [Double],
    probabilities: inout [Double]
  ) {
    precondition(logits.count == logProbabilities.count && logits.count == probabilities.count)
    precondition(width > 0 && logits.count.isMultiple(of: width), "whole rows")
    guard let table = unsafe table else {
      for first in stride(from: 0, to: logits.count, by: width) {
        let row = softmax(Array(logits[first..<first + width]))
        logProbabilities.replaceSubrange(first..<first + width, with: row.logProbabilities)
        probabilities.replaceSubrange(first..<first + width, with: row.probabilities)
      }
      return
    }
    unsafe logits.withUnsafeBufferPointer { logits in
      unsafe logProbabilities.withUnsafeMutableBufferPointer { logs in
        unsafe probabilities.withUnsafeMutableBufferPointer { values in
          guard let z = logits.baseAddress, let logQ = logs.baseAddress, let q = values.baseAddress
          else { return }
          unsafe table.pointee.softmax_rows(logits.count / width, width, z, logQ, q)
        }
      }
    }
  }

  /// The log-softmax and the softmax of logits.
  ///
  /// - Parameter logits: z.
  /// - Returns: log q and q, as long as `logits`.
  public func softmax(
    _ logits: [Double]
  ) -> (logProbabilities: [Double], probabilities: [Double]) {
    var (logs, values) = (logits, logits)
    softmax(logits, logProbabilities: &logs, probabilities: &values)
    return (logs, values)
  }

  /// `log Σ exp xᵢ`, without overflow or underflow.
  ///
  /// - Parameter terms: the xᵢ, at least one.
  /// - Returns: −∞ if all terms are −∞; NaN if a term is NaN or +∞.
  public func logSumExp(_ terms: [Double]) -> Double {
    guard terms.contains(where: { $0 != -.infinity }) else { return -.infinity }
    var (logs, values) = (terms, terms)
    return softmax(terms, logProbabilities: &logs, probabilities: &values)
  }

  /// `log(eˣ + eʸ)`, the same as of an array.
  public func logSumExp(_ x: Double, _ y: Double) -> Double {
    guard let table = unsafe table, max(x, y) != -.infinity else { return logSumExp([x, y]) }
    return unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: 6) { numbers in
      unsafe (numbers[0], numbers[1]) = (x, y)
      guard let terms = numbers.baseAddress else { return .nan }
      return unsafe table.pointee.softmax(2, terms, terms + 2, terms + 4)
    }
  }

  /// `log Σₖ exp xₖ` of several arrays, element by element, and the share of each array in the sum.
  ///
  /// - Parameter arrays: the xₖ, at least one, all of the same length.
  /// - Returns: the logarithms, −∞ where every xₖ is; and `exp xₖ / Σ exp xₖ`, one array per xₖ.
  public func logSumExp(over arrays: [[Double]]) -> (logs: [Double], shares: [[Double]]) {
    var tops = [Double](repeating: -.infinity, count: arrays[0].count)
    for array in arrays {
      for index in tops.indices { tops[index] = .maximum(tops[index], array[index]) }
    }
    var totals = [Double](repeating: 0, count: tops.count)
    var shares = arrays.map { array in
      var share = array
      for index in tops.indices {
        // −∞ less itself is not a number.
        share[index] -= tops[index] == -.infinity ? 0 : tops[index]
      }
      share = exponentials(share)
      for index in tops.indices { totals[index] += share[index] }
      return share
    }
    for place in shares.indices {
      var share: [Double] = []
      swap(&share, &shares[place])
      for index in totals.indices { share[index] /= totals[index] }
      swap(&share, &shares[place])
    }
    let logs = logarithms(totals)
    for index in tops.indices { tops[index] += logs[index] }
    return (tops, shares)
  }

  /// `log Σ exp(x + scale · y)`, for some x above −∞.
  ///
  /// - Parameters:
  ///   - x: logarithms.
  ///   - scale: a factor.
  ///   - y: values, at least as many as x from `offset` on.
  ///   - offset: the index of the first one that is used.
  /// - Returns: the logarithm of the sum.
  public func logSumExp(
    _ x: [Double], plus scale: Double, times y: [Double], from offset: Int
  ) -> Double {
    let y = y[offset..<offset + x.count]
    guard let table = unsafe table else { return logSumExp(zip(x, y).map { $0 + scale * $1 }) }
    return unsafe y.withUnsafeBufferPointer {
      unsafe table.pointee.log_sum_exp(x.count, x, scale, $0.baseAddress)
    }
  }
}

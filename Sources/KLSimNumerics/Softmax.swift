// SPDX-License-Identifier: GPL-3.0-or-later

extension VectorKernels {
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

  /// `log Σ exp xᵢ`, exact in scale whatever the size of the terms.
  ///
  /// - Parameter terms: the xᵢ, at least one.
  /// - Returns: −∞ for terms that are all −∞; NaN where a term is NaN or +∞.
  public func logSumExp(_ terms: [Double]) -> Double {
    guard terms.contains(where: { $0 != -.infinity }) else { return -.infinity }
    var (logs, values) = (terms, terms)
    return softmax(terms, logProbabilities: &logs, probabilities: &values)
  }

  /// `log Σₖ exp xₖ` of several arrays, elementwise, and the share of each array in the sum.
  ///
  /// - Parameter arrays: the xₖ, at least one, all as long.
  /// - Returns: the logarithms, −∞ where every xₖ is; and `exp xₖ / Σ exp xₖ`, one array each.
  public func logSumExp(over arrays: [[Double]]) -> (logs: [Double], shares: [[Double]]) {
    let tops = arrays[0].indices.map { index in
      arrays.reduce(-.infinity) { Double.maximum($0, $1[index]) }
    }
    // −∞ less itself is not a number.
    let shifts = tops.map { $0 == -.infinity ? 0 : $0 }
    var shares = arrays.map { array in exponentials(zip(array, shifts).map { $0 - $1 }) }
    let totals = tops.indices.map { index in shares.reduce(0) { $0 + $1[index] } }
    for place in shares.indices {
      for index in totals.indices { shares[place][index] /= totals[index] }
    }
    return (zip(tops, logarithms(totals)).map { $0 + $1 }, shares)
  }
}

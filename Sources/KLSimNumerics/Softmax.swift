// SPDX-License-Identifier: GPL-3.0-or-later

import RealModule

/// `log Σ exp xᵢ`, exact in scale whatever the size of the terms.
///
/// −∞ for terms that are all −∞; NaN where a term is NaN or +∞.
public func logSumExp(_ terms: [Double]) -> Double {
  var top = -Double.infinity
  for term in terms where term > top { top = term }
  guard top > -.infinity else { return terms.reduce(top, +) }
  var sum = 0.0
  for term in terms { sum += Double.exp(term - top) }
  return top + Double.log(sum)
}

/// Fills `logProbabilities` and `probabilities` with the log-softmax and the softmax of `logits`.
///
///     log q = z − logsumexp z,   q = exp(log q)
///
/// The logarithm is never taken of a probability: where q underflows, log q is still exact. Logits
/// that are NaN or +∞ give NaN throughout.
///
/// - Parameters:
///   - logits: z, one a token.
///   - logProbabilities: receives log q; as long as `logits`.
///   - probabilities: receives q; as long as `logits`.
public func softmax(
  _ logits: [Double], logProbabilities: inout [Double], probabilities: inout [Double]
) {
  precondition(logits.count == logProbabilities.count && logits.count == probabilities.count)
  let logSum = logSumExp(logits)
  for index in logits.indices {
    let logProbability = logits[index] - logSum
    logProbabilities[index] = logProbability
    probabilities[index] = Double.exp(logProbability)
  }
}

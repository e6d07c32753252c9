// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

extension TeacherDistribution {
  /// The histogram of a finite sample.
  ///
  ///     p̂_i ∝ c_i p_i^(1−τ),   c of n draws from p^τ/Σ p^τ
  ///
  /// At τ = 1 these are the shares of the draws, whose mean is p. At any other τ the mean differs from p by
  /// O(1/n), for the weights are normalised by their own sum. Anshumann et al., arXiv 2503.16870 (Random
  /// Sampling Knowledge Distillation).
  ///
  /// - Parameters:
  ///   - draws: n, at least 1.
  ///   - proposal: τ, at least 0; tokens without mass are never drawn.
  ///   - smoothing: added to the weight of every token, after these sum to n.
  ///   - stream: what draws.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: the histogram.
  /// - Throws: `DistributionError` if weights overflow.
  func histogram(
    of draws: UInt32, proposal: Double, smoothing: Double, drawnWith stream: inout RandomStream,
    kernels: VectorKernels
  ) throws(DistributionError) -> TeacherDistribution {
    let smoothed: [Double]
    if proposal == 1 {
      let counts = stream.multinomial(draws: draws, weights: byToken(probabilities))
      smoothed = counts.map { Double($0) + smoothing }
    } else {
      // 0 · ∞ is kept out: a token without mass has none in the proposal, whatever τ is.
      let logs = logProbabilities.map {
        $0 == -.infinity ? $0 : proposal * ($0 - logProbabilities[0])
      }
      let counts = stream.multinomial(draws: draws, weights: byToken(kernels.exponentials(logs)))
      let logCounts = kernels.logarithms(counts.map(Double.init))
      let weights = zip(logCounts, byToken(logProbabilities)).map {
        $0 == -.infinity ? $0 : $0 + (1 - proposal) * $1
      }
      smoothed = kernels.softmax(weights).probabilities.map { Double(draws) * $0 + smoothing }
    }
    return try TeacherDistribution(.linear(smoothed), kernels: kernels)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// What is left of a distribution without some tokens.
struct Remainder: Sendable {
  /// `log M` of the mass M, in two parts of which the second is small; −∞ where there is no mass.
  let logMassParts: (main: Double, rest: Double)
  /// M.
  let mass: Double

  /// `log M`, exact however small M is.
  var logMass: Double { logMassParts.main + logMassParts.rest }

  /// Sums up the others.
  ///
  /// - Parameters:
  ///   - others: the probabilities, 0 for the tokens left out, or anything outside of the ranges.
  ///   - ranges: where to look at them, everywhere if nil.
  ///   - logs: the logarithms of all probabilities.
  ///   - ranks: the tokens left out.
  ///   - kernels: the vector kernels to compute with.
  init(
    of others: [Double], over ranges: [Range<Int>]? = nil, logs: [Double],
    without ranks: some Sequence<Int>, kernels: VectorKernels
  ) {
    let ranges = ranges ?? [others.indices]
    let sum = ranges.reduce(0) { $0 + kernels.total(of: others, over: $1) }
    let tops = ranges.map { kernels.maximum(of: others, over: $0) }
    let largest = tops.reduce(-.infinity, Double.maximum)
    // So far down, what is summed has lost digits or is gone, and only the logarithms know.
    if sum > 1e-280, let range = tops.firstIndex(of: largest).map({ ranges[$0] }),
      let index = others[range].firstIndex(of: largest)
    {
      // Relative to the largest: where that is nearly all, its logarithm keeps its digits.
      mass = sum
      logMassParts = (logs[index], kernels.logarithms([sum / largest])[0])
      return
    }
    var rest = logs
    for rank in ranks { rest[rank] = -.infinity }
    let top = rest.reduce(-.infinity, Double.maximum)
    // What is not a number stays that.
    let hasMass = rest.contains { $0 != -.infinity }
    let excess = hasMass ? kernels.logSumExp(rest.map { $0 - top }) : 0
    logMassParts = (top, excess)
    mass = kernels.exponentials([top + excess])[0]
  }

  /// What is left of a distribution without one token of at most half of the mass.
  init(withoutMinor probability: Double, kernels: VectorKernels) {
    precondition(probability <= 0.5)
    mass = 1 - probability
    logMassParts = (0, kernels.logarithm(onePlus: -probability))
  }

  /// `log(p/M)` of the others.
  ///
  /// - Parameters:
  ///   - logs: the logarithms of all probabilities.
  ///   - ranks: the tokens left out.
  ///   - result: receives the logarithms, −∞ for the tokens left out and for all where there is no
  ///     mass.
  ///   - kernels: the vector kernels to compute with.
  func normalize(
    logs: [Double], without ranks: some Sequence<Int>, into result: inout [Double],
    kernels: VectorKernels
  ) {
    guard logMass != -.infinity else {
      for rank in result.indices { result[rank] = -.infinity }
      return
    }
    kernels.shift(logs, by: -logMassParts.main, then: -logMassParts.rest, into: &result)
    for rank in ranks { result[rank] = -.infinity }
  }

  /// Spreads an amount over the others in proportion to their probabilities.
  ///
  /// - Parameters:
  ///   - amount: what the results sum to.
  ///   - all: every probability.
  ///   - logs: their logarithms.
  ///   - ranks: the tokens left out.
  ///   - result: receives the parts, 0 for the tokens left out and for all where there is no mass.
  ///   - kernels: the vector kernels to compute with.
  func spread(
    _ amount: Double, over all: [Double], logs: [Double], without ranks: some Sequence<Int>,
    into result: inout [Double], kernels: VectorKernels
  ) {
    if mass > 1e-280 {
      kernels.combine(amount / mass, all, 0, all, into: &result)
      for rank in ranks { result[rank] = 0 }
    } else {
      normalize(logs: logs, without: ranks, into: &result, kernels: kernels)
      result = kernels.exponentials(result)
      kernels.scale(&result, by: amount)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// What is left of a distribution without some tokens.
struct Remainder {
  /// `log M` of the mass M, in two parts of which the second is small; −∞ where there is no mass.
  private let most: Double
  private let excess: Double
  /// M.
  let mass: Double

  /// `log M`, exact however small M is.
  var logMass: Double { most + excess }

  /// Sums up the others.
  ///
  /// - Parameters:
  ///   - others: the probabilities, 0 for the tokens left out.
  ///   - logs: the logarithms of all probabilities.
  ///   - ranks: the tokens left out.
  ///   - kernels: who does the arithmetic.
  init(
    of others: [Double], logs: [Double], without ranks: some Sequence<Int>, kernels: VectorKernels
  ) {
    let sum = kernels.total(of: others)
    let largest = kernels.maximum(of: others, over: others.indices)
    // So far down, what is summed has lost digits or is gone, and only the logarithms know.
    if sum > 1e-280, let index = others.firstIndex(of: largest) {
      // Relative to the largest: where that is nearly all, its logarithm keeps its digits.
      (mass, most, excess) = (sum, logs[index], logarithms([sum / largest])[0])
      return
    }
    var rest = logs
    for rank in ranks { rest[rank] = -.infinity }
    let top = rest.reduce(-.infinity, Double.maximum)
    most = top
    // What is not a number stays that.
    let hasMass = rest.contains { $0 != -.infinity }
    excess = hasMass ? logSumExp(rest.map { $0 - top }) : 0
    mass = exponentials([most + excess])[0]
  }

  /// Normalises the others.
  ///
  /// - Parameters:
  ///   - others: their probabilities, 0 for the tokens left out, which become `p/M`.
  ///   - logs: the logarithms of all probabilities, which become `log p − log M`, −∞ for the tokens
  ///     left out and for all where there is no mass.
  ///   - result: receives the logarithms.
  ///   - ranks: the tokens left out.
  ///   - kernels: who does the arithmetic.
  func normalize(
    _ others: inout [Double], logs: [Double], into result: inout [Double],
    without ranks: some Sequence<Int>, kernels: VectorKernels
  ) {
    guard logMass != -.infinity else {
      for rank in result.indices { result[rank] = -.infinity }
      return
    }
    kernels.shift(logs, by: -most, then: -excess, into: &result)
    for rank in ranks { result[rank] = -.infinity }
    if mass > 1e-280 {
      kernels.scale(&others, by: 1 / mass)
    } else {
      others = exponentials(result)
    }
  }
}

extension Remainder {
  /// Spreads an amount over the others in proportion to their probabilities.
  ///
  /// - Parameters:
  ///   - amount: what the results sum to.
  ///   - others: their probabilities, 0 for the tokens left out; may be something else afterwards.
  ///   - logs: the logarithms of all probabilities.
  ///   - ranks: the tokens left out.
  ///   - result: receives the parts, 0 for the tokens left out.
  ///   - kernels: who does the arithmetic.
  func spread(
    _ amount: Double, over others: inout [Double], logs: [Double],
    without ranks: some Sequence<Int>, into result: inout [Double], kernels: VectorKernels
  ) {
    if mass > 1e-280 {
      kernels.combine(amount / mass, others, 0, others, into: &result)
    } else {
      normalize(&others, logs: logs, into: &result, without: ranks, kernels: kernels)
      kernels.combine(amount, others, 0, others, into: &result)
    }
  }
}

/// Teacher and student without one token y, each normalised.
struct NonTarget {
  /// `1 − p_y`.
  let teacher: Remainder
  /// `1 − q_y`.
  let student: Remainder
  /// p̂ and q̂: 0 at y, or all 0 where no other token has mass.
  let pair: DistributionPair

  /// Hands both to a function.
  ///
  /// - Parameters:
  ///   - rank: where y is.
  ///   - state: teacher and student.
  ///   - body: uses them.
  /// - Returns: what the body returns.
  static func without<Result>(
    _ rank: Int, at state: FitState, _ body: (NonTarget) -> Result
  ) -> Result {
    let (kernels, size) = (state.kernels, state.probabilities.count)
    func find(
      _ all: [Double], _ logs: [Double], _ others: inout [Double], _ otherLogs: inout [Double]
    ) -> Remainder {
      kernels.combine(1, all, 0, all, into: &others)
      others[rank] = 0
      let ranks = CollectionOfOne(rank)
      let remainder = Remainder(of: others, logs: logs, without: ranks, kernels: kernels)
      remainder.normalize(
        &others, logs: logs, into: &otherLogs, without: ranks, kernels: kernels)
      return remainder
    }
    let teacher = state.constants.value(for: "without \(rank)") {
      var (p, logP) = (state.teacher.probabilities, state.teacher.logProbabilities)
      let remainder = find(p, logP, &p, &logP)
      return (remainder: remainder, p: p, logP: logP)
    }
    return state.scratch.lend(size) { q in
      state.scratch.lend(size) { logQ in
        let student = find(state.probabilities, state.logProbabilities, &q, &logQ)
        return body(
          NonTarget(
            teacher: teacher.remainder, student: student,
            pair: DistributionPair(p: teacher.p, logP: teacher.logP, q: q, logQ: logQ)))
      }
    }
  }
}

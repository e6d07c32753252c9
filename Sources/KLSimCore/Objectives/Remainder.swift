// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The rest of a distribution without some tokens.
struct Remainder: Sendable {
  /// `log M` of the mass M, in two parts of which the second is small; −∞ where there is no mass.
  let logMassParts: (main: Double, rest: Double)
  /// M.
  let mass: Double

  /// `log M`, exact however small M is.
  var logMass: Double { logMassParts.main + logMassParts.rest }

  /// The rest of a distribution whose other tokens are known.
  ///
  /// - Parameters:
  ///   - others: the probabilities, 0 for the tokens left out, or anything outside the ranges.
  ///   - ranges: the ranks to sum over; nil for all.
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
    // Smaller sums have lost digits or underflowed; then the logarithms are used.
    if sum > 1e-280, let range = tops.firstIndex(of: largest).map({ ranges[$0] }),
      let index = others[range].firstIndex(of: largest)
    {
      // Relative to the largest: its logarithm keeps its digits where it is nearly all of the sum.
      mass = sum
      logMassParts = (logs[index], kernels.logarithms([sum / largest])[0])
      return
    }
    var rest = logs
    for rank in ranks { rest[rank] = -.infinity }
    let top = rest.reduce(-.infinity, Double.maximum)
    // NaN stays NaN.
    let hasMass = rest.contains { $0 != -.infinity }
    let excess = hasMass ? kernels.logSumExp(rest.map { $0 - top }) : 0
    logMassParts = (top, excess)
    mass = kernels.exponentials([top + excess])[0]
  }

  /// The rest of a distribution without one token of at most half of the mass.
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

/// A teacher and its students without one token y, each renormalised.
struct NonTarget: Sendable {
  /// How many arrays of one number a token it keeps: p̂, log p̂ and q̂.
  static let vectorCount = 3
  /// The rank of y.
  let rank: Int
  /// `1 − p_y`.
  let teacher: Remainder
  /// p̂ and its logarithms: 0 at y, or all 0 where no other token has mass.
  private let p: [Double]
  private let logP: [Double]
  /// q̂ of the last student.
  private var q: [Double]

  /// Removes the token from a teacher.
  ///
  /// - Parameters:
  ///   - target: y, a token of the teacher's.
  ///   - teacher: p.
  ///   - kernels: the vector kernels to compute with.
  init(without target: TargetToken, of teacher: TeacherDistribution, kernels: VectorKernels) {
    let rank = target.rank(under: teacher)
    self.rank = rank
    var (p, logP) = (teacher.probabilities, teacher.logProbabilities)
    let remainder = Self.find(
      teacher.probabilities, teacher.logProbabilities, without: rank, into: &p, kernels)
    remainder.normalize(
      logs: teacher.logProbabilities, without: CollectionOfOne(rank), into: &logP,
      kernels: kernels)
    self.teacher = remainder
    self.p = p
    self.logP = logP
    q = p
  }

  /// Removes the token from a student.
  ///
  /// - Parameter state: the teacher and a student.
  /// - Returns: `1 − q_y`, and p̂ and q̂.
  mutating func student(
    at state: FitState
  ) -> (remainder: Remainder, pair: DistributionPair) {
    let student = Self.find(
      state.probabilities, state.logProbabilities, without: rank, into: &q, state.kernels)
    let pair = DistributionPair(
      p: p, logP: logP, q: q, logQ: state.logProbabilities, logMass: student.logMassParts)
    return (student, pair)
  }

  /// The rest without a token; `others` receives the other probabilities divided by its mass.
  private static func find(
    _ all: [Double], _ logs: [Double], without rank: Int, into others: inout [Double],
    _ kernels: VectorKernels
  ) -> Remainder {
    let ranks = CollectionOfOne(rank)
    let remainder =
      all[rank] <= 0.5
      ? Remainder(withoutMinor: all[rank], kernels: kernels)
      : Remainder(
        of: all, over: [0..<rank, rank + 1..<all.count], logs: logs, without: ranks,
        kernels: kernels)
    remainder.spread(1, over: all, logs: logs, without: ranks, into: &others, kernels: kernels)
    return remainder
  }
}

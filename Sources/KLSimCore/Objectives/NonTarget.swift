// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A teacher and its students without one token y, each normalised.
struct NonTarget: Sendable {
  /// The rank of y.
  let rank: Int
  /// `1 − p_y`.
  let teacher: Remainder
  /// p̂ and its logarithms: 0 at y, or all 0 where no other token has mass.
  private let p: [Double]
  private let logP: [Double]
  /// q̂ of the last student.
  private var q: [Double]

  /// Takes the token off a teacher.
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

  /// Takes the token off a student.
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

  /// What is left without a token, and the others over that.
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

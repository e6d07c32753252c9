// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The exact mean and variance of an estimate of the value of seq-rkl from one sequence of the student.
///
///     M(c) = Σ_v q(v|c) [x(c, v) + M(cv)],   S(c) = Var_v [x(c, v) + M(cv)] + Σ_v q(v|c) S(cv)
///
/// by dynamic programming, for worlds of any length.
package struct ValueMoments: Equatable, Sendable {
  /// What is summed over the tokens of a sequence.
  package enum Estimator: Sendable {
    /// k1, k2 or k3 of each token.
    case tokens(KLEstimator)
    /// `KL(q(·|c_t)‖p(·|c_t))` at each prefix: Rao–Blackwell, arXiv 2504.10637.
    case prefixes
  }

  /// The expectation, nats; ∞ where k3 of a token exceeds a double.
  package let mean: Double
  /// The variance of one sequence's value; ∞ where the mean is.
  package let variance: Double

  /// - Parameters:
  ///   - estimator: what is summed.
  ///   - space: teacher and student.
  ///   - student: the student.
  package init(of estimator: Estimator, in space: JointSpace, at student: StudentTable) {
    let moment = SequenceMoment(space, student)
    let size = space.vocabularySize
    let values =
      switch estimator {
      case .tokens(let estimator): estimator.values(moment.logRatios, kernels: student.kernels)
      case .prefixes: moment.tokenReverseKL.flatMap { [Double](repeating: $0, count: size) }
      }
    var next: [(mean: Double, variance: Double)] = []
    for length in stride(from: space.length - 1, through: 0, by: -1) {
      let first = space.states(after: length + 1).lowerBound
      next = space.states(after: length).map { state in
        let row = Int(space.studentRows[state]) * size
        /// What follows a token.
        func after(_ token: Int) -> (mean: Double, variance: Double) {
          guard length + 1 < space.length, token != space.studentEndToken else { return (0, 0) }
          return next[Int(space.successors[state * size + token]) - first]
        }
        var (mean, variance) = (0.0, 0.0)
        for token in 0..<size {
          let value = values[state * size + token] + after(token).mean
          // Even where q underflows: its part of the mean of k3 is p.
          mean += value == .infinity ? value : student.probabilities[row + token] * value
        }
        guard mean.isFinite else { return (mean, mean) }
        for token in 0..<size {
          let (q, future) = (student.probabilities[row + token], after(token))
          let gap = values[state * size + token] + future.mean - mean
          variance += q * (gap * gap + future.variance)
        }
        return (mean, variance)
      }
    }
    (mean, variance) = next[0]
  }
}

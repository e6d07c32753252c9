// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The distance between student and teacher on some of the tokens.
///
/// All are 0 for q = p and above 0 otherwise; `share` does not exist for q = p.
enum ErrorMeasure: String, CutMeasure, CaseIterable {
  /// `Σ |p − q|`.
  case absolute
  /// The mean of `|q − p| / p`.
  case relative
  /// The mean of `|log q − log p|`, nats.
  case logRatio = "log-ratio"
  /// The contribution of the tokens to KL(p‖q): `Σ p (log p − log q) − p + q`, nats.
  ///
  /// Each token's term is at least 0, and over all tokens the sum is the divergence.
  case forwardKL = "fkl-part"
  /// Their contribution to KL(q‖p): `Σ q (log q − log p) − q + p`, nats.
  case reverseKL = "rkl-part"
  /// `Σ |p − q|`, relative to that over all tokens.
  case share

  static let summary =
    "absolute: sum of |p - q|; relative: mean of |q - p|/p; log-ratio: mean of |log q - log p|;"
    + " fkl-part, rkl-part: contribution to the divergence; share: of the total absolute error"

  /// The error over some ranks.
  func error(of student: Snapshot, to teacher: TeacherDistribution, over ranks: Range<Int>)
    -> Double
  {
    let (p, logP) = (teacher.probabilities, teacher.logProbabilities)
    let (q, logQ) = (student.probabilities, student.logProbabilities)
    func sum(_ term: (Int) -> Double) -> Double { ranks.reduce(0) { $0 + term($1) } }
    switch self {
    case .absolute:
      return sum { abs(p[$0] - q[$0]) }
    case .relative:
      let ratios = VectorKernels.best.exponentials(ranks.map { logQ[$0] - logP[$0] })
      return ratios.reduce(0) { $0 + abs($1 - 1) } / Double(ranks.count)
    case .logRatio:
      return sum { abs(logQ[$0] - logP[$0]) } / Double(ranks.count)
    case .forwardKL:
      return sum { p[$0] * (logP[$0] - logQ[$0]) - p[$0] + q[$0] }
    case .reverseKL:
      return sum { q[$0] * (logQ[$0] - logP[$0]) - q[$0] + p[$0] }
    case .share:
      let total = p.indices.reduce(0) { $0 + abs(p[$1] - q[$1]) }
      return sum { abs(p[$0] - q[$0]) } / total
    }
  }
}

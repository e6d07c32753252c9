// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The Jensen–Shannon divergence `½ KL(p‖m) + ½ KL(q‖m)`, `m = (p + q)/2`, in [0, log 2].
package struct JensenShannonMetric: Metric {
  package static let name = "js"
  package static let summary = "Jensen-Shannon divergence of teacher and student"
  package static let reference = "Lin, IEEE Trans. Inf. Theory 37, 1991"
  package static let vectorCount = 4
  package static let columns = [Column("js", .number, "Jensen-Shannon divergence, nats")]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    let logPs = state.teacher.logProbabilities
    let logQs = state.logProbabilities
    // m = larger · (1 + smaller/larger)/2, with the larger and the smaller of p and q.
    let ratios = state.kernels.exponentials(zip(logPs, logQs).map { -abs($0 - $1) })
    let logFactors = state.kernels.logarithms(ratios.map { (1 + $0) / 2 })
    var sum = 0.0
    for rank in state.logits.indices {
      let (p, q) = (state.teacher.probabilities[rank], state.probabilities[rank])
      let (logP, logQ) = (logPs[rank], logQs[rank])
      let logM = max(logP, logQ) + logFactors[rank]
      if p != 0 { sum += p * (logP - logM) }
      if q != 0 { sum += q * (logQ - logM) }
    }
    return [sum / 2]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The Jensen–Shannon divergence `½ KL(p‖m) + ½ KL(q‖m)`, `m = (p + q)/2`, in [0, log 2].
public struct JensenShannonMetric: Metric {
  public static let name = "js"
  public static let summary = "Jensen-Shannon divergence of teacher and student"
  public static let reference = "Lin, IEEE Trans. Inf. Theory 37, 1991"
  public static let columns = [Column("js", .number, "Jensen-Shannon divergence, nats")]

  public init(_ values: Parameters) {}

  public func values(at state: FitState, headCount: Int) -> [Double?] {
    var sum = 0.0
    for rank in state.logits.indices {
      let logP = state.teacher.logProbabilities[rank]
      let logQ = state.logProbabilities[rank]
      let (p, q) = (state.teacher.probabilities[rank], state.probabilities[rank])
      let gap = -abs(logP - logQ)
      let logM = max(logP, logQ) + .log(onePlus: .exp(gap)) - .log(2)
      if p != 0 { sum += p * (logP - logM) }
      if q != 0 { sum += q * (logQ - logM) }
    }
    return [sum / 2]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

extension ReferenceFormula {
  /// Objectives of truncated teachers.
  static let truncated: [String: ReferenceFormula] = [
    "topk-kl": ReferenceFormula { settings, state in
      let count = Int(settings.number("k", 1))
      let logs = settings.text("select") == "student" ? state.logQ : state.logP
      let ranking = logs.indices.sorted {
        logs[$0] != logs[$1] ? logs[$0] > logs[$1] : $0 < $1
      }
      let selected = Set(ranking.prefix(count))
      return evaluate(
        settings.text("mode") ?? "renormalize",
        isReverse: settings.text("direction") == "reverse", selected, state)
    }
  ]

  private static func evaluate(
    _ mode: String, isReverse: Bool, _ selected: Set<Int>, _ state: ReferenceState
  ) -> (loss: Wide, gradient: [Wide]) {
    func logMass(_ logs: [Wide], _ isInside: Bool) -> Wide {
      Foundation.log(
        compensatedSum(
          logs.indices.map { selected.contains($0) == isInside ? Foundation.exp(logs[$0]) : 0 }))
    }
    let (logP, logQ) = (logMass(state.logP, true), logMass(state.logQ, true))
    let (restP, restQ) = (logMass(state.logP, false), logMass(state.logQ, false))
    let restRatio = restP - restQ
    var losses: [Wide] = []
    var slopes: [Wide] = []
    for token in state.p.indices {
      let (p, q) = (state.p[token], state.q[token])
      let logRatio = state.logP[token] - state.logQ[token]
      guard selected.contains(token) else {
        let isBucket = mode == "bucket"
        losses.append(0)
        slopes.append(
          !isBucket ? 0 : isReverse ? q * -restRatio : q * -Foundation.exp(restRatio))
        continue
      }
      switch mode {
      case "renormalize":
        let (a, b) = (
          Foundation.exp(state.logP[token] - logP), Foundation.exp(state.logQ[token] - logQ)
        )
        let ratio = logRatio - logP + logQ
        losses.append(isReverse ? entropyTerm(b, -ratio) : entropyTerm(a, ratio))
        slopes.append(isReverse ? entropyTerm(b, -ratio) : b - a)
      case "renormalize-teacher":
        let a = Foundation.exp(state.logP[token] - logP)
        losses.append(
          isReverse ? entropyTerm(q, logP - logRatio) : entropyTerm(a, logRatio - logP))
        slopes.append(isReverse ? q * (logP - logRatio + 1) : -a)
      case "truncate", "clamp":
        losses.append(isReverse ? entropyTerm(q, -logRatio) : entropyTerm(p, logRatio))
        slopes.append(isReverse ? q * (1 - logRatio) : -p)
      default:
        losses.append(isReverse ? entropyTerm(q, -logRatio) : entropyTerm(p, logRatio))
        slopes.append(isReverse ? q * -logRatio : -p)
      }
    }
    var loss = compensatedSum(losses)
    if mode == "bucket", restQ > -.infinity {
      loss +=
        isReverse
        ? entropyTerm(Foundation.exp(restQ), -restRatio)
        : entropyTerm(Foundation.exp(restP), restRatio)
    }
    if mode == "clamp", loss <= 0 { return (0, state.p.map { _ in 0 }) }
    guard mode == "renormalize" else { return (loss, state.pull(slopes)) }
    // On S alone: g itself if forward, b (l − <b, l>) if reverse.
    guard isReverse else { return (loss, slopes) }
    return (
      loss,
      state.p.indices.map {
        selected.contains($0)
          ? slopes[$0] - Foundation.exp(state.logQ[$0] - logQ) * loss : 0
      }
    )
  }
}

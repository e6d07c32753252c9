// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

extension ReferenceFormula {
  /// Objectives of logits, of a target token, or of an order of the tokens.
  static let targeted: [String: ReferenceFormula] = [
    "ce": ReferenceFormula { settings, state in hard(state, settings.target(state)) },
    "mse-logits": ReferenceFormula(softened: false) { settings, state in
      // Not centred, it is of the logits themselves, which a reference state does not know.
      let size = Wide(state.p.count)
      let gaps = zip(state.logQ, state.logP).map { $0 - $1 }
      let mean = compensatedSum(gaps) / size
      return (
        compensatedSum(gaps.map { ($0 - mean) * ($0 - mean) }) / size,
        gaps.map { 2 / size * ($0 - mean) }
      )
    },
    "hinton": ReferenceFormula(softened: false) { settings, state in
      let temperature = settings.number("temperature", 2)
      let alpha = settings.number("alpha", 0.5)
      let soft = state.softened(by: temperature)
      let scale = (1 - alpha) * settings.number("soft-scale", 1) * temperature
      let hard = hard(state, settings.target(state))
      return (
        alpha * hard.loss + scale * temperature * soft.forwardKL,
        state.p.indices.map { alpha * hard.gradient[$0] + scale * (soft.q[$0] - soft.p[$0]) }
      )
    },
    "dkl": ReferenceFormula(softened: false) { settings, state in
      let (loss, gradient) = softCrossEntropy(settings, state)
      return (loss + settings.number("beta", 1) * pairs(state, state.p), gradient)
    },
    "ikl": ReferenceFormula(softened: false) { settings, state in
      let (loss, gradient) = softCrossEntropy(settings, state)
      let base = logNormalized(state.logP.map { $0 / settings.number("weight-temperature", 100) })
      let weights = base.map { Foundation.exp(settings.number("gamma", 1) * $0) }
      let mass = compensatedSum(weights)
      let beta =
        settings.number("beta", 1) / (settings.flag("normalize") ? mass * mass : 1)
      let gaps = zip(state.logQ, state.logP).map { $0 - $1 }
      let mean = compensatedSum(zip(weights, gaps).map { $0 * $1 })
      return (
        loss + beta * pairs(state, weights),
        gradient.indices.map { gradient[$0] + beta * weights[$0] * (mass * gaps[$0] - mean) }
      )
    },
    "dkd": ReferenceFormula(temperature: 4) { settings, state in
      let target = settings.target(state)
      let (p, q) = (Without(state.logP, target), Without(state.logQ, target))
      let (alpha, beta) = (settings.number("alpha", 1), settings.number("beta", 8))
      guard q.mass > 0 else { return (0, [0]) }
      let binary =
        entropyTerm(state.p[target], state.logP[target] - state.logQ[target])
        + entropyTerm(p.mass, p.logMass - q.logMass)
      let others = compensatedSum(
        p.values.indices.map { entropyTerm(p.values[$0], p.logs[$0] - q.logs[$0]) })
      let gap = p.mass - q.mass
      let rest = p.mass > 0 ? beta : 0
      return (
        alpha * binary + rest * others,
        p.values.indices.map {
          $0 == target
            ? alpha * gap : -alpha * gap * q.values[$0] + rest * (q.values[$0] - p.values[$0])
        }
      )
    },
    "drkl": ReferenceFormula { settings, state in
      let target = settings.target(state)
      let (p, q) = (Without(state.logP, target), Without(state.logQ, target))
      let gamma = settings.number("gamma", 0.5)
      guard q.mass > 0 else { return (0, [0]) }
      let first = state.logQ[target] - state.logP[target]
      let second = q.logMass - p.logMass
      let others = compensatedSum(
        q.values.indices.map { entropyTerm(q.values[$0], q.logs[$0] - p.logs[$0]) })
      let slope = first - second
      return (
        state.q[target] * first + q.mass * second + gamma * others,
        q.values.indices.map {
          $0 == target
            ? slope * state.q[target] * q.mass
            : -slope * state.q[target] * state.q[$0]
              + gamma * q.values[$0] * (q.logs[$0] - p.logs[$0] - others)
        }
      )
    },
    "w1": ReferenceFormula { settings, state in
      let size = state.p.count
      let range = settings.text("normalize-cost") == "false" || size == 1 ? 1 : Wide(size - 1)
      // Σ over the tokens up to k, afresh for every k.
      let gaps = (0..<size - 1).map { k in
        compensatedSum((0...k).map { state.q[$0] - state.p[$0] })
      }
      let signs: [Wide] = gaps.map { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }
      return (
        compensatedSum(gaps.map { abs($0) }) / range,
        state.pull(
          (0..<size).map { token in
            state.q[token] * signs.dropFirst(token).reduce(0, +) / range
          })
      )
    },
    "sinkhorn": ReferenceFormula { settings, state in sinkhorn(settings, state) },
  ]

  private static func hard(
    _ state: ReferenceState, _ target: Int
  ) -> (loss: Wide, gradient: [Wide]) {
    let others = compensatedSum(state.q.indices.map { $0 == target ? 0 : state.q[$0] })
    return (-state.logQ[target], state.q.indices.map { $0 == target ? -others : state.q[$0] })
  }

  private static func softCrossEntropy(
    _ settings: ReferenceSettings, _ state: ReferenceState
  ) -> (loss: Wide, gradient: [Wide]) {
    let temperature = settings.number("temperature", 1)
    let alpha = settings.number("alpha", 1)
    let soft = state.softened(by: temperature)
    return (
      alpha * (soft.forwardKL + soft.teacherEntropy),
      zip(soft.q, soft.p).map { alpha / temperature * ($0 - $1) }
    )
  }

  /// `¼ Σ_jk w_j w_k (δ_j − δ_k)²`.
  private static func pairs(_ state: ReferenceState, _ weights: [Wide]) -> Wide {
    let gaps = zip(state.logQ, state.logP).map { $0 - $1 }
    let present = weights.indices.filter { weights[$0] != 0 }
    return compensatedSum(
      present.map { first in
        weights[first]
          * present.reduce(0) {
            $0 + weights[$1] * (gaps[first] - gaps[$1]) * (gaps[first] - gaps[$1])
          }
      }) / 4
  }

  private static func sinkhorn(
    _ settings: ReferenceSettings, _ state: ReferenceState
  ) -> (loss: Wide, gradient: [Wide]) {
    let plain = transport(settings, state.logQ, state.logP)
    guard settings.flag("debiased") else {
      return (plain.value, state.pull(zip(state.q, plain.f).map { $0 * $1 }))
    }
    let own = transport(settings, state.logQ, state.logQ)
    let other = transport(settings, state.logP, state.logP)
    let slopes = state.q.indices.map { plain.f[$0] - (own.f[$0] + own.g[$0]) / 2 }
    return (
      plain.value - (own.value + other.value) / 2,
      state.pull(zip(state.q, slopes).map { $0 * $1 })
    )
  }

  private static func transport(
    _ settings: ReferenceSettings, _ logQ: [Wide], _ logP: [Wide]
  ) -> (f: [Wide], g: [Wide], value: Wide) {
    let epsilon = settings.number("epsilon", 0.1)
    let range = Wide(max(logQ.count - 1, 1))
    let exponent = settings.number("power", 1)
    func cost(_ i: Int, _ j: Int) -> Wide { pow(abs(Wide(i - j)) / range, exponent) }
    func potential(_ logs: [Wide], _ other: [Wide]) -> [Wide] {
      logs.indices.map { i in
        let terms = logs.indices.map { logs[$0] + (other[$0] - cost(i, $0)) / epsilon }
        let top = terms.reduce(-.infinity, max)
        return -epsilon
          * (top + Foundation.log(compensatedSum(terms.map { Foundation.exp($0 - top) })))
      }
    }
    var f = [Wide](repeating: 0, count: logQ.count)
    var g = f
    for _ in 0..<20000 {
      let next = potential(logP, g)
      let shift = zip(next, f).reduce(0) { max($0, abs($1.0 - $1.1)) }
      f = next
      g = potential(logQ, f)
      if shift < 1e-15 { break }
    }
    func mean(_ logs: [Wide], _ values: [Wide]) -> Wide {
      compensatedSum(zip(logs, values).map { $0 == -.infinity ? 0 : Foundation.exp($0) * $1 })
    }
    return (f, g, mean(logQ, f) + mean(logP, g))
  }
}

/// A distribution without one of its tokens.
private struct Without {
  let logs: [Wide]
  let values: [Wide]
  let mass: Wide
  let logMass: Wide

  init(_ logarithms: [Wide], _ token: Int) {
    let others = logarithms.indices.filter { $0 != token }
    let top = others.reduce(-.infinity) { max($0, logarithms[$1]) }
    let logMass =
      top == -.infinity
      ? top
      : top + Foundation.log(compensatedSum(others.map { Foundation.exp(logarithms[$0] - top) }))
    self.logMass = logMass
    mass = Foundation.exp(logMass)
    logs = logarithms.indices.map { $0 == token ? -.infinity : logarithms[$0] - logMass }
    values = logs.map { $0.isNaN ? 0 : Foundation.exp($0) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

extension ReferenceFormula {
  /// Divergences of p and q token by token.
  static let divergences: [String: ReferenceFormula] = [
    "js": ReferenceFormula { mixture($1, beta: 0.5, .gkd) },
    "gjsd": ReferenceFormula { settings, state in
      mixture(
        state, beta: settings.number("beta", 0.5),
        settings.text("weighting") == "crossed" ? .crossed : .gkd)
    },
    "skew-fkl": ReferenceFormula { settings, state in
      let alpha = settings.number("alpha", 0.1)
      let logM = logMixture(state, alpha)
      return (
        state.divergence(state.p, state.logP, logM),
        state.pull(
          state.p.indices.map {
            -(1 - alpha) * Foundation.exp(state.logQ[$0] + state.logP[$0] - logM[$0])
          })
      )
    },
    "skew-rkl": ReferenceFormula { settings, state in
      let alpha = settings.number("alpha", 0.1)
      let logM = logMixture(state, 1 - alpha)
      let share = settings.flag("detach-mixture") ? 0 : alpha
      return (
        state.divergence(state.q, state.logQ, logM),
        state.pull(
          state.q.indices.map {
            let logRatio = state.logQ[$0] - logM[$0]
            return state.q[$0] * (logRatio - share * Foundation.exp(logRatio))
          })
      )
    },
    "alpha": ReferenceFormula { settings, state in alpha(state, settings.number("alpha", 0.5)) },
    "renyi": ReferenceFormula { settings, state in
      let order = settings.number("alpha", 0.5)
      guard order != 1 else { return alpha(state, 1) }
      let logs = zip(state.logP, state.logQ).map { order * $0 + (1 - order) * $1 }
      let normalized = logNormalized(logs)
      let top = logs.indices.max { logs[$0] < logs[$1] } ?? 0
      return (
        (logs[top] - normalized[top]) / (order - 1),
        zip(state.q, normalized).map { $0 - Foundation.exp($1) }
      )
    },
    "alpha-beta": ReferenceFormula { settings, state in
      let (a, b) = (settings.number("alpha", 0.2), settings.number("beta", 0.7))
      let weight: Wide =
        settings.text("limits") != "abkd-code"
        ? 1 : b == 0 && a != 0 ? a : a == 0 && b != 0 ? b : a + b == 0 && a != 0 ? a : 1
      return (
        weight * alphaBeta(state, a, b),
        state.pull(
          state.p.indices.map {
            let (logP, logQ) = (state.logP[$0], state.logQ[$0])
            let gap = a == 0 ? logQ - logP : (power(logQ, a) - power(logP, a)) / a
            return weight * power(logQ, b) * gap
          })
      )
    },
    "tvd": ReferenceFormula { _, state in
      (
        state.totalVariation,
        state.pull(state.slopes { p, q, _, _ in q > p ? q / 2 : q < p ? -q / 2 : 0 })
      )
    },
    "hellinger": ReferenceFormula { _, state in
      (
        state.total { p, q, _, _ in
          (p.squareRoot() - q.squareRoot()) * (p.squareRoot() - q.squareRoot())
        }
          / 2,
        state.pull(state.slopes { p, q, _, _ in -(p * q).squareRoot() / 2 })
      )
    },
    "chi2-pearson": ReferenceFormula { _, state in
      (
        state.total { p, q, u, _ in (p - q) * (u - 1) },
        state.pull(state.slopes { p, _, u, _ in -p * u })
      )
    },
    "chi2-neyman": ReferenceFormula { _, state in
      (
        state.total { p, q, u, _ in (q - p) * (1 / u - 1) },
        state.pull(state.slopes { _, q, u, _ in 2 * q / u })
      )
    },
    "triangular": ReferenceFormula { _, state in
      (
        state.total { p, q, _, _ in (p - q) * (p - q) / (p + q) },
        state.pull(state.slopes { p, q, _, _ in q * (q - p) * (q + 3 * p) / ((p + q) * (p + q)) })
      )
    },
    "brier": ReferenceFormula { _, state in
      (
        state.total { p, q, _, _ in (p - q) * (p - q) },
        state.pull(state.slopes { p, q, _, _ in 2 * q * (q - p) })
      )
    },
    "csiszar": ReferenceFormula { settings, state in csiszar(settings, state) },
    "todi": ReferenceFormula { settings, state in
      let beta = settings.number("beta", 1)
      func first(_ logU: Wide) -> Wide { 1 / (1 + Foundation.exp(-beta * logU)) }
      func second(_ logU: Wide) -> Wide { 1 / (1 + Foundation.exp(beta * logU)) }
      return (
        state.total { p, q, _, logU in
          entropyTerm(first(logU) * p, logU) - entropyTerm(second(logU) * q, logU)
        },
        state.pull(
          state.slopes { p, q, _, logU in -first(logU) * p + second(logU) * q * (1 - logU) })
      )
    },
  ]

  private enum Weighting {
    case gkd
    case crossed
  }

  /// `log(β p + (1 − β) q)`.
  private static func logMixture(_ state: ReferenceState, _ beta: Wide) -> [Wide] {
    zip(state.p, state.q).map { Foundation.log(beta * $0 + (1 - beta) * $1) }
  }

  private static func mixture(
    _ state: ReferenceState, beta: Wide, _ weighting: Weighting
  ) -> (loss: Wide, gradient: [Wide]) {
    if beta == 0 { return alpha(state, 1) }
    if beta == 1 { return alpha(state, 0) }
    let logM = logMixture(state, beta)
    let first = state.divergence(state.p, state.logP, logM)
    let second = state.divergence(state.q, state.logQ, logM)
    let rest = 1 - beta
    let slopes = state.p.indices.map { token in
      let logRatio = state.logQ[token] - logM[token]
      let shares = (
        Foundation.exp(state.logP[token] - logM[token]), Foundation.exp(logRatio)
      )
      return switch weighting {
      case .gkd: rest * state.q[token] * logRatio
      case .crossed:
        state.q[token] * (-rest * rest * shares.0 + beta * (logRatio - rest * shares.1))
      }
    }
    return (
      weighting == .gkd ? beta * first + rest * second : rest * first + beta * second,
      state.pull(slopes)
    )
  }

  private static func alpha(
    _ state: ReferenceState, _ alpha: Wide
  ) -> (loss: Wide, gradient: [Wide]) {
    if alpha == 1 { return (state.forwardKL, zip(state.q, state.p).map { $0 - $1 }) }
    if alpha == 0 {
      return (
        state.reverseKL, state.pull(state.slopes { _, q, _, logU in q == 0 ? 0 : -q * logU })
      )
    }
    let powers = zip(state.logP, state.logQ).map { Foundation.exp(alpha * $0 + (1 - alpha) * $1) }
    return (
      // With Σ p = Σ q = 1, in a form whose terms are small where p and q are close.
      compensatedSum(
        zip(powers, zip(state.p, state.q)).map { $0 - alpha * $1.0 - (1 - alpha) * $1.1 })
        / (alpha * (alpha - 1)),
      state.pull(powers.map { -$0 / alpha })
    )
  }

  private static func alphaBeta(_ state: ReferenceState, _ a: Wide, _ b: Wide) -> Wide {
    compensatedSum(
      state.p.indices.map { token in
        let (logP, logQ) = (state.logP[token], state.logQ[token])
        switch (a, b) {
        case (0, 0): return (logP - logQ) * (logP - logQ) / 2
        case (_, 0):
          return (entropyTerm(power(logP, a), a * (logP - logQ)) - power(logP, a) + power(logQ, a))
            / (a * a)
        case (0, _):
          return (power(logQ, b) * b * (logQ - logP) - power(logQ, b) + power(logP, b)) / (b * b)
        default:
          guard a + b != 0 else {
            return (a * (logQ - logP) + Foundation.exp(a * (logP - logQ)) - 1) / (a * a)
          }
          let mixed = Foundation.exp(a * logP + b * logQ)
          return -(mixed - a / (a + b) * power(logP, a + b) - b / (a + b) * power(logQ, a + b))
            / (a * b)
        }
      })
  }

  private static func csiszar(
    _ settings: ReferenceSettings, _ state: ReferenceState
  ) -> (loss: Wide, gradient: [Wide]) {
    let function = CsiszarReference(settings)
    func value(isDual: Bool) -> (loss: Wide, slopes: [Wide]) {
      // The dual has p and q in each other's place: its slope is q f′(q/p).
      let terms = state.p.indices.map { token -> (Wide, Wide) in
        let (p, q) = (state.p[token], state.q[token])
        let logU = state.logP[token] - state.logQ[token]
        if isDual {
          let (f, slope) = function.value(Foundation.exp(-logU), -logU)
          return (p * f, q * slope)
        }
        let (f, slope) = function.value(Foundation.exp(logU), logU)
        return (q * f, q * f - p * slope)
      }
      return (compensatedSum(terms.map(\.0)), terms.map(\.1))
    }
    let plain = value(isDual: settings.flag("dual"))
    guard settings.flag("symmetrized") else { return (plain.loss, state.pull(plain.slopes)) }
    let other = value(isDual: !settings.flag("dual"))
    return (
      (plain.loss + other.loss) / 2,
      state.pull(zip(plain.slopes, other.slopes).map { ($0 + $1) / 2 })
    )
  }
}

/// A function f and its derivative, from the table of TensorFlow Probability.
private struct CsiszarReference {
  let name: String
  let alpha: Wide
  let exponent: Wide
  let isSelfNormalized: Bool

  init(_ settings: ReferenceSettings) {
    name = settings.text("f") ?? ""
    alpha = settings.number("alpha", 1)
    exponent = settings.number("t", 0.5)
    isSelfNormalized = settings.flag("self-normalized")
  }

  /// `f(u)` and `f′(u)`, without or with the term of the self-normalised form.
  func value(_ u: Wide, _ logU: Wide) -> (f: Wide, slope: Wide) {
    let plain = plain(u, logU)
    guard isSelfNormalized else { return plain }
    let (extra, slope) = extra(u)
    return (plain.f + extra, plain.slope + slope)
  }

  private func plain(_ u: Wide, _ logU: Wide) -> (f: Wide, slope: Wide) {
    let logSum = logU > 0 ? logU + log1p(1 / u) : log1p(u)
    switch name {
    case "kl-forward": return (u * logU, logU + 1)
    case "kl-reverse": return (-logU, -1 / u)
    case "amari-alpha":
      if alpha == 1 { return (u * logU, logU + 1) }
      if alpha == 0 { return (-logU, -1 / u) }
      return (
        (power(logU, alpha) - 1) / (alpha * (alpha - 1)), power(logU, alpha - 1) / (alpha - 1)
      )
    case "jensen-shannon": return (u * logU - (1 + u) * logSum, logU - logSum)
    case "arithmetic-geometric":
      return ((1 + u) * (logSum - logU / 2), logSum - logU / 2 + 1 - (1 + u) / (2 * u))
    case "total-variation": return (abs(u - 1) / 2, u > 1 ? 0.5 : u < 1 ? -0.5 : 0)
    case "pearson": return ((u - 1) * (u - 1), 2 * (u - 1))
    case "squared-hellinger":
      let root = power(logU, 0.5)
      return ((root - 1) * (root - 1), 1 - 1 / root)
    case "triangular":
      return ((u - 1) * (u - 1) / (1 + u), (u - 1) * (u + 3) / ((1 + u) * (1 + u)))
    case "t-power":
      let sign: Wide = exponent > 0 && exponent < 1 ? -1 : 1
      return (
        sign * (power(logU, exponent) - 1), sign * exponent * power(logU, exponent - 1)
      )
    case "log1p-abs":
      return u > 1 ? (u - 1, 1) : u < 1 ? (1 / u - 1, -1 / (u * u)) : (0, 0)
    case "jeffreys": return ((u - 1) * logU / 2, (logU + 1 - 1 / u) / 2)
    case "chi-square": return (u * u - 1, 2 * u)
    default: return (logSum - logU, 1 / (1 + u) - 1 / u)
    }
  }

  private func extra(_ u: Wide) -> (f: Wide, slope: Wide) {
    let log2 = Foundation.log(2 as Wide)
    switch name {
    case "kl-forward": return (1 - u, -1)
    case "kl-reverse": return (u - 1, 1)
    case "amari-alpha":
      let factor = alpha == 1 ? -1 : alpha == 0 ? 1 : -1 / (alpha - 1)
      return (factor * (u - 1), factor)
    case "jensen-shannon": return ((1 + u) * log2, log2)
    case "arithmetic-geometric": return (-(1 + u) * log2, -log2)
    case "t-power":
      let factor = exponent > 0 && exponent < 1 ? exponent : -exponent
      return (factor * (u - 1), factor)
    case "modified-gan": return ((u - 1) / 2, 0.5)
    default: return (0, 0)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

/// Value and gradient of an objective in a state, as its definition has them.
struct ReferenceFormula: Sendable {
  typealias Evaluation =
    @Sendable (ReferenceSettings, ReferenceState) -> (
      loss: Wide, gradient: [Wide]
    )

  let evaluate: Evaluation
  /// Whether the key `temperature` softens the whole, and what it is by default.
  var isSoftened = true
  var temperature: Wide = 1

  init(softened: Bool = true, temperature: Wide = 1, _ evaluate: @escaping Evaluation) {
    self.evaluate = evaluate
    isSoftened = softened
    self.temperature = temperature
  }

  static let all: [String: ReferenceFormula] =
    Dictionary(uniqueKeysWithValues: blendNames.map { ($0, ReferenceFormula(blend)) })
    .merging(divergences) { $1 }.merging(targeted) { $1 }.merging(truncated) { $1 }
    .merging(rankings) { $1 }

  /// Weighted sums of forward and reverse KL.
  static let blendNames = ["fkl", "rkl", "soft-ce", "mix", "jeffreys", "akl", "bdkd"]

  static func blendWeights(
    _ settings: ReferenceSettings, _ state: ReferenceState
  ) -> (forward: Wide, reverse: Wide) {
    switch settings.name {
    case "fkl", "soft-ce": return (1, 0)
    case "rkl": return (0, 1)
    case "jeffreys": return (1, 1)
    case "mix":
      let lambda = settings.number("lambda", 0.5)
      return (1 - lambda, lambda)
    case "bdkd":
      let kappa = settings.number("kappa", 3)
      return (
        state.teacherEntropy > state.entropy ? kappa : 1,
        state.entropy > state.teacherEntropy ? kappa : 1
      )
    default:
      let head = state.head(
        mu: Double(settings.number("mu", 0.5)),
        inclusive: settings.text("head-rule") == "inclusive")
      let headError = state.error(over: head)
      let tailError = state.error(over: state.tokens.subtracting(head))
      let total = headError + tailError
      return total == 0 ? (0.5, 0.5) : (headError / total, tailError / total)
    }
  }

  private static let blend: Evaluation = { settings, state in
    let (a, b) = blendWeights(settings, state)
    let reverse = state.reverseKL
    var loss = settings.name == "soft-ce" ? state.teacherEntropy : 0
    if a != 0 { loss += a * state.forwardKL }
    if b != 0 { loss += b * reverse }
    return (
      loss,
      state.p.indices.map { token in
        let (p, q) = (state.p[token], state.q[token])
        let slope = a == 0 ? 0 : a * (q - p)
        return b == 0
          ? slope : slope + b * q * (state.logQ[token] - state.logP[token] - reverse)
      }
    )
  }
}

extension ReferenceState {
  /// `q ∘ (h − <q, h>)` with `r = q ∘ h`.
  func pull(_ r: [Wide]) -> [Wide] {
    let mean = compensatedSum(r)
    return zip(q, r).map { $1 - $0 * mean }
  }

  /// `r` of every token.
  func slopes(_ slope: (_ p: Wide, _ q: Wide, _ u: Wide, _ logU: Wide) -> Wide) -> [Wide] {
    p.indices.map {
      let logU = logP[$0] - logQ[$0]
      return slope(p[$0], q[$0], Foundation.exp(logU), logU)
    }
  }

  /// The sum over tokens.
  func total(_ term: (_ p: Wide, _ q: Wide, _ u: Wide, _ logU: Wide) -> Wide) -> Wide {
    compensatedSum(slopes(term))
  }
}

/// `x log(x/y)`, 0 where x is.
func entropyTerm(_ x: Wide, _ logRatio: Wide) -> Wide { x == 0 ? 0 : x * logRatio }

/// `x^a` of a logarithm, 1 for a = 0 even of 0.
func power(_ logarithm: Wide, _ a: Wide) -> Wide { a == 0 ? 1 : Foundation.exp(a * logarithm) }

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// An objective that is a weighted sum of forward and reverse KL.
///
///     L = a·FKL + b·RKL + c
///     ∂L/∂z = a (q − p) + b q ∘ ((log q − log p) − RKL)       a, b held constant
public protocol KLBlend: Objective, ObjectiveEvaluator {
  /// How the weights a and b are set.
  var rule: BlendRule { get }

  /// The constant c, which has no gradient.
  func offset(for teacher: TeacherDistribution) -> Double
}

/// How the weights of forward and reverse KL in a blend are set.
public enum BlendRule: Sendable {
  /// The same in every state.
  case fixed(forward: Double, reverse: Double)
  /// `a = s_head / (s_head + s_tail)`, `b = 1 − a`, with s = Σ |p − q|; ½ each where both are 0.
  case adaptive(MassHead)

  /// Whether the value is infinite where the teacher gives a token no mass.
  fileprivate var needsFullSupport: Bool {
    switch self {
    case .fixed(_, let reverse): reverse != 0
    case .adaptive(let head): head.mass < 1
    }
  }

  /// The weights a and b in a state.
  package func weights(at state: FitState) -> (forward: Double, reverse: Double) {
    switch self {
    case .fixed(let forward, let reverse):
      return (forward, reverse)
    case .adaptive(let head):
      let error = state.headTailErrors(headCounts: [head.headCount(of: state.teacher)])[0]
      return (error.headWeight, 1 - error.headWeight)
    }
  }

  /// The loss of known divergences, without terms of weight 0, which may be infinite.
  static func loss(
    forward: Double, reverse: Double, forwardKL: Double, reverseKL: Double
  ) -> Double {
    (forward == 0 ? 0 : forward * forwardKL) + (reverse == 0 ? 0 : reverse * reverseKL)
  }
}

extension WeightedTerm {
  /// Sums to forward KL.
  static let forwardKL = WeightedTerm(.blend(forward: 1, reverse: 0))
  /// Sums to reverse KL.
  static let reverseKL = WeightedTerm(.blend(forward: 0, reverse: 1))
}

extension KLBlend {
  public func offset(for teacher: TeacherDistribution) -> Double { 0 }

  public var needsFullSupport: Bool { rule.needsFullSupport }

  public var holdsPartsConstant: Bool { if case .adaptive = rule { true } else { false } }

  public var views: [FitState.View] {
    guard case .fixed(let forward, let reverse) = rule else { return [] }
    let blend = TokenTerm.blend(forward: forward, reverse: reverse)
    return [FitState.View(temperature: 1, term: WeightedTerm(blend))]
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let weights = rule.weights(at: state)
    let blend = TokenTerm.blend(forward: weights.forward, reverse: weights.reverse)
    _ = state.sum(of: WeightedTerm(blend), gradient: &gradient)
    return offset(for: state.teacher)
      + BlendRule.loss(
        forward: weights.forward, reverse: weights.reverse, forwardKL: state.forwardKL,
        reverseKL: state.reverseKL)
  }
}

/// KL(p‖q): mean-seeking where the student cannot represent the teacher; convex in z.
///
///     L = Σ p (log p − log q)          nats
///     ∂L/∂z = q − p
package struct ForwardKL: KLBlend {
  package static let name = "fkl"
  package static let summary = "forward KL, KL(p‖q)"
  package static let formula = "L = Σ p (log p - log q);  g = q - p"
  package static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 1, reverse: 0) }
}

/// KL(q‖p): mode-seeking where the student cannot represent the teacher.
///
///     L = Σ q (log q − log p)          nats
///     ∂L/∂z = q ∘ ((log q − log p) − L)
///
/// Infinite where the teacher has no mass. Not convex in z, yet q = p is its only stationary point.
package struct ReverseKL: KLBlend {
  package static let name = "rkl"
  package static let summary = "reverse KL, KL(q‖p)"
  package static let formula = "L = Σ q (log q - log p);  g = q ∘ ((log q - log p) - L)"
  package static let reference = "Gu et al., MiniLLM, arXiv 2306.08543"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 0, reverse: 1) }
}

/// Cross entropy with the teacher's probabilities as targets.
///
///     L = −Σ p log q = FKL + H(p)      nats
///     ∂L/∂z = q − p
///
/// Forward KL plus a constant; several published "forward KL" losses are this one.
package struct SoftCrossEntropy: KLBlend {
  package static let name = "soft-ce"
  package static let summary = "soft cross entropy, FKL + H(p)"
  package static let formula = "L = -Σ p log q;  g = q - p"
  package static let reference = "Hinton, Vinyals, Dean, arXiv 1503.02531"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 1, reverse: 0) }

  package func offset(for teacher: TeacherDistribution) -> Double { teacher.entropy }
}

/// The sum of the two KLs, symmetric in p and q.
///
///     L = FKL + RKL = Σ (p − q)(log p − log q)      nats
///
/// Infinite where the teacher has no mass.
package struct Jeffreys: KLBlend {
  package static let name = "jeffreys"
  package static let summary = "Jeffreys divergence, FKL + RKL"
  package static let formula =
    "L = Σ (p - q)(log p - log q);  g = (q - p) + q ∘ ((log q - log p) - RKL)"
  package static let reference = "Jeffreys, Proc. R. Soc. A 186, 1946"

  package init(_ values: Parameters) {}

  package var rule: BlendRule { .fixed(forward: 1, reverse: 1) }
}

/// A fixed mixture of the two KLs.
///
///     L = (1 − λ) FKL + λ RKL          nats
///
/// Infinite where the teacher has no mass, unless λ = 0. λ = ½ is half of Jeffreys.
package struct Mixture: KLBlend {
  package static let name = "mix"
  package static let summary = "fixed mixture, (1-λ) FKL + λ RKL"
  package static let formula =
    "L = (1-λ) FKL + λ RKL;  g = (1-λ)(q - p) + λ q ∘ ((log q - log p) - RKL)"
  package static let reference = "Ko et al., DistiLLM, arXiv 2402.03898 (symmetric KL)"

  static let lambda = Parameter("lambda", default: 0.5, .range(0...1), summary: "weight λ of RKL")
  package static let parameters: [any ParameterDeclaration] = [lambda]

  let lambda: Double

  package init(_ values: Parameters) { lambda = values[Self.lambda] }

  package var rule: BlendRule { .fixed(forward: 1 - lambda, reverse: lambda) }
}

/// Forward and reverse KL weighted by the errors on head and tail.
///
///     L = w FKL + (1 − w) RKL          nats
///     w = s_head / (s_head + s_tail),  s = Σ |p − q| over the head, over the tail
///
/// w = ½ where both errors are 0. Infinite where the teacher has no mass, unless μ = 1. The weights are
/// held constant for the gradient, which is therefore not that of the value.
package struct AdaptiveKL: KLBlend {
  package static let name = "akl"
  package static let summary = "adaptive KL: FKL and RKL weighted by head and tail error"
  package static let formula = """
    L = sg[w] FKL + sg[1-w] RKL,  w = s_head/(s_head + s_tail),  s = Σ |p - q|
    g = w (q - p) + (1-w) q ∘ ((log q - log p) - RKL)
    """
  package static let reference = "Wu et al., arXiv 2404.02657, section 4"

  static let mu = Parameter(
    "mu", default: 0.5, .range(0...1), summary: "teacher mass μ of the head; 1: all is head")
  static let headRule = Parameter(
    "head-rule", default: MassHead.Rule.exclusive,
    summary: "whether the token that carries the mass across μ is head (inclusive)")
  package static let parameters: [any ParameterDeclaration] = [mu, headRule]

  /// Which tokens are head.
  package let head: MassHead

  package init(_ values: Parameters) {
    head = MassHead(mass: values[Self.mu], rule: values[Self.headRule])
  }

  package var rule: BlendRule { .adaptive(head) }
}

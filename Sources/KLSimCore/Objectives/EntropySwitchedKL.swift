// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The sum of the two KLs, one of them amplified, depending on which distribution has more entropy.
///
///     L = a FKL + b RKL          nats;  a, b held constant for the gradient
///     a = κ if H(p) > H(q) else 1,   b = κ if H(q) > H(p) else 1
///
/// Discontinuous where the entropies cross. Infinite where the teacher has no mass. The original code
/// uses `soft-ce` for FKL; its value is larger by a·H(p).
package struct EntropySwitchedKL: Objective, ObjectiveEvaluator {
  package static let name = "bdkd"
  package static let summary = "FKL and RKL, one of them amplified by the entropies"
  package static let formula = """
    L = a FKL + b RKL;  a = sg[κ if H(p) > H(q) else 1],  b = sg[κ if H(q) > H(p) else 1]
    g = a (q - p) + b q ∘ ((log q - log p) - RKL)
    """
  package static let reference = "the code of ABKD, arXiv 2505.04560"

  static let kappa = Parameter("kappa", default: 3, .positive, summary: "the amplification κ")
  package static let parameters: [any ParameterDeclaration] = [kappa]

  let kappa: Double

  package init(_ values: Parameters) { kappa = values[Self.kappa] }

  package var holdsPartsConstant: Bool { true }

  package var hasCorners: Bool { true }

  package var needsFullSupport: Bool { true }

  package func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let (teacher, student) = (state.teacher.entropy, state.entropy)
    let blend = TokenTerm.blend(
      forward: teacher > student ? kappa : 1, reverse: student > teacher ? kappa : 1)
    return state.sum(of: WeightedTerm(blend), gradient: &gradient)
  }
}

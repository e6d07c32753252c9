// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Entropic optimal transport between student and teacher on the token axis.
///
///     OT(q, p) = min_P <P, C> + ε KL(P‖q⊗p)   with marginals q and p
///     fᵢ = −ε log Σ_j p_j exp((g_j − C_ij)/ε),   g_j = −ε log Σ_i q_i exp((fᵢ − C_ij)/ε)
///     L = <f, q> + <g, p>,   ∂L/∂q = f
///     debiased:  L = OT(q, p) − ½ OT(q, q) − ½ OT(p, p),   ∂L/∂q = f_qp − f_qq
///
/// `C_ij = (|xᵢ − x_j|/range)^power`, or the V² numbers of the file that `cost` names, row by row, row
/// i being the student's token. Iterated from g = 0 until no f moves by 1e-14, at most 20000 times. The
/// plain version is least at a q sharper than p, the debiased one at q = p.
///
/// An iteration takes time proportional to V², and the cost matrix 8 V² bytes (twice as many for one
/// from a file), once for each context that is fitted together with others: a teacher of more than
/// 16384 tokens, 2 GiB, is refused.
package struct Sinkhorn: Objective {
  package static let name = "sinkhorn"
  package static let summary = "entropic optimal transport on the line of tokens; takes V² time"
  package static let formula = """
    L = OT(q,p) = min_P <P,C> + ε KL(P‖q⊗p),  C_ij = (|x_i - x_j|/range)^power;  h = f
    f_i = -ε log Σ_j p_j exp((g_j - C_ij)/ε),  g_j = -ε log Σ_i q_i exp((f_i - C_ij)/ε)
    debiased:  L = OT(q,p) - ½ OT(q,q) - ½ OT(p,p);  h = f_qp - f_qq
    """
  package static let reference =
    "Cuturi, arXiv 1306.0895; Feydy et al., arXiv 1810.08278 (debiased)"

  static let epsilon = Parameter(
    "epsilon", default: 0.1, .positive, summary: "ε of the entropic term")
  static let power = Parameter(
    "power", default: 1, .positive, summary: "the power of the distance")
  static let debiased = Parameter(
    "debiased", default: false, summary: "whether the transports of q and of p to itself go off")
  static let cost = Parameter(
    "cost", default: "", summary: "a file with the V² costs, row by row, instead of distances")
  package static let parameters: [any ParameterDeclaration] = [
    epsilon, power, debiased, TokenPositions.parameter, cost,
  ]

  /// The largest vocabulary.
  static let maximumTokens = 16384

  let epsilon: Double
  let debiased: Bool
  let costs: TransportCosts

  package init(_ values: Parameters) throws {
    epsilon = values[Self.epsilon]
    debiased = values[Self.debiased]
    let explicit = try TokenNumbers.read(values[Self.cost], values)?.numbers
    if explicit != nil {
      for key in [Self.power.name, TokenPositions.parameter.name]
      where values.canonical.settings.contains(where: { $0.key == key }) {
        throw SpecificationError.inconsistent(
          component: values.component, "cost and \(key) both give the costs; take one")
      }
    }
    costs = TransportCosts(
      power: values[Self.power], positions: try TokenPositions(values), explicit: explicit)
  }

  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    guard teacher.size <= Self.maximumTokens else {
      throw .unsuitable(
        reason: "its matrix of costs for \(teacher.size) tokens does not fit in memory; "
          + "take at most \(Self.maximumTokens), or w1")
    }
    try costs.check(teacher)
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    Evaluator(
      transport: EntropicTransport(
        costs: costs.matrix(tokens: teacher.tokens, kernels: kernels), size: teacher.size,
        epsilon: epsilon, kernels: kernels),
      teacher: Marginal(teacher.probabilities, teacher.logProbabilities), isDebiased: debiased)
  }

  private struct Evaluator: ObjectiveEvaluator {
    private let transport: EntropicTransport
    private let teacher: Marginal
    /// OT(p, p), nil if it does not go off.
    private let teacherValue: Double?

    init(transport: EntropicTransport, teacher: Marginal, isDebiased: Bool) {
      self.transport = transport
      self.teacher = teacher
      teacherValue =
        isDebiased ? transport.potentials(from: teacher, to: teacher).value : nil
    }

    func loss(at state: FitState, gradient: inout [Double]) -> Double {
      let student = Marginal(state.probabilities, state.logProbabilities)
      let both = transport.potentials(from: student, to: teacher)
      var (loss, slopes) = (both.value, both.f)
      if let teacherValue {
        let own = transport.potentials(from: student, to: student)
        loss -= (own.value + teacherValue) / 2
        // Of a distribution to itself the two potentials are one.
        state.kernels.add(-0.5, own.f, to: &slopes)
        state.kernels.add(-0.5, own.g, to: &slopes)
      }
      let mean = state.kernels.dot(state.probabilities, slopes)
      for rank in gradient.indices {
        gradient[rank] = state.probabilities[rank] * slopes[rank]
      }
      state.kernels.centre(&gradient, q: state.probabilities, mean: mean)
      return loss
    }
  }
}

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
/// i being the student's token. Iterated from g = 0 until no f changes by 1e-14, at most 20000 times. The
/// plain version has its minimum at a q sharper than p, the debiased one at q = p.
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
    "debiased", default: false,
    summary: "whether the transports of q and of p to themselves are subtracted")
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
    for key in [Self.power.name, TokenPositions.parameter.name]
    where explicit != nil && values.isChanged(key) {
      throw SpecificationError.inconsistent(
        component: values.component, "cost and \(key) both give the costs; take one")
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

  /// Two matrices of costs, and the potentials.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int {
    let size = min(size, Self.maximumTokens)
    return 2 * contexts * size * (size + 4)
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    let transport = EntropicTransport(
      costs: costs.matrix(tokens: teacher.tokens, kernels: kernels), size: teacher.size,
      epsilon: epsilon, kernels: kernels)
    let p = Marginal(
      probabilities: teacher.probabilities, logProbabilities: teacher.logProbabilities)
    return Evaluator(
      transport: transport, teacher: p,
      teacherValue: debiased ? transport.potentials(from: p, to: p).value : nil)
  }

  private struct Evaluator: ObjectiveEvaluator {
    let transport: EntropicTransport
    let teacher: Marginal
    /// OT(p, p), nil if it is not subtracted.
    let teacherValue: Double?

    func loss(at state: FitState, gradient: inout [Double]) -> Double {
      let student = Marginal(
        probabilities: state.probabilities, logProbabilities: state.logProbabilities)
      let both = transport.potentials(from: student, to: teacher)
      var (loss, slopes) = (both.value, both.f)
      if let teacherValue {
        let own = transport.potentials(from: student, to: student)
        loss -= (own.value + teacherValue) / 2
        // Between a distribution and itself the two potentials are equal.
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

/// The costs of moving mass from token to token.
struct TransportCosts: Sendable {
  let power: Double
  let positions: TokenPositions
  /// By token, row by row; nil for distances.
  let explicit: [Double]?

  /// Refuses a teacher with another number of tokens.
  func check(_ teacher: TeacherDistribution) throws(BindingError) {
    if let explicit, explicit.count != teacher.size * teacher.size {
      throw .unsuitable(
        reason: "cost has \(explicit.count) numbers, but the teacher has \(teacher.size) tokens, "
          + "which makes \(teacher.size * teacher.size)")
    }
    try positions.check(teacher)
  }

  /// The costs by rank, row by row, and those with rows and columns exchanged.
  func matrix(tokens: [Int], kernels: VectorKernels) -> (rows: [Double], columns: [Double]) {
    guard let explicit else {
      let rows = distances(tokens, kernels)
      return (rows, rows)
    }
    let size = tokens.count
    func cost(_ from: Int, _ to: Int) -> Double { explicit[tokens[from] * size + tokens[to]] }
    return (
      (0..<size * size).map { cost($0 / size, $0 % size) },
      (0..<size * size).map { cost($0 % size, $0 / size) }
    )
  }

  private func distances(_ tokens: [Int], _ kernels: VectorKernels) -> [Double] {
    let range = positions.range(of: tokens.count)
    let costs = tokens.flatMap { from in
      tokens.map { abs(positions[$0] - positions[from]) / range }
    }
    guard power != 1 else { return costs }
    return kernels.exponentials(kernels.logarithms(costs).map { power * $0 })
  }
}

/// One side of a transport.
struct Marginal: Sendable {
  let probabilities: [Double]
  let logProbabilities: [Double]
}

/// Sinkhorn's iteration on potentials.
struct EntropicTransport: Sendable {
  let costs: (rows: [Double], columns: [Double])
  let size: Int
  let epsilon: Double
  let kernels: VectorKernels

  /// The potentials of the least cost, and the cost itself.
  func potentials(
    from source: Marginal, to sink: Marginal
  ) -> (f: [Double], g: [Double], value: Double) {
    var f = [Double](repeating: 0, count: size)
    var g = f
    for _ in 0..<20000 {
      let next = potential(of: costs.rows, sink.logProbabilities, g)
      let shift = zip(next, f).reduce(0) { max($0, abs($1.0 - $1.1)) }
      f = next
      g = potential(of: costs.columns, source.logProbabilities, f)
      if !(shift >= 1e-14) { break }
    }
    let value = kernels.dot(source.probabilities, f) + kernels.dot(sink.probabilities, g)
    return (f, g, value)
  }

  /// `−ε log Σ_j exp(log p_j + (g_j − C_ij)/ε)` for each row i.
  private func potential(of matrix: [Double], _ logs: [Double], _ other: [Double]) -> [Double] {
    var terms = logs
    kernels.combine(1, logs, 1 / epsilon, other, into: &terms)
    return (0..<size).map { row in
      -epsilon
        * kernels.logSumExp(terms, plus: -1 / epsilon, times: matrix, from: row * size)
    }
  }
}

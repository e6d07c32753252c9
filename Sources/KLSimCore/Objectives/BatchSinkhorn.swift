// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// SinKD: the Sinkhorn distance between the student's and the teacher's distributions over the contexts.
///
///     W_ij = Σ_v |q_iv − p_jv|,   p, q at temperature T,   i, j contexts
///     K = exp(−W/ε), then n times: rows divided by their sums, columns by theirs
///     L = w Σ K∘W
///
/// The marginals are all ones, as in the authors' code, and there is no T². One context alone gives
/// `2 w TVD(p_T, q_T)`. The gradient goes through all n iterations. The weights of the contexts are not
/// used. As the columns of K sum to 1 in the end, L grows with the number of contexts: losses of minibatches, or
/// of contexts trained on and held out, can be compared only if these are equally many.
package struct BatchSinkhorn: BatchObjective {
  package static let name = "sinkhorn-batch"
  package static let summary =
    "SinKD: Sinkhorn distance between the contexts of student and teacher"
  package static let formula = """
    W_ij = sum_v |q_iv - p_jv|;  K = exp(-W/ε), n times rows, then columns over their sums
    L = w sum K W;  gradient through all n
    """
  package static let reference = "Cui et al., SinKD, arXiv 2402.17110"

  static let temperature = Parameter(
    "temperature", default: 2, .positive, summary: "T of softmax(t/T) and softmax(z/T)")
  static let epsilon = Parameter(
    "epsilon", default: 0.1, .positive, summary: "entropic regularisation ε")
  static let iterations = Parameter(
    "iterations", default: 20, .range(1...10_000), summary: "number n of normalisations")
  static let weight = Parameter(
    "weight", default: 0.001, .positive, summary: "factor w (0.001 for GLUE, 0.0008 for GPT)")
  package static let parameters: [any ParameterDeclaration] = [
    temperature, epsilon, iterations, weight,
  ]

  /// Nil: its temperature has no T².
  package static var softening: Parameter<Double>? { nil }

  let temperature: Double
  let epsilon: Double
  let iterations: Int
  let weight: Double

  package init(_ values: Parameters) {
    temperature = values[Self.temperature]
    epsilon = values[Self.epsilon]
    iterations = values[Self.iterations]
    weight = values[Self.weight]
  }

  /// Teachers, students, and for each pair of them two plans an iteration, costs and slopes.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int {
    contexts * (6 * size + contexts * (2 * iterations + 6))
  }

  package func evaluator(
    for teachers: [TeacherDistribution], kernels: VectorKernels
  ) -> any BatchEvaluator {
    Evaluator(
      objective: self, p: teachers.map { softened($0.logProbabilities, of: $0, kernels) })
  }

  /// softmax(z/T) by token: the contexts rank their tokens differently.
  private func softened(
    _ logits: [Double], of teacher: TeacherDistribution, _ kernels: VectorKernels
  ) -> [Double] {
    let softened = kernels.softmax(tempered(logits, by: temperature)).probabilities
    return teacher.byToken(softened)
  }

  private struct Evaluator: BatchEvaluator {
    let objective: BatchSinkhorn
    /// The softened teachers by token, one a context.
    let p: [[Double]]

    func loss(at states: [FitState], gradients: inout [[Double]]) -> Double {
      let q = states.map { objective.softened($0.logits, of: $0.teacher, $0.kernels) }
      let costs = q.map { student in
        p.map { teacher in zip(student, teacher).reduce(0) { $0 + abs($1.0 - $1.1) } }
      }
      let (plan, costSlopes) = objective.transport(costs, states[0].kernels)
      for (context, state) in states.enumerated() {
        let slopes = objective.slopes(of: q[context], p, costSlopes[context])
        let mean = zip(q[context], slopes).reduce(0) { $0 + $1.0 * $1.1 }
        gradients[context] = state.teacher.byRank(
          zip(q[context], slopes).map { $0 * ($1 - mean) / objective.temperature })
      }
      return objective.weight
        * zip(plan, costs).reduce(0) { sum, rows in
          zip(rows.0, rows.1).reduce(sum) { $0 + $1.0 * $1.1 }
        }
    }
  }

  /// `Σ_j W̄_ij sign(q_i − p_j)` by token.
  private func slopes(of q: [Double], _ teachers: [[Double]], _ costSlopes: [Double]) -> [Double] {
    var slopes = [Double](repeating: 0, count: q.count)
    for (teacher, slope) in zip(teachers, costSlopes) {
      for token in q.indices where q[token] != teacher[token] {
        slopes[token] += q[token] > teacher[token] ? slope : -slope
      }
    }
    return slopes
  }

  /// The plan K after n normalisations, and `∂L/∂W`.
  private func transport(
    _ costs: [[Double]], _ kernels: VectorKernels
  ) -> (plan: [[Double]], slopes: [[Double]]) {
    // The first normalisation cancels any factor of a row; this one keeps rows from being all zeros.
    let first = costs.map { row in
      let least = row.reduce(.infinity, Double.minimum)
      return kernels.exponentials(row.map { (least - $0) / epsilon })
    }
    var plan = first
    var history: [(normalized: [[Double]], sums: [Double])] = []
    for _ in 0..<iterations {
      for _ in 0..<2 {
        // Rows, then rows of the transpose.
        let sums = plan.map { $0.reduce(0, +) }
        let normalized = zip(plan, sums).map { row, sum in row.map { $0 / sum } }
        history.append((normalized, sums))
        plan = Self.transposed(normalized)
      }
    }
    var slopes = costs.map { $0.map { weight * $0 } }
    for step in history.reversed() {
      // Y = X/s:  X̄ = (Ȳ − Σ Ȳ∘Y)/s
      slopes = Self.transposed(slopes)
      for row in slopes.indices {
        let (own, sum) = (step.normalized[row], step.sums[row])
        let mean = zip(slopes[row], own).reduce(0) { $0 + $1.0 * $1.1 }
        slopes[row] = slopes[row].map { ($0 - mean) / sum }
      }
    }
    for row in slopes.indices {
      for column in slopes.indices {
        slopes[row][column] =
          weight * plan[row][column] - slopes[row][column] * first[row][column] / epsilon
      }
    }
    return (plan, slopes)
  }

  private static func transposed(_ matrix: [[Double]]) -> [[Double]] {
    matrix.indices.map { column in matrix.map { $0[column] } }
  }
}

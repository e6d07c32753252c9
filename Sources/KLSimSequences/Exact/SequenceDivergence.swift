// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A divergence `D = Σ_y d(p(y), q(y))` of sequences, by enumeration.
///
///     ∂D/∂z[c, ·] = Σ_y∋c q(y) h(y) (e_{y_t} − q(·|c)),   h(y) = ∂D/∂q(y)
package protocol SequenceDivergence: SequenceObjective {
  /// The term of a sequence, and h.
  ///
  /// - Parameters:
  ///   - logP: `log p(y)`.
  ///   - logQ: `log q(y)`.
  ///   - kernels: the vector kernels for its arithmetic.
  /// - Returns: the value d, and h.
  func term(logP: Double, logQ: Double, kernels: VectorKernels) -> (value: Double, slope: Double)
}

extension SequenceDivergence {
  package func check(_ space: JointSpace) throws(SetupError) {
    try SequenceTree.check(space)
    try space.checkOneEnd(for: Self.name)
  }

  package func evaluator(in space: JointSpace) throws -> any SequenceEvaluator {
    try check(space)
    return EnumeratedDivergence(
      divergence: self, tree: try SequenceTree(space, endingWith: space.studentEndToken))
  }
}

/// A divergence of sequences, enumerated.
private struct EnumeratedDivergence<Divergence: SequenceDivergence>: SequenceEvaluator {
  let divergence: Divergence
  let tree: SequenceTree

  mutating func loss(at student: StudentTable, gradient: inout [Double]) -> Double {
    let space = tree.space
    let size = space.vocabularySize
    for index in gradient.indices { gradient[index] = 0 }
    var sum = 0.0
    tree.visit { tokens, states in
      let logs = space.logProbabilities(of: tokens, states, student: student)
      let term = divergence.term(logP: logs.teacher, logQ: logs.student, kernels: student.kernels)
      sum += term.value
      let weight = student.kernels.exponentials([logs.student])[0] * term.slope
      for (token, state) in zip(tokens, states) {
        gradient[Int(space.studentRows[state]) * size + token] += weight
      }
    }
    // Σ_v of the weights of a row is that of all sequences through its history.
    student.centreRows(&gradient)
    return sum
  }
}

extension JointSpace {
  /// Refuses teacher and student whose sequences end with different tokens.
  ///
  /// - Parameter name: what compares whole sequences.
  /// - Throws: `SetupError`.
  package func checkOneEnd(for name: String) throws(SetupError) {
    guard world.endToken == studentEndToken else {
      throw SetupError(
        "\(name) compares the probabilities of whole sequences, and those of teacher and student end"
          + " with different tokens; leave out student-eos=…")
    }
  }
}

extension StudentTable {
  /// Turns sums of weights of `e_v` into those of `e_v − q(·|c)`, row by row.
  package func centreRows(_ gradient: inout [Double]) {
    for first in stride(from: 0, to: gradient.count, by: vocabularySize) {
      var total = 0.0
      for index in first..<first + vocabularySize { total += gradient[index] }
      for index in first..<first + vocabularySize {
        gradient[index] -= total * probabilities[index]
      }
    }
  }
}

/// Total variation of sequences.
package struct SequenceTotalVariation: SequenceDivergence {
  package static let name = "seq-tvd"
  package static let summary = "total variation distance of sequences, by enumeration"
  package static let formula = "½ Σ_y |p(y) - q(y)|"
  package static let reference = "Wen et al., arXiv 2307.15190 (f-distill)"

  package init(_ values: Parameters) {}

  package func term(
    logP: Double, logQ: Double, kernels: VectorKernels
  ) -> (value: Double, slope: Double) {
    let values = kernels.exponentials([logP, logQ])
    return (abs(values[0] - values[1]) / 2, logQ > logP ? 0.5 : logQ < logP ? -0.5 : 0)
  }
}

/// Generalised Jensen–Shannon divergence of sequences.
///
///     D = β KL(p‖m) + (1 − β) KL(q‖m),   m = β p + (1 − β) q,   h = (1 − β) log(q/m)
package struct SequenceJensenShannon: SequenceDivergence {
  package static let name = "seq-gjsd"
  package static let summary = "generalised Jensen-Shannon divergence of sequences, by enumeration"
  package static let formula =
    "beta KL(p‖m) + (1 - beta) KL(q‖m) of sequences, m = beta p + (1 - beta) q"
  package static let reference = "Agarwal et al., arXiv 2306.13649; Wen et al., arXiv 2307.15190"

  static let beta = Parameter(
    "beta", default: 0.5, Domain(summary: "a number in (0, 1)") { $0 > 0 && $0 < 1 },
    summary: "β, the teacher's share of m")
  package static let parameters: [any ParameterDeclaration] = [beta]

  private let beta: Double

  package init(_ values: Parameters) { beta = values[Self.beta] }

  package func term(
    logP: Double, logQ: Double, kernels: VectorKernels
  ) -> (value: Double, slope: Double) {
    let shares = kernels.logarithms([beta, 1 - beta])
    let logM = kernels.logSumExp([shares[0] + logP, shares[1] + logQ])
    let values = kernels.exponentials([logP, logQ])
    let ofTeacher = values[0] > 0 ? values[0] * (logP - logM) : 0
    let ofStudent = values[1] > 0 ? values[1] * (logQ - logM) : 0
    return (beta * ofTeacher + (1 - beta) * ofStudent, (1 - beta) * (logQ - logM))
  }
}

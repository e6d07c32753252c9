// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// KL where only k tokens S of the teacher are known.
///
///     S: the k largest of the teacher, or of the student;  P_S = Σ_S p, Q_S = Σ_S q
///     truncate:             Σ_S p log(p/q)                 reverse: Σ_S q log(q/p)
///     renormalize-teacher:  Σ_S (p/P_S) log(p/(P_S q))     reverse: Σ_S q log(q P_S/p)
///     renormalize:          KL(p/P_S‖q/Q_S) on S           reverse: KL(q/Q_S‖p/P_S)
///     bucket:               the rest merged into one token, KL of what results
///
/// k = V gives forward or reverse KL. `truncate` is no divergence and can be negative; `bucket` never
/// exceeds the whole KL; `renormalize` leaves the mass outside S alone. A selection by the student is
/// held constant for the gradient.
package struct TopKKL: Objective {
  package static let name = "topk-kl"
  package static let summary = "forward or reverse KL of the k most probable tokens"
  package static let formula = """
    S: k largest of p or q; P, Q: their masses           reverse
    truncate             h = -p/q on S                     log q - log p + 1 on S
    renormalize-teacher  h = -(p/P)/q on S                 log q - log p + log P + 1 on S
    renormalize          g = q/Q - p/P on S                b (l - <b,l>) on S, b = q/Q, l = log(bP/p)
    bucket               h = -p/q, off S -(1-P)/(1-Q)      log q - log p, off S log((1-Q)/(1-P))
    """
  package static let reference = "Anshumann et al., arXiv 2503.16870 (truncated teachers)"

  /// What becomes of the tokens outside S.
  package enum Mode: String, ParameterChoice {
    case truncate
    case renormalizeTeacher = "renormalize-teacher"
    case renormalize
    case bucket
  }

  /// Which KL.
  package enum Direction: String, ParameterChoice {
    case forward
    case reverse
  }

  /// Whose largest tokens S are.
  package enum Selection: String, ParameterChoice {
    case teacher
    case student
  }

  static let count = Parameter<Int>("k", default: nil, .range(1...(1 << 24)), summary: "size of S")
  static let mode = Parameter(
    "mode", default: Mode.renormalize, summary: "what becomes of the tokens outside S")
  static let direction = Parameter(
    "direction", default: Direction.forward, summary: "forward or reverse KL")
  static let select = Parameter(
    "select", default: Selection.teacher, summary: "whose k most probable tokens S are")
  package static let parameters: [any ParameterDeclaration] = [count, mode, direction, select]

  let count: Int
  let mode: Mode
  let direction: Direction
  let selection: Selection

  package init(_ values: Parameters) {
    count = values[Self.count]
    mode = values[Self.mode]
    direction = values[Self.direction]
    selection = values[Self.select]
  }

  package func check(_ teacher: TeacherDistribution) throws(BindingError) {
    guard count <= teacher.size else {
      throw .unsuitable(reason: "k=\(count) is more than the teacher's \(teacher.size) tokens")
    }
    if let zero = teacher.firstZeroToken, isInfinite(under: teacher) {
      throw .infinite(token: zero)
    }
  }

  /// Whether the value is infinite under a teacher that gives some tokens no mass.
  private func isInfinite(under teacher: TeacherDistribution) -> Bool {
    switch (direction, selection) {
    case (.forward, .teacher): return false
    case (.forward, .student):
      // S may hold no mass of the teacher at all.
      return mode == .renormalize || mode == .renormalizeTeacher
    case (.reverse, .student): return true
    case (.reverse, .teacher):
      let isOutside = teacher.logProbabilities[count - 1] > -.infinity
      // Zeros outside S alone do no harm, unless they are all that the rest is.
      let restIsEmpty = count < teacher.size && teacher.logProbabilities[count] == -.infinity
      return !isOutside || mode == .bucket && restIsEmpty
    }
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    TopKEvaluator(self, teacher: teacher, kernels: kernels)
  }
}

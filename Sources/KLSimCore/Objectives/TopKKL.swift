// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// KL where only k tokens S of the teacher are known.
///
///     S: the k largest of the teacher, or of the student;  P_S = Σ_S p, Q_S = Σ_S q
///     truncate:             Σ_S p log(p/q)                 reverse: Σ_S q log(q/p)
///     renormalize-teacher:  Σ_S (p/P_S) log(p/(P_S q))     reverse: Σ_S q log(q P_S/p)
///     renormalize:          KL(p/P_S‖q/Q_S) on S           reverse: KL(q/Q_S‖p/P_S)
///     bucket:               the rest merged into one token, KL of what results
///     clamp:                max(0, truncate), without gradient at 0
///
/// k = V gives forward or reverse KL. `truncate` is no divergence and can be negative, where `clamp` stops
/// learning; `bucket` never exceeds the whole KL; `renormalize` leaves the mass outside S alone. A selection
/// by the student is held constant for the gradient.
package struct TopKKL: Objective {
  package static let name = "topk-kl"
  package static let summary = "forward or reverse KL of the k most probable tokens"
  package static let formula = """
    S: k largest of p or q; P, Q: their masses           reverse
    truncate             h = -p/q on S                     log q - log p + 1 on S
    renormalize-teacher  h = -(p/P)/q on S                 log q - log p + log P + 1 on S
    renormalize          g = q/Q - p/P on S                b (l - <b,l>) on S, b = q/Q, l = log(bP/p)
    bucket               h = -p/q, off S -(1-P)/(1-Q)      log q - log p, off S log((1-Q)/(1-P))
    clamp                truncate where that is above 0, else 0
    """
  package static let reference =
    "Anshumann et al., arXiv 2503.16870 (truncated teachers); the code of verl (clamp)"

  /// How the tokens outside S are treated.
  package enum Mode: String, ParameterChoice {
    case truncate
    case renormalizeTeacher = "renormalize-teacher"
    case renormalize
    case bucket
    case clamp
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
    "mode", default: Mode.renormalize, summary: "how the tokens outside S are treated")
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

  package var hasCorners: Bool { mode == .clamp }

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

  /// The tokens that are not selected, and those that are.
  package func workingSize(vocabularySize size: Int, contexts: Int) -> Int {
    contexts * (size + 8 * min(count, size))
  }

  package func evaluator(
    for teacher: TeacherDistribution, kernels: VectorKernels
  ) -> any ObjectiveEvaluator {
    TopKEvaluator(self, teacher: teacher, kernels: kernels)
  }
}

/// `topk-kl` bound to a teacher.
struct TopKEvaluator: ObjectiveEvaluator {
  private let objective: TopKKL
  /// The k first ranks.
  private let first: [Int]
  /// Teacher and student on S; the teacher stays where S is its own.
  private var teacher: SelectedTokens
  private var student: SelectedTokens
  /// The rest of the teacher outside its own S; nil if it is not needed, or S is the student's.
  private var teacherRest: Remainder?
  private var slopes: [Double]
  /// Working array for a distribution without S; empty unless the rest is merged.
  private var others: [Double]

  init(_ objective: TopKKL, teacher: TeacherDistribution, kernels: VectorKernels) {
    self.objective = objective
    let count = objective.count
    first = Array(0..<count)
    let (mode, isFixed) = (objective.mode, objective.selection == .teacher)
    self.teacher = SelectedTokens(
      count: count, isNormalized: mode == .renormalize || mode == .renormalizeTeacher)
    student = SelectedTokens(count: count, isNormalized: mode == .renormalize)
    slopes = [Double](repeating: 0, count: count)
    others = mode == .bucket && count < teacher.size ? teacher.probabilities : []
    guard isFixed else { return }
    self.teacher.select(
      first, of: teacher.probabilities, logs: teacher.logProbabilities, kernels)
    guard !others.isEmpty else { return }
    teacherRest = remainder(
      of: teacher.probabilities, logs: teacher.logProbabilities, without: first, kernels)
  }

  mutating func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let kernels = state.kernels
    var selected = first
    if objective.selection == .student {
      selected = state.topRanks(objective.count) ?? first
      teacher.select(
        selected, of: state.teacher.probabilities, logs: state.teacher.logProbabilities, kernels)
    }
    student.select(selected, of: state.probabilities, logs: state.logProbabilities, kernels)
    let pair = DistributionPair(
      p: teacher.values, logP: teacher.logs, q: student.values, logQ: student.logs)
    let term: WeightedTerm = objective.direction == .forward ? .forwardKL : .reverseKL
    var (loss, mean) = kernels.sumAndSlopes(of: [term], at: pair, slopes: &slopes)
    switch (objective.mode, objective.direction) {
    case (.renormalize, _):
      kernels.centre(&slopes, q: pair.q, mean: mean)
    case (.bucket, _):
      if objective.count < gradient.count {
        let rest = addRest(of: state, without: selected, to: &gradient)
        loss += rest.loss
        mean += rest.slope
      }
    case (_, .forward): break
    case (_, .reverse):
      // The slope leaves out the 1 in the derivative of q log q, which matters if S is not all tokens.
      kernels.add(1, pair.q, to: &slopes)
      mean += kernels.total(of: pair.q)
    }
    if objective.mode != .bucket {
      kernels.combine(0, state.logits, 0, state.logits, into: &gradient)
    }
    for (place, rank) in selected.enumerated() { gradient[rank] = slopes[place] }
    if objective.mode != .renormalize {
      kernels.centre(&gradient, q: state.probabilities, mean: mean)
    }
    guard objective.mode == .clamp, loss <= 0 else { return loss }
    kernels.combine(0, state.logits, 0, state.logits, into: &gradient)
    return 0
  }

  /// The rest of a distribution without S.
  private mutating func remainder(
    of values: [Double], logs: [Double], without selected: [Int], _ kernels: VectorKernels
  ) -> Remainder {
    kernels.combine(1, values, 0, values, into: &others)
    for rank in selected { others[rank] = 0 }
    return Remainder(of: others, logs: logs, without: selected, kernels: kernels)
  }

  /// Writes the slopes of the merged rest; returns its part of the loss, and their sum.
  private mutating func addRest(
    of state: FitState, without selected: [Int], to slopes: inout [Double]
  ) -> (loss: Double, slope: Double) {
    let kernels = state.kernels
    let p =
      teacherRest
      ?? remainder(
        of: state.teacher.probabilities, logs: state.teacher.logProbabilities, without: selected,
        kernels)
    let q = remainder(
      of: state.probabilities, logs: state.logProbabilities, without: selected, kernels)
    guard q.logMass != -.infinity else {
      kernels.combine(0, others, 0, others, into: &slopes)
      return (0, 0)
    }
    let ratio = p.logMass - q.logMass
    let slope = objective.direction == .forward ? -p.mass : q.mass * -ratio
    q.spread(
      slope, over: state.probabilities, logs: state.logProbabilities, without: selected,
      into: &slopes, kernels: kernels)
    return (
      objective.direction == .reverse ? slope : p.mass == 0 ? 0 : p.mass * ratio, slope
    )
  }
}

/// A distribution on S, normalised there or not.
private struct SelectedTokens: Sendable {
  private(set) var values: [Double]
  private(set) var logs: [Double]
  /// Working array for normalised logarithms; empty if there are none.
  private var normalized: [Double]

  init(count: Int, isNormalized: Bool) {
    values = [Double](repeating: 0, count: count)
    logs = values
    normalized = isNormalized ? values : []
  }

  /// Copies the tokens of S.
  mutating func select(
    _ selected: [Int], of all: [Double], logs allLogs: [Double], _ kernels: VectorKernels
  ) {
    for (place, rank) in selected.enumerated() {
      values[place] = all[rank]
      logs[place] = allLogs[rank]
    }
    guard !normalized.isEmpty, logs.contains(where: { $0 != -.infinity }) else { return }
    kernels.softmax(logs, logProbabilities: &normalized, probabilities: &values)
    swap(&logs, &normalized)
  }
}

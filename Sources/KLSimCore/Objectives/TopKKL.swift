// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

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
public struct TopKKL: Objective {
  public static let name = "topk-kl"
  public static let summary = "forward or reverse KL of the k most probable tokens"
  public static let formula = """
    S: k largest of p or q; P, Q: their masses           reverse
    truncate             h = -p/q on S                     log q - log p + 1 on S
    renormalize-teacher  h = -(p/P)/q on S                 log q - log p + log P + 1 on S
    renormalize          g = q/Q - p/P on S                b (l - <b,l>) on S, b = q/Q, l = log(bP/p)
    bucket               h = -p/q, off S -(1-P)/(1-Q)      log q - log p, off S log((1-Q)/(1-P))
    """
  public static let reference = "Anshumann et al., arXiv 2503.16870 (truncated teachers)"

  /// What becomes of the tokens outside S.
  public enum Mode: String, ParameterChoice {
    case truncate
    case renormalizeTeacher = "renormalize-teacher"
    case renormalize
    case bucket
  }

  /// Which KL.
  public enum Direction: String, ParameterChoice {
    case forward
    case reverse
  }

  /// Whose largest tokens S are.
  public enum Selection: String, ParameterChoice {
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
  public static let parameters: [any ParameterDeclaration] = [count, mode, direction, select]

  let count: Int
  let mode: Mode
  let direction: Direction
  let selection: Selection

  public init(_ values: Parameters) {
    count = values[Self.count]
    mode = values[Self.mode]
    direction = values[Self.direction]
    selection = values[Self.select]
  }

  public func refusal(of teacher: TeacherDistribution) -> String? {
    count <= teacher.size ? nil : "k=\(count) is more than the teacher's \(teacher.size) tokens"
  }

  public func infiniteToken(under teacher: TeacherDistribution) -> Int? {
    guard let zero = teacher.firstZeroToken else { return nil }
    switch (direction, selection) {
    case (.forward, .teacher): return nil
    case (.forward, .student):
      // S may hold no mass of the teacher at all.
      return mode == .renormalize || mode == .renormalizeTeacher ? zero : nil
    case (.reverse, .student): return zero
    case (.reverse, .teacher):
      let isOutside = teacher.logProbabilities[count - 1] > -.infinity
      // Zeros outside S alone do no harm, unless they are all that the rest is.
      let restIsEmpty = count < teacher.size && teacher.logProbabilities[count] == -.infinity
      return isOutside && !(mode == .bucket && restIsEmpty) ? nil : zero
    }
  }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    let scratch = state.scratch
    let ranks = state.constants.value(for: "\(count) first") { Array(0..<count) }
    let selected = selection == .teacher ? ranks : state.largest(count) ?? ranks
    let teacher = state.teacher
    return withTokens(
      teacher.probabilities, teacher.logProbabilities, selected,
      isNormalized: mode == .renormalize || mode == .renormalizeTeacher, state
    ) { p, logP in
      withTokens(
        state.probabilities, state.logProbabilities, selected,
        isNormalized: mode == .renormalize, state
      ) { q, logQ in
        scratch.lend(count) { slopes in
          loss(
            at: state, selected, DistributionPair(p: p, logP: logP, q: q, logQ: logQ),
            slopes: &slopes, gradient: &gradient)
        }
      }
    }
  }

  /// The loss from teacher and student on S.
  private func loss(
    at state: FitState, _ selected: [Int], _ pair: DistributionPair, slopes: inout [Double],
    gradient: inout [Double]
  ) -> Double {
    let kernels = state.kernels
    let term = WeightedTerm(
      direction == .forward
        ? .blend(forward: 1, reverse: 0) : .blend(forward: 0, reverse: 1))
    var (loss, mean) = kernels.sumAndSlopes(of: [term], at: pair, slopes: &slopes)
    switch (mode, direction) {
    case (.renormalize, _):
      kernels.centre(&slopes, q: pair.q, mean: mean)
    case (.bucket, _):
      if count < gradient.count {
        let rest = addRest(of: state, without: selected, to: &gradient)
        loss += rest.loss
        mean += rest.slope
      }
    case (_, .forward): break
    case (_, .reverse):
      // The derivative of q log q is 1 more than the slope says, and only on S.
      kernels.add(1, pair.q, to: &slopes)
      mean += kernels.total(of: pair.q)
    }
    if mode != .bucket { kernels.combine(0, state.logits, 0, state.logits, into: &gradient) }
    for (place, rank) in selected.enumerated() { gradient[rank] = slopes[place] }
    if mode != .renormalize {
      kernels.centre(&gradient, q: state.probabilities, mean: mean)
    }
    return loss
  }

  /// Hands a distribution on S to a function.
  private func withTokens<Result>(
    _ values: [Double], _ logs: [Double], _ selected: [Int], isNormalized: Bool,
    _ state: FitState, _ body: (_ values: [Double], _ logs: [Double]) -> Result
  ) -> Result {
    func gather(_ all: [Double], into own: inout [Double]) {
      for (place, rank) in selected.enumerated() { own[place] = all[rank] }
    }
    return state.scratch.lend(count) { own in
      state.scratch.lend(count) { ownLogs in
        gather(values, into: &own)
        gather(logs, into: &ownLogs)
        guard isNormalized, ownLogs.contains(where: { $0 != -.infinity }) else {
          return body(own, ownLogs)
        }
        return state.scratch.lend(count) { normalizedLogs in
          state.kernels.softmax(
            ownLogs, logProbabilities: &normalizedLogs, probabilities: &own)
          return body(own, normalizedLogs)
        }
      }
    }
  }

  /// What the merged rest adds to loss and slopes, and its slopes.
  private func addRest(
    of state: FitState, without selected: [Int], to slopes: inout [Double]
  ) -> (loss: Double, slope: Double) {
    let (teacher, kernels) = (state.teacher, state.kernels)
    func remainder(
      _ values: [Double], _ logs: [Double], others: inout [Double]
    ) -> Remainder {
      kernels.combine(1, values, 0, values, into: &others)
      for rank in selected { others[rank] = 0 }
      return Remainder(of: others, logs: logs, without: selected, kernels: kernels)
    }
    return state.scratch.lend(slopes.count) { others in
      let find = { remainder(teacher.probabilities, teacher.logProbabilities, others: &$0) }
      let p =
        selection == .teacher
        ? state.constants.value(for: "without \(count) first") { find(&others) } : find(&others)
      let q = remainder(state.probabilities, state.logProbabilities, others: &others)
      guard q.logMass != -.infinity else {
        kernels.combine(0, others, 0, others, into: &slopes)
        return (0, 0)
      }
      let ratio = p.logMass - q.logMass
      let slope = direction == .forward ? -p.mass : q.mass * -ratio
      q.spread(
        slope, over: state.probabilities, logs: state.logProbabilities, without: selected,
        into: &slopes, kernels: kernels)
      return (direction == .reverse ? slope : p.mass == 0 ? 0 : p.mass * ratio, slope)
    }
  }
}

extension FitState {
  /// The ranks of the k largest q, of equals the lower tokens; nil if q is not a number.
  fileprivate func largest(_ count: Int) -> [Int]? {
    let logs = logProbabilities
    guard count < logs.count, !logs[0].isNaN else { return nil }
    let candidates = Self.candidates(for: count, of: logs)
    let least = candidates.map { logs[$0] }.largest(count)
    let larger = candidates.filter { logs[$0] > least }
    let equal = candidates.filter { logs[$0] == least }
    return larger
      + equal.sorted { teacher.tokens[$0] < teacher.tokens[$1] }.prefix(count - larger.count)
  }

  /// The indices of the k largest values and some more, not many as a rule.
  private static func candidates(for count: Int, of values: [Double]) -> [Int] {
    // The k-th largest is hardly ever below this one of a sample.
    let sample = stride(from: 0, to: values.count, by: max(1, values.count / 1024)).map {
      values[$0]
    }
    let expected = Double(count) * Double(sample.count) / Double(values.count)
    let place = Int(expected + 3 * expected.squareRoot()) + 2
    guard place <= sample.count else { return Array(values.indices) }
    let bound = sample.largest(place)
    let candidates = values.indices.filter { values[$0] >= bound }
    return candidates.count >= count ? candidates : Array(values.indices)
  }
}

extension [Double] {
  /// The element that `count` elements, itself among them, are at least as large as; none is NaN.
  fileprivate func largest(_ count: Int) -> Double {
    // Hoare's selection. GSL's takes up to five times as long where the values are nearly in order,
    // as logits by rank are once the student has learnt them.
    var values = self
    var (low, high) = (0, values.count - 1)
    while low < high {
      let pivot = values[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while values[left] > pivot { left += 1 }
        while values[right] < pivot { right -= 1 }
        guard left <= right else { break }
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
      if count - 1 <= right {
        high = right
      } else if count - 1 >= left {
        low = left
      } else {
        break
      }
    }
    return values[count - 1]
  }
}

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
    let selected = selected(at: state)
    let p = TokenSubset(state.teacher.logProbabilities, selected, kernels: state.kernels)
    let q = TokenSubset(state.logProbabilities, selected, kernels: state.kernels)
    let blend =
      direction == .forward
      ? TokenTerm.blend(forward: 1, reverse: 0) : .blend(forward: 0, reverse: 1)
    let terms = [WeightedTerm(blend)]
    guard mode != .renormalize else {
      let pair = DistributionPair(
        p: p.probabilities, logP: p.logProbabilities, q: q.probabilities,
        logQ: q.logProbabilities)
      return state.kernels.sum(of: terms, at: pair, gradient: &gradient)
    }
    // Teacher and student on S, the student unnormalised.
    let isNormalized = mode == .renormalizeTeacher
    let partQ = state.probabilities.masked(by: selected, else: 0)
    let pair = DistributionPair(
      p: isNormalized
        ? p.probabilities : state.teacher.probabilities.masked(by: selected, else: 0),
      logP: isNormalized
        ? p.logProbabilities
        : state.teacher.logProbabilities.masked(by: selected, else: -.infinity),
      q: partQ, logQ: state.logProbabilities.masked(by: selected, else: -.infinity))
    var (loss, mean) = state.kernels.sumAndSlopes(of: terms, at: pair, slopes: &gradient)
    if mode == .bucket {
      if let rest = rest(p, q) {
        loss += rest.loss
        mean += rest.slope
        state.kernels.add(rest.slope, q.restProbabilities, to: &gradient)
      }
    } else if direction == .reverse {
      // The derivative of q log q is 1 more than the slope says, and only on S.
      state.kernels.add(1, partQ, to: &gradient)
      mean += state.kernels.total(of: partQ)
    }
    state.kernels.centre(&gradient, q: state.probabilities, mean: mean)
    return loss
  }

  /// What the merged rest adds to loss and slopes, nil if there is no rest.
  private func rest(_ p: TokenSubset, _ q: TokenSubset) -> (loss: Double, slope: Double)? {
    guard q.logRestMass != -.infinity else { return nil }
    let ratio = p.logRestMass - q.logRestMass
    let masses = exponentials([p.logRestMass, q.logRestMass])
    if direction == .reverse { return (masses[1] * -ratio, masses[1] * -ratio) }
    return (masses[0] == 0 ? 0 : masses[0] * ratio, -masses[0])
  }

  /// Which ranks are in S; of equals the lower token.
  private func selected(at state: FitState) -> [Bool] {
    let size = state.logits.count
    guard selection == .student, count < size else { return (0..<size).map { $0 < count } }
    let logs = state.logProbabilities
    let least = logs.largest(count)
    guard !least.isNaN else { return (0..<size).map { $0 < count } }
    var selected = logs.map { $0 > least }
    var missing = count - selected.count { $0 }
    for rank in state.teacher.ranks where missing > 0 && logs[rank] == least {
      selected[rank] = true
      missing -= 1
    }
    return selected
  }
}

extension [Double] {
  /// The same where a mask is true, a value elsewhere.
  fileprivate func masked(by mask: [Bool], else value: Double) -> [Double] {
    var result = self
    for index in indices where !mask[index] { result[index] = value }
    return result
  }

  /// The element that `count` elements, itself among them, are at least as large as; NaN of NaN.
  fileprivate func largest(_ count: Int) -> Double {
    guard !contains(where: \.isNaN) else { return .nan }
    // Hoare's selection: what is on the wrong side of a pivot is exchanged, and one side is left.
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

/// A distribution on some tokens, and on the rest.
private struct TokenSubset {
  /// Of the chosen tokens, normalised; 0 elsewhere.
  let probabilities: [Double]
  let logProbabilities: [Double]
  /// Of the rest, normalised; 0 elsewhere.
  let restProbabilities: [Double]
  /// The logarithm of the mass of the rest; −∞ if there is none.
  let logRestMass: Double

  init(_ logs: [Double], _ selected: [Bool], kernels: VectorKernels) {
    let inside = Self.normalized(logs, selected, kernels)
    let rest = Self.normalized(logs, selected.map { !$0 }, kernels)
    probabilities = inside.values
    logProbabilities = inside.logs
    restProbabilities = rest.values
    logRestMass = rest.logMass
  }

  private static func normalized(
    _ logs: [Double], _ selected: [Bool], _ kernels: VectorKernels
  ) -> (logs: [Double], values: [Double], logMass: Double) {
    let masked = logs.masked(by: selected, else: -.infinity)
    var (normalized, values) = (masked, masked)
    guard masked.contains(where: { $0 != -.infinity }) else {
      values = [Double](repeating: 0, count: logs.count)
      return (masked, values, -.infinity)
    }
    let logMass = kernels.softmax(masked, logProbabilities: &normalized, probabilities: &values)
    return (normalized, values, logMass)
  }
}

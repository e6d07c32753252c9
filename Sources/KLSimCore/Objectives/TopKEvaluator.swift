// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// `topk-kl` bound to a teacher.
struct TopKEvaluator: ObjectiveEvaluator {
  private let objective: TopKKL
  /// The k first ranks.
  private let first: [Int]
  /// Teacher and student on S; the teacher stays where S is its own.
  private var teacher: SelectedTokens
  private var student: SelectedTokens
  /// What is left of the teacher outside of its own S, nil where that is not needed or not fixed.
  private var teacherRest: Remainder?
  private var slopes: [Double]
  /// A distribution without S; empty unless the rest is merged.
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
      selected = state.largest(objective.count) ?? first
      teacher.select(
        selected, of: state.teacher.probabilities, logs: state.teacher.logProbabilities, kernels)
    }
    student.select(selected, of: state.probabilities, logs: state.logProbabilities, kernels)
    let pair = DistributionPair(
      p: teacher.values, logP: teacher.logs, q: student.values, logQ: student.logs)
    let term = WeightedTerm(
      objective.direction == .forward
        ? .blend(forward: 1, reverse: 0) : .blend(forward: 0, reverse: 1))
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
      // The derivative of q log q is 1 more than the slope says, and only on S.
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
    return loss
  }

  /// What is left of a distribution without S.
  private mutating func remainder(
    of values: [Double], logs: [Double], without selected: [Int], _ kernels: VectorKernels
  ) -> Remainder {
    kernels.combine(1, values, 0, values, into: &others)
    for rank in selected { others[rank] = 0 }
    return Remainder(of: others, logs: logs, without: selected, kernels: kernels)
  }

  /// What the merged rest adds to loss and slopes, and its slopes.
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
  /// Where the normalised logarithms go first; empty if there are none.
  private var normalized: [Double]

  init(count: Int, isNormalized: Bool) {
    values = [Double](repeating: 0, count: count)
    logs = values
    normalized = isNormalized ? values : []
  }

  /// Takes over the tokens of S.
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

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Teacher and student of one run at one moment, all by rank, and what everyone asks of them.
public struct FitState: Sendable {
  /// The teacher, p.
  public let teacher: TeacherDistribution
  /// The student's logits, z.
  public private(set) var logits: [Double]
  /// `log q`, exact where q underflows.
  public private(set) var logProbabilities: [Double]
  /// `q = softmax(z)`.
  public private(set) var probabilities: [Double]
  /// `KL(p‖q) = Σ p (log p − log q)`, nats.
  public private(set) var forwardKL = 0.0
  /// `KL(q‖p) = Σ q (log q − log p)`, nats; +∞ where the teacher has no mass.
  public private(set) var reverseKL = 0.0
  /// `H(q) = −Σ q log q`, nats.
  public private(set) var entropy = 0.0
  /// `½ Σ |p − q|`.
  public private(set) var totalVariation = 0.0
  /// Who does the arithmetic.
  let kernels: VectorKernels
  /// What objectives work in.
  let scratch = ScratchArrays()
  /// The same at other temperatures, by temperature.
  private var views: [(temperature: Double, state: FitState)] = []

  /// The state of a student whose logits are known by rank.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - logits: z, one a rank.
  ///   - temperatures: those at which it will be viewed; others can be, but slowly.
  ///   - kernels: who does the arithmetic.
  public init(
    teacher: TeacherDistribution, logits: [Double], temperatures: [Double] = [],
    kernels: VectorKernels = .best
  ) {
    precondition(logits.count == teacher.size, "one logit a token")
    self.kernels = kernels
    self.teacher = teacher
    self.logits = logits
    logProbabilities = logits
    probabilities = logits
    update { _ in }
    views = temperatures.map { ($0, newView(at: $0)) }
  }

  /// Teacher and student at a temperature T: `softmax(t/T)` and `softmax(z/T)`.
  ///
  /// - Parameter temperature: T, above 0.
  /// - Returns: their state, in the same rank order.
  public func view(at temperature: Double) -> FitState {
    guard temperature != 1 else { return self }
    return views.first { $0.temperature == temperature }?.state ?? newView(at: temperature)
  }

  private func newView(at temperature: Double) -> FitState {
    var scaled = logits
    kernels.scale(&scaled, by: 1 / temperature)
    return FitState(
      teacher: teacher.softened(by: temperature), logits: scaled, kernels: kernels)
  }

  /// Teacher and student as the passes read them.
  var pair: DistributionPair {
    DistributionPair(
      p: teacher.probabilities, logP: teacher.logProbabilities, q: probabilities,
      logQ: logProbabilities)
  }

  /// Moves the student.
  ///
  /// - Parameter fill: writes the new logits by rank.
  public mutating func update(_ fill: (inout [Double]) -> Void) {
    fill(&logits)
    let sums = kernels.state(
      logits, p: teacher.probabilities, logP: teacher.logProbabilities,
      logProbabilities: &logProbabilities, probabilities: &probabilities)
    forwardKL = sums.forward
    // Mathematically q > 0 everywhere, even where it has underflowed.
    reverseKL = teacher.firstZeroToken == nil ? sums.reverse : .infinity
    entropy = sums.entropy
    totalVariation = sums.absolute / 2
    for index in views.indices {
      let temperature = views[index].temperature
      views[index].state.update {
        kernels.combine(1 / temperature, logits, 0, logits, into: &$0)
      }
    }
  }

  /// The errors on head and tail for several cuts at once.
  ///
  /// - Parameter headCounts: how many ranks are head, one number a cut, each in 1…V.
  /// - Returns: one value a cut, in the same order.
  public func headTailErrors(headCounts: [Int]) -> [HeadTailError] {
    // Summed by segment between the cuts: a small tail is not the difference of two large sums.
    let cuts = Set(headCounts).sorted()
    let bounds = [0] + cuts + [probabilities.count]
    let segments = zip(bounds, bounds.dropFirst()).map {
      kernels.differences(p: teacher.probabilities, q: probabilities, over: $0..<$1)
    }
    return headCounts.map { count in
      let head = segments[...(cuts.firstIndex(of: count) ?? 0)]
      return HeadTailError(
        head: head.reduce(0) { $0 + $1.absolute },
        tail: segments[head.endIndex...].reduce(0) { $0 + $1.absolute },
        headMass: head.reduce(0) { $0 + $1.signed })
    }
  }
}

/// How far the student is from the teacher on the head and on the tail of one cut.
public struct HeadTailError: Equatable, Sendable {
  /// `Σ |p − q|` over the head.
  public let head: Double
  /// `Σ |p − q|` over the tail.
  public let tail: Double
  /// `Σ (q − p)` over the head.
  public let headMass: Double

  /// AKL's weight of FKL: `head / (head + tail)`, ½ where both are 0; a mean of them in a mean.
  public let headWeight: Double

  /// The errors of one state.
  init(head: Double, tail: Double, headMass: Double) {
    self.init(
      head: head, tail: tail, headMass: headMass,
      headWeight: head + tail == 0 ? 0.5 : head / (head + tail))
  }

  /// Numbers that may be means over states.
  init(head: Double, tail: Double, headMass: Double, headWeight: Double) {
    self.head = head
    self.tail = tail
    self.headMass = headMass
    self.headWeight = headWeight
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Teacher and student of one run at one epoch, all by rank, with the standard measures.
public struct FitState: Sendable {
  /// The teacher, p.
  public private(set) var teacher: TeacherDistribution
  /// The student's logits, z.
  public private(set) var logits: [Double]
  /// `log q`, exact where q underflows.
  public private(set) var logProbabilities: [Double]
  /// `q = softmax(z)`.
  public private(set) var probabilities: [Double]
  /// `KL(p‖q) = Σ p (log p − log q)`, nats.
  public var forwardKL: Double { sums.forward }
  /// `KL(q‖p) = Σ q (log q − log p)`, nats; +∞ where the teacher has no mass.
  public var reverseKL: Double {
    // Mathematically q > 0 everywhere, even where it has underflowed.
    teacher.firstZeroToken == nil ? sums.reverse : .infinity
  }
  /// `H(q) = −Σ q log q`, nats.
  public var entropy: Double { sums.entropy }
  /// `½ Σ |p − q|`.
  public var totalVariation: Double { sums.absolute / 2 }
  private var sums = StateSums()
  /// The term that is summed along with the softmax, and its slopes.
  private let term: WeightedTerm?
  private var slopes: [Double]
  /// The vector kernels to compute with.
  public let kernels: VectorKernels
  /// The states at other temperatures.
  private var views: [(temperature: Double, state: FitState)] = []

  /// A temperature at which an objective takes teacher and student.
  public struct View: Sendable {
    /// T, above 0.
    public let temperature: Double
    /// A term that is summed there.
    public let term: WeightedTerm?

    /// - Parameters:
    ///   - temperature: T, above 0.
    ///   - term: a term that is summed there, if there is one.
    public init(temperature: Double, term: WeightedTerm? = nil) {
      self.temperature = temperature
      self.term = term
    }
  }

  /// How many arrays of one number a token a state takes beside its teacher: z, log q, q and the slopes of a term; at
  /// another temperature also the softened p and log p.
  static func vectorCount(of views: [View]) -> Int {
    let (own, others) = (views.filter { $0.temperature == 1 }, views.filter { $0.temperature != 1 })
    return 3 + min(1, own.count { $0.term != nil })
      + others.reduce(0) { $0 + 5 + ($1.term == nil ? 0 : 1) }
  }

  /// The state of a student with the given logits.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - logits: z, one a rank.
  ///   - kernels: the vector kernels to compute with.
  public init(
    teacher: TeacherDistribution, logits: [Double], kernels: VectorKernels = .best
  ) {
    self.init(teacher: teacher, logits: logits, views: [], kernels: kernels)
  }

  /// The state of a student with views that are kept up to date.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - logits: z, one a rank.
  ///   - views: computed whenever the student moves; other views are slower.
  ///   - kernels: the vector kernels to compute with.
  package init(
    teacher: TeacherDistribution, logits: [Double], views: [View], kernels: VectorKernels
  ) {
    precondition(logits.count == teacher.size, "one logit a token")
    self.kernels = kernels
    self.teacher = teacher
    self.logits = logits
    logProbabilities = logits
    probabilities = logits
    term = views.first { $0.temperature == 1 }?.term
    slopes = term == nil ? [] : logits
    find()
    self.views = views.filter { $0.temperature != 1 }.map { ($0.temperature, newView($0)) }
  }

  /// Teacher and student at a temperature T: `softmax(t/T)` and `softmax(z/T)`.
  ///
  /// - Parameter temperature: T, above 0.
  /// - Returns: their state, in the same rank order.
  public func view(at temperature: Double) -> FitState {
    guard temperature != 1 else { return self }
    return views.first { $0.temperature == temperature }?.state
      ?? newView(View(temperature: temperature))
  }

  private func newView(_ view: View) -> FitState {
    var scaled = logits
    kernels.scale(&scaled, by: 1 / view.temperature)
    return FitState(
      teacher: teacher.softened(by: view.temperature, kernels: kernels), logits: scaled,
      views: [View(temperature: 1, term: view.term)], kernels: kernels)
  }

  /// Teacher and student as the kernels read them.
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
    find()
  }

  /// Moves the student.
  ///
  /// - Parameter logits: the new logits by rank.
  mutating func update(to logits: [Double]) { find(from: logits) }

  /// Goes to another teacher of as many tokens, and a student of it.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - fill: writes the new logits by rank.
  mutating func update(to teacher: TeacherDistribution, _ fill: (inout [Double]) -> Void) {
    let old = views.map { View(temperature: $0.temperature, term: $0.state.term) }
    views = []
    self.teacher = teacher
    update(fill)
    views = old.map { ($0.temperature, newView($0)) }
  }

  /// Moves the student by a step that computes the exponentials of its softmax along the way.
  ///
  /// - Parameter step: writes the new logits and `exp(z − shift)` to its arguments, given the shift.
  public mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) {
    let begun = step(&logits, &probabilities, logits[0] - logProbabilities[0])
    find(begun: begun.isInRange ? begun : nil)
  }

  /// Updates everything for the logits `scale · from`, or for the present ones.
  private mutating func find(
    from: [Double]? = nil, scale: Double = 1, maximum: Double? = nil, begun: BegunSoftmax? = nil
  ) {
    sums = kernels.state(
      &logits, from: from, scale: scale, maximum: maximum, begun: begun, p: teacher.probabilities,
      logP: teacher.logProbabilities, logProbabilities: &logProbabilities,
      probabilities: &probabilities, term: term, slopes: &slopes)
    for index in views.indices {
      views[index].state.find(
        from: logits, scale: 1 / views[index].temperature, maximum: sums.maximum)
    }
  }

  /// The sum over tokens of weighted terms, and its gradient in the logits.
  ///
  /// - Parameters:
  ///   - first: the first term.
  ///   - others: the other ones.
  ///   - gradient: receives the gradient, V values.
  ///   - scale: the factor of the gradient, which may depend on the sum.
  /// - Returns: the sum.
  func sum(
    of first: WeightedTerm, and others: ArraySlice<WeightedTerm> = [], gradient: inout [Double],
    scale: (_ sum: Double) -> Double = { _ in 1 }
  ) -> Double {
    let isBegun = first == term
    if isBegun, others.isEmpty {
      kernels.centre(
        &gradient, slopes: slopes, q: probabilities, mean: sums.slopes, scale: scale(sums.term))
      return sums.term
    }
    let (sum, mean) = kernels.add(
      isBegun ? others : [first] + others, at: pair,
      after: isBegun ? (sums.term, sums.slopes) : (0, 0),
      to: isBegun ? .array(slopes) : .nothing, slopes: &gradient)
    kernels.centre(&gradient, q: probabilities, mean: mean, scale: scale(sum))
    return sum
  }

  /// The errors on head and tail for several cuts at once.
  ///
  /// - Parameter headCounts: the number of head ranks of each cut, in 1…V.
  /// - Returns: one value a cut, in the same order.
  public func headTailErrors(headCounts: [Int]) -> [HeadTailError] {
    // Summed by segment between the cuts, so that a small tail is not a difference of large sums.
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

  /// The errors of one state, or means over states, where the weight is given.
  init(head: Double, tail: Double, headMass: Double, headWeight: Double? = nil) {
    self.head = head
    self.tail = tail
    self.headMass = headMass
    self.headWeight = headWeight ?? (head + tail == 0 ? 0.5 : head / (head + tail))
  }
}

/// Logits at a temperature, `(z − top)/T`: a softmax of them is that of `z/T`.
///
/// With the largest at 0, none overflows at a low temperature.
///
/// - Parameters:
///   - logits: z.
///   - temperature: T, above 0.
///   - top: the largest of z; nil if it is not known.
/// - Returns: as many logits.
func tempered(_ logits: [Double], by temperature: Double, top: Double? = nil) -> [Double] {
  let top = top ?? logits.reduce(-.infinity, Double.maximum)
  return logits.map { ($0 - top) / temperature }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A fit by the fused kernel: a·FKL + b·RKL with its weights, optimizer and cuts.
package struct BlendProblem: Sendable {
  /// The weights of forward and reverse KL.
  package enum Weights: Sendable {
    /// The same in every state.
    case fixed(forward: Double, reverse: Double)
    /// Those of AKL, for a head of `headCount` ranks.
    case adaptive(headCount: Int)
  }

  /// The optimizer of the logits.
  package enum Optimizer: Sendable {
    case adam(AdamCoefficients)
    case gradientDescent(momentum: Double, nesterov: Bool)
  }

  let teacher: BlendTeacher
  let weights: Weights
  let scale: Double
  let optimizer: Optimizer
  /// The ends of the parts that cuts divide the ranks into, ascending, the last one V.
  let partEnds: [Int]

  /// Describes a fit.
  ///
  /// - Parameters:
  ///   - teacher: p.
  ///   - weights: a and b.
  ///   - scale: the factor of both in the gradient.
  ///   - optimizer: the optimizer of the logits.
  ///   - cuts: the head sizes at which errors are split.
  package init(
    teacher: BlendTeacher, weights: Weights, scale: Double, optimizer: Optimizer, cuts: [Int]
  ) {
    self.teacher = teacher
    self.weights = weights
    self.scale = scale
    self.optimizer = optimizer
    var ends = Set(cuts)
    if case .adaptive(let count) = weights { ends.insert(count) }
    ends.insert(teacher.size)
    partEnds = ends.sorted()
  }
}

/// A group of up to 8 runs in the fused kernel: the state of the students and their optimizers.
@safe package struct BlendFit: ~Copyable {
  private let problem: BlendProblem
  private let table: UnsafePointer<klsim_kernels>
  /// The number of doubles in each of the four arrays of the state.
  private let plane: Int
  private var state: AlignedBuffer
  private var segmentSums: AlignedBuffer
  private let segmentEnds: [Int]
  private let segmentParts: [Int32]
  private var block = unsafe klsim_blend()

  /// The maximum number of runs in a group.
  ///
  /// - Parameter teacher: the teacher they share.
  /// - Returns: 8 where the lanes are runs, else 1.
  package static func capacity(for teacher: BlendTeacher) -> Int { teacher.lanesAreRuns ? 8 : 1 }

  /// Allocates the state of a group.
  ///
  /// - Parameters:
  ///   - problem: what is fitted.
  ///   - kernels: an instruction set, not `plain`.
  package init(_ problem: BlendProblem, kernels: VectorKernels) {
    guard let table = unsafe kernels.table else {
      preconditionFailure("the plain loops do not fuse")
    }
    self.problem = problem
    unsafe self.table = table
    (segmentEnds, segmentParts) = Self.segments(of: problem)
    segmentSums = AlignedBuffer(count: 16 * segmentEnds.count)
    plane = 8 * problem.teacher.vectors
    state = AlignedBuffer(count: 4 * plane)
  }

  /// Sets runs to epoch 0.
  ///
  /// - Parameter logits: the initial logits of each run by rank; at least one run, at most
  ///   `capacity`.
  package mutating func start(_ logits: [ArraySlice<Double>]) {
    let teacher = problem.teacher
    precondition(!logits.isEmpty && logits.count <= Self.capacity(for: teacher))
    let stride = teacher.lanesAreRuns ? 8 : 1
    state.fill(plane + stride * teacher.size..<4 * plane, with: 0)
    for lane in 0..<stride {
      // Lanes without a run repeat the first one, so that they take no slower path than it.
      let own = logits[lane < logits.count ? lane : 0]
      precondition(own.count == teacher.size, "one logit a token")
      // A softmax does not depend on a common shift, which would cost digits.
      let top = own.reduce(-.infinity, max)
      let (ratios, logP) = unsafe (state.base + plane + lane, teacher.logProbabilities.base)
      unsafe own.withUnsafeBufferPointer { own in
        for rank in own.indices {
          unsafe ratios[stride * rank] = (own[rank] - top) * KLSIM_PER_NAT - logP[rank]
        }
      }
    }
    configure()
    unsafe withBlock { table, block in unsafe table.pointee.blend_start(block) }
  }

  private mutating func configure() {
    let teacher = problem.teacher
    unsafe block.vectors = teacher.vectors
    unsafe block.teacher_is_shared = teacher.lanesAreRuns
    unsafe block.p = UnsafePointer(teacher.probabilities.base)
    unsafe block.log_p = UnsafePointer(teacher.logProbabilities.base)
    unsafe block.numerator = state.base
    unsafe block.log_ratio = state.base + plane
    unsafe block.mean = state.base + 2 * plane
    unsafe block.square = state.base + 3 * plane
    unsafe block.segments = segmentEnds.count
    unsafe block.segment_sums = segmentSums.base
    unsafe block.parts = problem.partEnds.count
    unsafe block.scale = problem.scale
    switch problem.weights {
    case .fixed(let forward, let reverse):
      unsafe block.forward = forward
      unsafe block.reverse = reverse
    case .adaptive(let headCount):
      unsafe block.adaptive_parts = (problem.partEnds.firstIndex(of: headCount) ?? 0) + 1
    }
    switch problem.optimizer {
    case .adam(let adam):
      unsafe block.optimizer = KLSIM_ADAM
      unsafe block.beta1 = adam.beta1
      unsafe block.beta2 = adam.beta2
      unsafe block.epsilon = adam.epsilon
      unsafe block.weight_decay = adam.weightDecay
      unsafe block.beta1_power = adam.firstPower
      unsafe block.beta2_power = adam.firstPower
    case .gradientDescent(let momentum, let nesterov):
      unsafe block.optimizer = KLSIM_SGD
      unsafe block.beta1 = momentum
      unsafe block.nesterov = nesterov
    }
  }

  /// The segments of vectors between cuts; a vector that a cut divides is a segment of its own, whose
  /// lanes belong to different parts.
  private static func segments(of problem: BlendProblem) -> (ends: [Int], parts: [Int32]) {
    let ends = problem.partEnds
    if problem.teacher.lanesAreRuns {
      let segmentEnds = Array(ends.dropLast()) + [problem.teacher.vectors]
      return (segmentEnds, ends.indices.flatMap { [Int32](repeating: Int32($0), count: 8) })
    }
    var bounds = Set([problem.teacher.vectors])
    for end in ends where end % 8 == 0 { bounds.insert(end / 8) }
    for end in ends where end % 8 != 0 { bounds.formUnion([end / 8, end / 8 + 1]) }
    let segmentEnds = bounds.filter { $0 > 0 }.sorted()
    let parts = segmentEnds.flatMap { segmentEnd in
      // The parts of the last vector are those of all: a segment of several lies in one part.
      (0..<8).map { lane in
        let rank = (segmentEnd - 1) * 8 + lane
        return Int32(ends.firstIndex { rank < $0 } ?? ends.count - 1)
      }
    }
    return (segmentEnds, parts)
  }

  private mutating func withBlock(
    _ body: (UnsafePointer<klsim_kernels>, UnsafeMutablePointer<klsim_blend>) -> Void
  ) {
    unsafe segmentEnds.withUnsafeBufferPointer { ends in
      unsafe segmentParts.withUnsafeBufferPointer { parts in
        unsafe block.segment_ends = ends.baseAddress
        unsafe block.segment_parts = parts.baseAddress
        unsafe body(table, &block)
      }
    }
  }

  /// Advances all runs.
  ///
  /// - Parameters:
  ///   - learningRates: the step size of each update.
  ///   - finish: whether the state after the last update is measured, too.
  ///   - measurements: receives the measurements of the state before each update, and of the last
  ///     state if `finish`.
  package mutating func advance(
    learningRates: [Double], finish: Bool, into measurements: inout BlendMeasurements
  ) {
    let epochs = learningRates.count
    let rows = (epochs + (finish ? 1 : 0)) * klsim_rows(problem.partEnds.count)
    precondition(8 * rows <= measurements.values.count, "more states than there is room for")
    unsafe withBlock { table, block in
      unsafe table.pointee.blend_run(
        block, learningRates, epochs, finish, measurements.values.base)
    }
  }

  /// Whether a run has reached a number that is not finite; its results are then invalid.
  ///
  /// - Parameter run: its place in the group.
  /// - Returns: true if so.
  package func isLost(run: Int) -> Bool {
    unsafe withUnsafeBytes(of: block.lost) { unsafe $0[run] != 0 }
  }

  /// The present student of a run.
  ///
  /// - Parameter run: its place in the group.
  /// - Returns: its logits by rank, up to a constant.
  package func logits(run: Int) -> [Double] {
    let teacher = problem.teacher
    return (0..<teacher.size).map { rank in
      let ratio = state[plane + (teacher.lanesAreRuns ? 8 * rank + run : rank)]
      return (ratio + teacher.logProbabilities[rank]) / KLSIM_PER_NAT
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A group of up to 8 runs in the fused kernel: the state of the students and their optimizers.
///
/// Below, `run` is the place of a run in the group.
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

  /// The maximum number of runs in a group: 8 where the lanes are runs, else 1.
  package static func capacity(for teacher: BlendTeacher) -> Int {
    capacity(vocabularySize: teacher.size)
  }

  /// The same for a number of tokens.
  package static func capacity(vocabularySize: Int) -> Int {
    BlendTeacher.shape(vocabularySize: vocabularySize).lanesAreRuns ? 8 : 1
  }

  /// The number of doubles in the state of a group.
  package static func numberCount(vocabularySize: Int) -> Int {
    32 * BlendTeacher.shape(vocabularySize: vocabularySize).vectors
  }

  /// Allocates the state of a group.
  ///
  /// - Parameters:
  ///   - problem: the fit.
  ///   - kernels: an instruction set, not `plain`.
  package init(_ problem: BlendProblem, kernels: VectorKernels) {
    guard let table = unsafe kernels.table else {
      preconditionFailure("the plain loops have no fused fit")
    }
    self.problem = problem
    unsafe self.table = table
    (segmentEnds, segmentParts) = problem.segments
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
    let stride = Self.capacity(for: teacher)
    precondition(!logits.isEmpty && logits.count <= stride)
    state.fill(plane + stride * teacher.size..<4 * plane, with: 0)
    for lane in 0..<stride {
      // Lanes without a run repeat the first one, so that none takes a slower path.
      let own = logits[lane < logits.count ? lane : 0]
      precondition(own.count == teacher.size, "one logit per token")
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

  /// Updates all runs, and measures the state before each update.
  ///
  /// - Parameters:
  ///   - learningRates: the step size of each update.
  ///   - finish: whether the state after the last update is measured, too.
  ///   - measurements: receives one state per update, and the last one if `finish`.
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

  /// Whether a number of a run has become infinite or NaN; the run's results are then invalid.
  package func isLost(run: Int) -> Bool {
    unsafe withUnsafeBytes(of: block.lost) { unsafe $0[run] != 0 }
  }

  /// The present logits of a run by rank, up to a constant.
  package func logits(run: Int) -> [Double] {
    let teacher = problem.teacher
    return (0..<teacher.size).map { rank in
      let ratio = state[plane + (teacher.lanesAreRuns ? 8 * rank + run : rank)]
      return (ratio + teacher.logProbabilities[rank]) / KLSIM_PER_NAT
    }
  }
}

/// The measurements of a group of runs by the fused kernel, state by state.
///
/// Below, `state` is one of the measured states, and `run` the place of a run in its group.
package struct BlendMeasurements: ~Copyable {
  private let partEnds: [Int]
  let values: AlignedBuffer

  /// Allocates the measurements of a problem.
  ///
  /// - Parameters:
  ///   - problem: the fit.
  ///   - states: the maximum number of states at a time.
  package init(_ problem: BlendProblem, states: Int) {
    partEnds = problem.partEnds
    values = AlignedBuffer(count: 8 * states * klsim_rows(partEnds.count))
  }

  private func row(_ row: Int, state: Int) -> Int {
    8 * (state * klsim_rows(partEnds.count) + row)
  }

  /// KL(p‖q), KL(q‖p) and H(q), nats; KL(q‖p) is invalid if a teacher probability is 0.
  package func divergences(
    state: Int, run: Int
  ) -> (forward: Double, reverse: Double, entropy: Double) {
    let first = row(0, state: state) + run
    return (values[first], values[first + 8], values[first + 16])
  }

  /// `½ Σ |p − q|`.
  package func totalVariation(state: Int, run: Int) -> Double {
    values[row(3, state: state) + run]
  }

  /// Whether `½ Σ |p − q|` is below a threshold, for every place in the group; undefined in places
  /// without a run.
  package func totalVariationIsBelow(_ threshold: Double, state: Int) -> SIMDMask<SIMD8<Int64>> {
    let row = row(3, state: state)
    precondition(row >= 0 && row + 8 <= values.count)
    return unsafe UnsafeRawPointer(values.base + row).load(as: SIMD8<Double>.self) .< threshold
  }

  /// The weights of forward and reverse KL, unscaled.
  package func weights(state: Int, run: Int) -> (forward: Double, reverse: Double) {
    let first = row(4, state: state) + run
    return (values[first], values[first + 8])
  }

  /// `Σ |p − q|` over the head and over the tail of some of the problem's cuts, and `Σ (q − p)` over the
  /// head.
  ///
  /// - Parameters:
  ///   - headCounts: the number of head ranks of each cut.
  ///   - state: the index of the state.
  ///   - run: the place of the run in the group.
  /// - Returns: these three sums, x, y and z, one vector a cut.
  package func errors(headCounts: [Int], state: Int, run: Int) -> [SIMD3<Double>] {
    // Part by part for all cuts at once: the order of the sums stays, and the sums of the cuts are independent.
    var sums = [SIMD3<Double>](repeating: .zero, count: headCounts.count)
    for (part, end) in partEnds.enumerated() {
      let absolute = values[row(6 + part, state: state) + run]
      let signed = values[row(6 + partEnds.count + part, state: state) + run]
      let (ofHead, ofTail) = (SIMD3(absolute, 0, signed), SIMD3(0, absolute, 0))
      for cut in headCounts.indices { sums[cut] += end <= headCounts[cut] ? ofHead : ofTail }
    }
    return sums
  }
}

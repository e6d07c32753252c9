// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The expectation and the variance of what one sample contributes to a signal's gradient.
package struct SignalMoments: Sendable {
  /// The expected gradient in the student's logits.
  package private(set) var mean: [Double]
  /// The sum of the variances of all elements, of one sample.
  package private(set) var variance: Double
  /// The part of it that all samples of a step share, where their writers are chosen once a step.
  ///
  /// n samples have the variance `shared + (variance − shared)/n`. 0 where nothing is enumerated.
  package private(set) var sharedVariance = 0.0
  /// The number of samples from which they are estimated; nil where they are enumerated.
  package let sampleCount: Int?

  /// The standard error of the norm of the mean: the root of the variance of the mean; 0 where enumerated.
  package var standardError: Double {
    sampleCount.map { (variance / Double($0)).squareRoot() } ?? 0
  }

  /// Enumerates every sample where that is possible, or takes what the signal knows, else draws some.
  ///
  /// - Parameters:
  ///   - signal: the signal.
  ///   - space: teacher and student.
  ///   - student: the student.
  ///   - samples: the number of samples of a step, which matters if they depend on each other.
  ///   - draws: the number of samples where nothing is enumerated.
  ///   - seed: the seed of samples.
  ///   - source: the source of a run, whose memory every step is drawn with; nil for steps that follow each
  ///     other from the first one on.
  /// - Throws: `SetupError`.
  package init(
    of signal: any Signal, in space: JointSpace, at student: StudentTable, samples: Int,
    draws: Int = defaultSampleCount, seed: UInt64, source: SampledSource? = nil
  ) throws {
    if signal.isPerSequence(in: space),
      let moments = try? SignalMoments(enumerating: signal, in: space, at: student)
    {
      self = moments
      return
    }
    if let moments = signal.moments(in: space, at: student) {
      self = moments
      return
    }
    self.init(
      sampling: try source ?? SampledSource(signal, in: space, samples: samples), at: student,
      samples: samples, steps: max(64, draws / samples), seed: seed, areContinued: source == nil)
  }

  /// The number of samples where nothing is enumerated.
  package static let defaultSampleCount = 20_000

  /// Enumerates every sample.
  ///
  /// - Parameters:
  ///   - signal: a signal that is `isPerSequence(in:)`.
  ///   - space: teacher and student, with at most `World.maximumSequences` samples.
  ///   - student: the student.
  ///   - students: those of the updates before, if the signal depends on them.
  /// - Throws: `SetupError`.
  package init(
    enumerating signal: any Signal, in space: JointSpace, at student: StudentTable,
    after students: [StudentTable] = []
  ) throws {
    precondition(
      signal.isPerSequence(in: space) || !students.isEmpty,
      "samples that do not depend on each other")
    var estimator = try signal.estimator(in: space)
    var losses = try signal.divergence.map {
      try TokenLosses($0, in: space, kernels: student.kernels)
    }
    for student in students { _ = estimator.draws(at: SequenceMoment(space, student)) }
    let moment = SequenceMoment(space, student)
    var sum = SparseGradient(space)
    var stream = RandomStream(seed: 0)
    let draws = estimator.draws(at: moment)
    var squareOfMeans = 0.0
    for draw in draws {
      let before = sum.mean
      let written = try draw.proposals.map { try space.sequences(of: $0) }
      let count = written.reduce(1.0) { $0 * Double($1.count) }
      guard count <= Double(World.maximumSequences) else {
        throw SetupError(
          "a sample of several sequences has \(Int(count)) values, more than"
            + " \(World.maximumSequences), which are not enumerated; take a shorter length or fewer tokens"
        )
      }
      Self.product(written) { sample, probability in
        let batches = sample.map { SequenceBatch([$0], in: space) }
        sum.add(probability: draw.probability * probability, at: student, of: batches, &losses) {
          terms in
          estimator.weigh(batches, of: draw, at: moment, with: &stream, into: &terms)
        }
      }
      // The draw's share of the mean is its probability times its own mean.
      squareOfMeans +=
        zip(sum.mean, before).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / draw.probability
    }
    mean = sum.mean
    let square = mean.reduce(0) { $0 + $1 * $1 }
    variance = Self.variance(meanSquare: sum.meanSquare, squareOfMean: square)
    if draws.count > 1, variance.isFinite {
      sharedVariance = Self.variance(meanSquare: squareOfMeans, squareOfMean: square)
    }
    sampleCount = nil
  }

  /// Visits one sequence of each writer in all combinations.
  private static func product(
    _ written: [[(tokens: [Int], probability: Double)]],
    _ visit: (_ sample: [[Int]], _ probability: Double) -> Void
  ) {
    func descend(_ sample: [[Int]], _ probability: Double) {
      guard sample.count < written.count else { return visit(sample, probability) }
      for sequence in written[sample.count] {
        descend(sample + [sequence.tokens], probability * sequence.probability)
      }
    }
    descend([], 1)
  }

  /// The gradient of an exact loss: no variance.
  ///
  /// - Parameter exact: the gradient.
  package init(exact: [Double]) { self.init(mean: exact, variance: 0) }

  /// Moments that are known.
  ///
  /// - Parameters:
  ///   - mean: the expected gradient.
  ///   - variance: the sum of the variances of all elements, of one sample.
  package init(mean: [Double], variance: Double) {
    (self.mean, self.variance, sampleCount) = (mean, variance, nil)
  }

  /// `E ‖g‖² − ‖E g‖²`, or a multiple of both; 0 where that is what cancels in the last digits, ∞ where the
  /// first is.
  static func variance(meanSquare: Double, squareOfMean: Double) -> Double {
    guard meanSquare.isFinite else { return meanSquare }
    let difference = meanSquare - squareOfMean
    return difference <= 1e-13 * meanSquare ? 0 : difference
  }

  /// Estimates them from samples.
  ///
  /// - Parameters:
  ///   - source: the signal's source.
  ///   - student: the student.
  ///   - samples: the number of samples of a step.
  ///   - steps: the number of steps, at least 2, over which mean and variance are taken.
  ///   - seed: the seed of the samples.
  ///   - areContinued: whether a step remembers the one before, or all start with the memory of the source.
  package init(
    sampling source: SampledSource, at student: StudentTable, samples: Int, steps: Int,
    seed: UInt64, areContinued: Bool = true
  ) {
    var gradient = [Double](repeating: 0, count: student.logits.count)
    var (sum, squares) = (gradient, 0.0)
    var own = source
    for step in 0..<steps {
      if !areContinued { own = source }
      // Other samples than those of a run's own steps.
      own.evaluate(at: student, seed: seed, step: -1 - step, gradient: &gradient)
      for index in sum.indices {
        sum[index] += gradient[index]
        squares += gradient[index] * gradient[index]
      }
    }
    mean = sum.map { $0 / Double(steps) }
    let ofSteps = Self.variance(
      meanSquare: squares, squareOfMean: Double(steps) * mean.reduce(0) { $0 + $1 * $1 })
    variance = ofSteps / Double(max(1, steps - 1)) * Double(samples)
    sampleCount = steps * samples
  }
}

extension JointSpace {
  /// Every sequence that a writer can write, with its probability.
  ///
  /// - Throws: `SetupError` if there are too many.
  func sequences(
    of proposal: Proposal
  ) throws(SetupError) -> [(tokens: [Int], probability: Double)] {
    var sequences: [(tokens: [Int], probability: Double)] = []
    try SequenceTree(self, endingWith: proposal.endToken).visit { tokens, states in
      var probability = 1.0
      for (token, state) in zip(tokens, states) {
        probability *= proposal.probability(of: token, at: state, size: vocabularySize)
      }
      if probability > 0 { sequences.append((tokens, probability)) }
    }
    return sequences
  }
}

/// Sums gradients each of which has few rows.
private struct SparseGradient {
  private let space: JointSpace
  private(set) var mean: [Double]
  private(set) var meanSquare = 0.0
  private var terms: GradientTerms
  private var gradient: [Double]

  init(_ space: JointSpace) {
    self.space = space
    terms = GradientTerms(space, areExpected: true)
    mean = terms.scores
    gradient = terms.scores
  }

  mutating func add(
    probability: Double, at student: StudentTable, of batches: [SequenceBatch],
    _ losses: inout TokenLosses?, weigh: (inout GradientTerms) -> Void
  ) {
    let size = space.vocabularySize
    let states = Set(
      batches.flatMap { batch in
        zip(batch.tokens, batch.states).compactMap { $0 >= 0 ? Int($1) : nil }
      }
    ).sorted()
    let rows = Set(states.map { Int(space.studentRows[$0]) }).sorted()
    weigh(&terms)
    meanSquare += probability * terms.hiddenVariance
    terms.hiddenVariance = 0
    for row in rows {
      var total = 0.0
      let range = row * size..<(row + 1) * size
      for index in range { total += terms.scores[index] }
      for index in range {
        // A weight beyond a double leaves the row infinite, not undefined.
        gradient[index] =
          total.isInfinite ? total : terms.scores[index] - total * student.probabilities[index]
        terms.scores[index] = 0
      }
    }
    for state in states where terms.divergences[state] != 0 {
      _ = losses?.loss(
        of: state, at: student, weight: terms.divergences[state], addingTo: &gradient)
      terms.divergences[state] = 0
    }
    for row in rows {
      for index in row * size..<(row + 1) * size {
        mean[index] += probability * gradient[index]
        meanSquare += probability * gradient[index] * gradient[index]
      }
    }
  }
}

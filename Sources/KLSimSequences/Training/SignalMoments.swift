// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The expectation and the variance of what one sample contributes to a signal's gradient.
package struct SignalMoments: Sendable {
  /// The expected gradient in the student's logits.
  package private(set) var mean: [Double]
  /// The sum of the variances of all elements, of one sample; of samples that depend on each other, n times
  /// that of the steps of n samples from which it is estimated.
  package private(set) var variance: Double
  /// The part of it that all samples of a step share, where their writers are chosen once a step.
  ///
  /// n samples have the variance `shared + (variance − shared)/n`. 0 where nothing is enumerated.
  package private(set) var sharedVariance = 0.0
  /// What makes the samples of a step depend on each other; nil if they are independent.
  package private(set) var dependence: SampleDependence?
  /// The number of samples from which they are estimated; nil where they are exact.
  package let sampleCount: Int?
  /// The standard error of the norm of the mean: the root of the variance of the mean; 0 where it is exact.
  package let standardError: Double

  /// The number of samples where nothing is enumerated.
  package static let defaultSampleCount = 20_000
  /// The fewest steps over which a variance is taken, and the most runs whose means give a standard error.
  private static let (minimumSteps, maximumRuns) = (64, 32)

  /// The variance of one sample; nil if samples depend on each other, so that it says nothing of a step.
  package var sampleVariance: Double? { dependence == nil ? variance : nil }

  /// Enumerates every sample where that is possible, or takes what the signal knows, else draws some.
  ///
  /// - Parameters:
  ///   - signal: the signal.
  ///   - space: teacher and student.
  ///   - student: the student.
  ///   - samples: the number of samples of a step, which matters if they depend on each other.
  ///   - draws: the number of samples where nothing is enumerated; at least 64 steps are drawn of samples that
  ///     depend on each other.
  ///   - seed: the seed of samples.
  ///   - source: the source of a run, with whose memory every step is drawn; nil for that of a first step.
  /// - Throws: `SetupError`.
  package init(
    of signal: any Signal, in space: JointSpace, at student: StudentTable, samples: Int,
    draws: Int = defaultSampleCount, seed: UInt64, source: SampledSource? = nil
  ) throws {
    try signal.check(samples: samples)
    if signal.isPerSequence(in: space),
      let samples = try EnumeratedSamples(of: signal, in: space, at: student)
    {
      self = try SignalMoments(samples, of: signal, in: space, at: student)
      return
    }
    if let moments = signal.moments(in: space, at: student) {
      self = moments
      return
    }
    let isIndependent = signal.dependence(in: space) == nil
    let size = isIndependent ? min(samples, max(1, draws / Self.minimumSteps)) : samples
    // A chain forgets what it remembers, and starts anew.
    let memory =
      if let source, signal.burnIn == 0 { source } else {
        try SampledSource(signal, in: space, samples: samples, kernels: student.kernels)
      }
    self.init(
      sampling: size == samples ? memory : SampledSource(memory, samples: size), at: student,
      samples: size, steps: max(isIndependent ? 2 : Self.minimumSteps, draws / size), seed: seed,
      burnIn: signal.burnIn)
    dependence = signal.dependence(in: space)
  }

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
    guard
      let samples = try EnumeratedSamples(of: signal, in: space, at: student, after: students)
    else {
      try SequenceTree.check(space)
      throw SetupError(
        "a sample of several sequences has more than \(World.maximumSequences) values, which are not"
          + " enumerated; take a shorter length or fewer tokens")
    }
    self = try SignalMoments(samples, of: signal, in: space, at: student)
  }

  private init(
    _ samples: EnumeratedSamples, of signal: any Signal, in space: JointSpace,
    at student: StudentTable
  ) throws {
    var estimator = samples.estimator
    var losses = try signal.divergence.map {
      try TokenLosses($0, in: space, kernels: student.kernels)
    }
    var sum = SparseGradient(space)
    var stream = RandomStream(seed: 0)
    var squareOfMeans = 0.0
    for (draw, written) in samples.draws {
      let before = sum.mean
      EnumeratedSamples.product(written) { sample, probability in
        let batches = sample.map { SequenceBatch([$0], in: space) }
        sum.add(probability: draw.probability * probability, at: student, of: batches, &losses) {
          terms in
          estimator.weigh(batches, of: draw, at: samples.moment, with: &stream, into: &terms)
        }
      }
      // The draw's share of the mean is its probability times its own mean.
      squareOfMeans +=
        zip(sum.mean, before).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / draw.probability
    }
    let square = sum.mean.reduce(0) { $0 + $1 * $1 }
    self.init(
      mean: sum.mean, variance: Self.variance(meanSquare: sum.meanSquare, squareOfMean: square))
    if samples.draws.count > 1, variance.isFinite {
      sharedVariance = Self.variance(meanSquare: squareOfMeans, squareOfMean: square)
    }
    dependence = signal.dependence(in: space)
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
    (self.mean, self.variance, sampleCount, standardError) = (mean, variance, nil, 0)
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
  /// Runs that start with the memory of the source are independent of each other. Each is a step, or, of a signal
  /// that goes on from step to step, several steps after it has forgotten its start; the standard error is that
  /// of the mean over runs.
  ///
  /// - Parameters:
  ///   - source: the signal's source.
  ///   - student: the student.
  ///   - samples: the number of samples of a step.
  ///   - steps: the number of steps, at least 2, over which mean and variance are taken.
  ///   - seed: the seed of the samples.
  ///   - burnIn: the number of steps before those of every run.
  package init(
    sampling source: SampledSource, at student: StudentTable, samples: Int, steps: Int,
    seed: UInt64, burnIn: Int = 0
  ) {
    var gradient = [Double](repeating: 0, count: student.logits.count)
    let zeros = gradient
    let length = burnIn == 0 ? 1 : (steps + Self.maximumRuns - 1) / Self.maximumRuns
    let runs = max(2, steps / length)
    var (sum, squares, squaresOfRuns) = (gradient, 0.0, 0.0)
    var own = source
    // Other samples than those of a run's own steps.
    var number = 0
    for _ in 0..<runs {
      own.recall(source)
      var ofRun = zeros
      for step in 0..<burnIn + length {
        number -= 1
        own.evaluate(at: student, seed: seed, step: number, gradient: &gradient)
        guard step >= burnIn else { continue }
        for index in ofRun.indices {
          ofRun[index] += gradient[index]
          squares += gradient[index] * gradient[index]
        }
      }
      for index in sum.indices {
        let mean = ofRun[index] / Double(length)
        sum[index] += mean
        squaresOfRuns += mean * mean
      }
    }
    mean = sum.map { $0 / Double(runs) }
    let between =
      Self.variance(
        meanSquare: squaresOfRuns,
        squareOfMean: Double(runs) * mean.reduce(0) { $0 + $1 * $1 }) / Double(runs - 1)
    let within =
      between.isFinite ? (squares / Double(length) - squaresOfRuns) / Double(runs) : 0
    variance = (between + within) * Double(samples)
    sampleCount = runs * length * samples
    standardError = (between / Double(runs)).squareRoot()
  }
}

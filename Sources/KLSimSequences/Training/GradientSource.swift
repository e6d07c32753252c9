// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// What a user chooses as the signal: an exact loss, or an estimate from samples.
package enum SignalChoice: Sendable {
  case exact(any SequenceObjective)
  case sampled(any Signal)

  /// Reads a specification: the name of an exact loss or of an estimate.
  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<SignalChoice> {
    let name = try Specification(parsing: text).name
    let objectives = SequenceCatalog.objectives
    if objectives.names.contains(name) || objectives.aliases[name] != nil {
      let chosen = try SequenceCatalog.objective(text, reader: reader, kernels: kernels)
      return Chosen(specification: chosen.specification, component: .exact(chosen.component))
    }
    let all = SequenceCatalog.objectives.names + SequenceCatalog.signals.names
    _ = try all.place(of: name, kind: "signal")
    let chosen = try SequenceCatalog.estimator(text, reader: reader, kernels: kernels)
    return Chosen(specification: chosen.specification, component: .sampled(chosen.component))
  }

  /// Refuses a world in which it does not exist.
  package func check(_ space: JointSpace) throws {
    switch self {
    case .exact(let objective): try objective.check(space)
    case .sampled(let signal):
      if signal.needsFullSupport {
        try space.world.checkSupport(for: type(of: signal).name)
      }
      try signal.check(space)
    }
  }

  /// Refuses a number of samples a step with which it does not exist.
  package func check(samples: Int) throws(SetupError) {
    guard case .sampled(let signal) = self else { return }
    try signal.check(samples: samples)
  }

  /// Refuses to be estimated after a number of updates at which it cannot be told from another signal.
  package func check(updates: Int) throws(SetupError) {
    guard case .sampled(let signal) = self else { return }
    try signal.check(updates: updates)
  }

  /// The number of steps after which an expectation is taken, nil if it is taken at once.
  package var burnIn: Int? {
    guard case .sampled(let signal) = self, signal.burnIn > 0 else { return nil }
    return signal.burnIn
  }

  /// What gives the gradient of each step of a run.
  ///
  /// - Parameters:
  ///   - space: teacher and student.
  ///   - samples: the number of samples a step.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: the source at the start of a run.
  /// - Throws: `SetupError`.
  package func source(
    in space: JointSpace, samples: Int, kernels: VectorKernels = .best
  ) throws -> any GradientSource {
    switch self {
    case .exact(let objective): ExactSource(evaluator: try objective.evaluator(in: space))
    case .sampled(let signal):
      try SampledSource(signal, in: space, samples: samples, kernels: kernels)
    }
  }
}

extension SignalChoice {
  /// Expectation and variance of what one sample contributes to the gradient; of an exact loss, its gradient.
  ///
  /// - Parameters:
  ///   - space: teacher and student.
  ///   - student: the student.
  ///   - samples: the number of samples of a step.
  ///   - draws: the number of samples where nothing is enumerated.
  ///   - seed: the seed of samples.
  ///   - source: as of `SignalMoments.init(of:in:at:samples:draws:seed:source:)`.
  /// - Returns: the moments.
  /// - Throws: `SetupError`.
  package func moments(
    in space: JointSpace, at student: StudentTable, samples: Int,
    draws: Int = SignalMoments.defaultSampleCount, seed: UInt64,
    source: (any GradientSource)? = nil
  ) throws -> SignalMoments {
    switch self {
    case .exact(let objective):
      var gradient = student.logits
      var evaluator = try objective.evaluator(in: space)
      _ = evaluator.loss(at: student, gradient: &gradient)
      return SignalMoments(exact: gradient)
    case .sampled(let signal):
      return try SignalMoments(
        of: signal, in: space, at: student, samples: samples, draws: draws, seed: seed,
        source: source as? SampledSource)
    }
  }
}

/// Gives the gradient of each step of a run.
package protocol GradientSource: Sendable {
  /// The gradient in the student's logits, or its estimate.
  ///
  /// - Parameters:
  ///   - student: the student.
  ///   - seed: the seed of the run.
  ///   - step: the number of updates made; with the seed it decides the samples.
  ///   - gradient: receives histories of the student × V values.
  mutating func evaluate(
    at student: StudentTable, seed: UInt64, step: Int, gradient: inout [Double])
}

private struct ExactSource: GradientSource {
  var evaluator: any SequenceEvaluator

  mutating func evaluate(
    at student: StudentTable, seed: UInt64, step: Int, gradient: inout [Double]
  ) {
    _ = evaluator.loss(at: student, gradient: &gradient)
  }
}

/// The gradients of a signal from sampled sequences.
package struct SampledSource: GradientSource {
  /// How many arrays of one number a joint state and token it takes: log ratios, and tables and what a signal keeps.
  static let vectorCount = 4
  /// How many numbers drawing works in for a sample: its state and random bits.
  static let numbersPerSample = 1

  private let space: JointSpace
  private var samples: Int
  /// The number of samples that are drawn and weighed at a time.
  private var portion: Int
  /// What the signal remembers.
  private var estimator: any SignalEstimator
  private var batches: [SequenceBatch] = []
  private var tables: [AliasTables] = []
  private var terms: GradientTerms
  private var losses: TokenLosses?

  /// The most samples that are drawn at a time where that is free to choose.
  private static let maximumPortion = 1024

  /// How many samples of a step are drawn and weighed at a time.
  ///
  /// Memory does not grow with samples that do not depend on each other, given their writers; others are all there
  /// at once.
  ///
  /// - Parameters:
  ///   - samples: the number of samples a step.
  ///   - dependence: what makes them depend on each other.
  /// - Returns: the number, at most `samples`.
  static func portion(of samples: Int, _ dependence: SampleDependence?) -> Int {
    [nil, .writers].contains(dependence) ? min(samples, maximumPortion) : samples
  }

  /// - Parameters:
  ///   - signal: the signal.
  ///   - space: teacher and student.
  ///   - samples: the number of samples a step, at least 1.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `SetupError`.
  package init(
    _ signal: any Signal, in space: JointSpace, samples: Int, kernels: VectorKernels = .best
  ) throws {
    try signal.check(space)
    try signal.check(samples: samples)
    (self.space, self.samples) = (space, samples)
    portion = Self.portion(of: samples, signal.dependence(in: space))
    estimator = try signal.estimator(in: space)
    terms = GradientTerms(space)
    losses = try signal.divergence.map { try TokenLosses($0, in: space, kernels: kernels) }
  }

  /// The same signal with what it remembers, and another number of samples a step.
  ///
  /// - Parameters:
  ///   - other: the source of a signal whose samples are independent.
  ///   - samples: the number, at least 1.
  package init(_ other: SampledSource, samples: Int) {
    self = other
    (self.samples, portion) = (samples, Self.portion(of: samples, nil))
  }

  /// Goes back to what another source of the signal remembers.
  package mutating func recall(_ other: SampledSource) { estimator = other.estimator }

  package mutating func evaluate(
    at student: StudentTable, seed: UInt64, step: Int, gradient: inout [Double]
  ) {
    var stream = RandomStream(seed: seed, purpose: "samples \(step)")
    let moment = SequenceMoment(space, student)
    let draw = Self.choose(estimator.draws(at: moment), with: &stream)
    while tables.count < draw.proposals.count {
      tables.append(AliasTables(width: space.vocabularySize))
      batches.append(SequenceBatch(count: portion, length: space.length))
    }
    for (place, proposal) in draw.proposals.enumerated() {
      tables[place].fill(proposal.probabilities)
    }
    terms.reset()
    for first in stride(from: 0, to: samples, by: portion) {
      let count = min(portion, samples - first)
      for (place, proposal) in draw.proposals.enumerated() {
        if batches[place].count != count {
          batches[place] = SequenceBatch(count: count, length: space.length)
        }
        batches[place].draw(from: proposal, tables[place], in: space, with: &stream)
      }
      estimator.weigh(
        Array(batches.prefix(draw.proposals.count)), of: draw, at: moment, with: &stream,
        into: &terms)
    }
    terms.addUp(1 / Double(samples), at: student, in: space, &losses, gradient: &gradient)
  }

  // Not of the source, which would be copied for it.
  private static func choose(
    _ draws: [SequenceDraw], with stream: inout RandomStream
  ) -> SequenceDraw {
    guard draws.count > 1 else { return draws[0] }
    return draws[stream.draws(1, weights: draws.map(\.probability))[0]]
  }
}

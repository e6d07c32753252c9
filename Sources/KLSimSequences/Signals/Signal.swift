// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// What moves the student at a step: an estimate of a gradient from sampled sequences.
///
/// To add one, write a type and name it in `SequenceCatalog.signals`.
package protocol Signal: Component {
  /// The divergence of tokens whose gradients it uses; nil if it uses scores only.
  var divergence: Chosen<ObjectiveRecipe>? { get }

  /// What makes the samples of a step depend on each other.
  ///
  /// - Parameter hasOneLength: whether all sequences of a world are equally long.
  /// - Returns: the reason; nil if they are independent, so that n of them have the n-th part of the variance of one.
  func dependence(hasOneLength: Bool) -> SampleDependence?

  /// What it keeps and works in beside what every signal does.
  var size: SignalSize { get }

  /// Whether what a sample contributes depends in a world on nothing but the sample, its writers and the
  /// student: not on the other samples of the step, on variates of the signal's own whose expectation it does
  /// not give, or on what it remembers. The expectation can then be enumerated.
  func isPerSequence(in space: JointSpace) -> Bool

  /// The number of steps at one student after which what the signal remembers counts as independent of its
  /// start; 0 if an expectation is one with what it remembers at the time.
  var burnIn: Int { get }

  /// Expectation and variance of what a sample contributes, where they are known without enumeration.
  ///
  /// - Parameters:
  ///   - space: teacher and student.
  ///   - student: the student.
  /// - Returns: the moments; nil unless the type says otherwise.
  func moments(in space: JointSpace, at student: StudentTable) -> SignalMoments?

  /// Whether it needs mass of the teacher on every token that the student can write.
  var needsFullSupport: Bool { get }

  /// Refuses a world in which it does not exist.
  ///
  /// - Throws: `SetupError`.
  func check(_ space: JointSpace) throws

  /// Refuses a number of samples a step with which it does not exist.
  func check(samples: Int) throws(SetupError)

  /// Refuses to be estimated after a number of updates at which it cannot be told from another signal.
  func check(updates: Int) throws(SetupError)

  /// Binds the signal to a world for one run.
  ///
  /// - Parameter space: teacher and student.
  /// - Returns: what estimates its gradients.
  /// - Throws: `SetupError`.
  func estimator(in space: JointSpace) throws -> any SignalEstimator
}

extension Signal {
  package var divergence: Chosen<ObjectiveRecipe>? { nil }
  package func dependence(hasOneLength: Bool) -> SampleDependence? { nil }
  package var size: SignalSize { SignalSize() }

  /// What makes the samples of a step depend on each other in a world.
  package func dependence(in space: JointSpace) -> SampleDependence? {
    dependence(hasOneLength: space.world.endToken == nil && space.studentEndToken == nil)
  }

  package func isPerSequence(in space: JointSpace) -> Bool {
    [nil, .writers].contains(dependence(in: space))
  }
  package var burnIn: Int { 0 }
  /// Signals that use a divergence of tokens refuse the teachers for which it is infinite.
  package var needsFullSupport: Bool { divergence == nil }
  package func moments(in space: JointSpace, at student: StudentTable) -> SignalMoments? { nil }
  package func check(_ space: JointSpace) throws {}
  package func check(samples: Int) throws(SetupError) {}
  package func check(updates: Int) throws(SetupError) {}
}

/// What makes the samples of a step depend on each other, in words.
package enum SampleDependence: String, Sendable {
  /// Given the writers the samples are independent.
  case writers = "a coin decides who writes all samples of a step"
  case others = "a sample is shifted, scaled or divided by a mean over all samples of its step"
  case memory = "samples move what the signal remembers, its chains or its teacher"
}

/// A signal bound to a world, with what it remembers from step to step.
package protocol SignalEstimator: Sendable {
  /// Who may write the sequences of a step; the probabilities sum to 1.
  ///
  /// - Parameter moment: teacher and student.
  /// - Returns: the writers, at least one choice of them.
  mutating func draws(at moment: SequenceMoment) -> [SequenceDraw]

  /// Adds what the samples of a step contribute, each as if it were the only one.
  ///
  /// - Parameters:
  ///   - batches: the sequences, one batch a proposal of the draw; those in one place of all batches are one
  ///     sample.
  ///   - draw: who wrote them.
  ///   - moment: teacher and student.
  ///   - stream: for what the signal draws itself.
  ///   - terms: receives the sum over samples.
  mutating func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms)
}

/// Who writes the sequences of a step.
package struct SequenceDraw: Sendable {
  /// How probable it is that these are the writers of the step.
  package let probability: Double
  /// The writers of the sequences that make a sample, mostly one.
  package let proposals: [Proposal]

  package init(_ proposals: [Proposal], probability: Double = 1) {
    (self.proposals, self.probability) = (proposals, probability)
  }
}

/// Teacher and student at a step, with what several signals need.
package struct SequenceMoment: Sendable {
  package let space: JointSpace
  package let student: StudentTable
  /// `log p(v|s) − log q(v|s)`, joint states × V: the reward of a token.
  package let logRatios: [Double]

  package init(_ space: JointSpace, _ student: StudentTable) {
    (self.space, self.student) = (space, student)
    let size = space.vocabularySize
    var ratios = space.logTeacher
    for state in 0..<space.count {
      let row = Int(space.studentRows[state]) * size
      for token in 0..<size {
        ratios[state * size + token] -= student.logProbabilities[row + token]
      }
    }
    logRatios = ratios
  }

  /// The teacher as the writer.
  package var teacher: Proposal { Proposal(.teacher, in: space, student: student) }

  /// The student as the writer.
  package var writer: Proposal { Proposal(.student, in: space, student: student) }

  /// `KL(q(·|s)‖p(·|s))` of every joint state.
  package var tokenReverseKL: [Double] {
    let size = space.vocabularySize
    return (0..<space.count).map { state in
      let row = Int(space.studentRows[state]) * size
      var sum = 0.0
      for token in 0..<size {
        let q = student.probabilities[row + token]
        if q > 0 { sum -= q * logRatios[state * size + token] }
      }
      return sum
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A teacher that adapts to the student: `p_φ(·|c) = softmax(log p(·|c) + φ_c)`, at the student's prefixes.
///
///     φ  −=  rate · mean over sequences of Σ_t [(p_φ − q) + ρ (p_φ − p)]
///     student:  Σ_t ∇KL(q(·|c_t)‖p_φ(·|c_t)),   y ~ q
///
/// A step first moves φ, which starts at 0, down `KL(q‖p_φ) + ρ KL(p‖p_φ)`, then gives the student its gradient.
/// ρ falls from 1 at the first step to 0 after `steps` of them, linearly. With rate = 0 it is unbiased for
/// `gkd:lambda=1:objective=rkl`. A toy analogue of tuning a prompt of the teacher, not the paper's algorithm.
package struct PromptAdaptation: Signal {
  package static let name = "promptkd"
  package static let summary =
    "reverse KL of tokens to a teacher that is tuned towards the student beside it"
  package static let formula = """
    Σ_t ∇KL(q‖p_φ), p_φ = softmax(log p + φ_c), y ~ q
    φ descends KL(q‖p_φ) + ρ KL(p‖p_φ), ρ from 1 to 0
    """
  package static let reference = "after Kim et al., arXiv 2402.12842 (PromptKD)"

  static let rate = Parameter(
    "rate", default: 0.1, .nonNegative, summary: "step size of φ; with 0 the teacher stays as it is"
  )
  static let steps = Parameter(
    "steps", default: 100, .range(1...Int(Int32.max)),
    summary: "number of steps in which ρ falls from 1 to 0")
  package static let parameters: [any ParameterDeclaration] = [rate, steps]

  private let rate: Double
  private let steps: Int

  package func dependence(hasOneLength: Bool) -> SampleDependence? { rate > 0 ? .memory : nil }

  package init(_ values: Parameters) {
    (rate, steps) = (values[Self.rate], values[Self.steps])
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator {
    AdaptedTeacher(space, rate: rate, steps: steps)
  }
}

/// The adapted teacher of a run.
package struct AdaptedTeacher: SignalEstimator {
  private let rate: Double
  private let steps: Int
  private var step = 0
  /// φ, histories of the teacher × V.
  package private(set) var offsets: [Double]
  /// `log p_φ` and p_φ, histories of the teacher × V.
  private var logs: [Double]
  private var probabilities: [Double]

  package init(_ space: JointSpace, rate: Double, steps: Int) {
    (self.rate, self.steps) = (rate, steps)
    offsets = [Double](repeating: 0, count: space.world.logProbabilities.count)
    (logs, probabilities) = (space.world.logProbabilities, space.world.probabilities)
  }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw([moment.writer])]
  }

  package mutating func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    let (batch, space) = (batches[0], moment.space)
    let size = space.vocabularySize
    var visits = [Double](repeating: 0, count: space.count)
    for index in batch.tokens.indices where batch.tokens[index] >= 0 {
      visits[Int(batch.states[index])] += 1
    }
    adapt(visits.map { $0 / Double(batch.count) }, at: moment)
    for state in 0..<space.count where visits[state] > 0 {
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      for token in 0..<size {
        let q = moment.student.probabilities[row + token]
        guard q > 0 else { continue }
        // Less its mean under q, the weight of a score is the slope of the divergence.
        terms.scores[row + token] +=
          visits[state] * q * (moment.student.logProbabilities[row + token] - logs[own + token])
      }
    }
  }

  /// Moves φ by one step.
  private mutating func adapt(_ visits: [Double], at moment: SequenceMoment) {
    guard rate > 0 else { return }
    let (space, size) = (moment.space, moment.space.vocabularySize)
    let rho = max(0, 1 - Double(step) / Double(steps))
    step += 1
    for state in 0..<space.count where visits[state] > 0 {
      let (own, row) = (Int(space.teacherRows[state]) * size, Int(space.studentRows[state]) * size)
      for token in 0..<size {
        let p = probabilities[own + token]
        offsets[own + token] -=
          rate * visits[state]
          * (p - moment.student.probabilities[row + token]
            + rho * (p - space.world.probabilities[own + token]))
      }
    }
    let moved = zip(space.world.logProbabilities, offsets).map { $0 + $1 }
    moment.student.kernels.softmax(
      rowsOf: size, moved, logProbabilities: &logs, probabilities: &probabilities)
  }
}

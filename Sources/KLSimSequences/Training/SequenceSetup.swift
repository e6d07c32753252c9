// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Everything that decides a run on sequences except its seed: a choice on every axis, and the epochs.
package struct SequenceSetup: Sendable {
  /// The choices on `SequenceAxes.all`.
  package let choices: Choices
  /// The number of updates.
  package let epochs: Int

  /// - Parameters:
  ///   - choices: the choices on `SequenceAxes.all`.
  ///   - epochs: the number of updates, 0 to `Setup.maximumEpochs`.
  package init(_ choices: Choices, epochs: Int) {
    (self.choices, self.epochs) = (choices, epochs)
  }

  /// Given choices, and the first default of all other axes; otherwise as `Setup.init(_:epochs:reader:)`.
  package init(
    _ choices: [String: String?], epochs: Int, reader: any NumberReader = NoFiles()
  ) throws {
    self.init(try Choices(choices, on: SequenceAxes.all, reader: reader), epochs: epochs)
  }

  /// p.
  package var teacher: Chosen<WorldRecipe> { choices[WorldAxis.self] }
  /// How q is parametrised.
  package var student: Chosen<any SequenceStudent> { choices[SequenceStudentAxis.self] }
  /// What moves the student.
  package var signal: Chosen<SignalChoice> { choices[SignalAxis.self] }
  /// The number of samples a step.
  package var samples: Int { choices[SamplesAxis.self].component }
  /// The step size.
  package var learningRate: Chosen<Double> { choices[LearningRateAxis.self] }
  /// How the parameters are updated.
  package var optimizer: Chosen<any Optimizer> { choices[OptimizerAxis.self] }
  /// The same for one run.
  ///
  /// - Throws: `SetupError` for an optimizer that needs more than a gradient.
  var elementwiseOptimizer: any ElementwiseOptimizer {
    get throws(SetupError) {
      guard let optimizer = optimizer.component as? any ElementwiseOptimizer else {
        throw SetupError(
          "\(optimizer.specification) needs the loss itself, and sequences give a gradient or an estimate of"
            + " one; take adam, adamw, sgd or rmsprop")
      }
      return optimizer
    }
  }
  /// The choices on all axes and the epochs, in canonical words.
  package var canonicalWords: [String] {
    SequenceAxes.all.map { "\($0.name)=\(choices.specification(on: $0))" } + ["epochs=\(epochs)"]
  }

  /// Teacher, student and start, in words.
  package var worldWords: [String] {
    let axes: [any Axis.Type] = [WorldAxis.self, SequenceStudentAxis.self, SequenceStartAxis.self]
    return axes.map { "\($0.name) \(choices.specification(on: $0))" }
  }

  /// The choices that decide whether a run is possible.
  package var preparationWords: [String] {
    let axes: [any Axis.Type] = [
      WorldAxis.self, SequenceStudentAxis.self, SignalAxis.self, OptimizerAxis.self,
      SequenceStartAxis.self,
    ]
    return axes.map(choices.specification)
  }

  /// Refuses choices that do not go together, by all that a run prepares.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - seed: the seed of the run.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `SetupError`, or the error of a file.
  package func check(
    _ measurement: SequenceMeasurement, seed: UInt64, kernels: VectorKernels = .best
  ) throws {
    let space = try space(seed: seed)
    let model = try student.component.model(of: space.studentHistories)
    _ = try elementwiseOptimizer
    _ = try start(in: space, model, seed: seed)
    _ = try signal.component.source(in: space, samples: samples, kernels: kernels)
    _ = try SequenceMeter(measurement, self, in: space, seed: seed, kernels: kernels)
  }

  /// The length of a run.
  package var length: RunLength { RunLength(epochs: epochs) }

  /// Gives the step size of the update that follows a state, with the choices looked up once.
  var learningRates: (_ update: Int) -> Double {
    let (rate, schedule, last) = (
      learningRate.component, choices[ScheduleAxis.self].component, epochs
    )
    return { rate * schedule.factor(epoch: $0, of: last) }
  }

  /// The bound on the gradient of an update.
  var clipping: GradientClipping { choices[ClipAxis.self].component }

  /// Teacher and student of a seed.
  ///
  /// - Throws: `SetupError`, or the error of a file.
  package func space(seed: UInt64) throws -> JointSpace {
    let (world, end) = try teacher.component.world(seed: seed)
    let space = try JointSpace(
      world,
      studentHistories: try student.component.histories(
        vocabularySize: world.vocabularySize, length: world.length), studentEndToken: end,
      minimumOrder: world.period)
    try signal.component.check(space)
    return space
  }

  /// The initial parameters.
  ///
  /// The logits of all histories are drawn as those of one distribution of histories × V tokens, whose
  /// teacher is the best student of seq-fkl: at every history of the student the mean of the teacher's rows
  /// there, weighted by how often the teacher meets them.
  ///
  /// - Parameters:
  ///   - space: teacher and student.
  ///   - model: the student; nil if its parameters are logits.
  ///   - seed: the seed of the run.
  /// - Returns: θ.
  /// - Throws: `SetupError`.
  package func start(
    in space: JointSpace, _ model: (any StudentModel)?, seed: UInt64
  ) throws -> [Double] {
    let initialization = choices[SequenceStartAxis.self].component
    if let model { return try model.start(initialization, seed: seed) }
    let projection = space.projectedTeacher()
    let teacher = try TeacherDistribution(.linear(projection))
    return try initialization.logits(for: teacher, seed: seed)
  }
}

extension JointSpace {
  /// The teacher as the student sees it: `p(v|c)` of each history c of the student, the mean over the joint
  /// states with that history, weighted by how often the teacher meets them.
  package func projectedTeacher() -> [Double] {
    let size = vocabularySize
    let rows = studentHistories.count
    let visits = teacherVisits
    var sums = [Double](repeating: 0, count: rows * size)
    var plain = sums
    var (weights, counts) = (
      [Double](repeating: 0, count: rows), [Double](repeating: 0, count: rows)
    )
    for state in 0..<count {
      let (row, own) = (Int(studentRows[state]), Int(teacherRows[state]) * size)
      weights[row] += visits[state]
      counts[row] += 1
      for token in 0..<size {
        sums[row * size + token] += visits[state] * world.probabilities[own + token]
        plain[row * size + token] += world.probabilities[own + token]
      }
    }
    return (0..<rows).flatMap { row in
      // A history that the teacher never meets has the plain mean.
      (row * size..<(row + 1) * size).map {
        weights[row] > 0 ? sums[$0] / weights[row] : plain[$0] / max(1, counts[row])
      }
    }
  }
}

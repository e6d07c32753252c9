// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

extension Condition {
  /// A condition of sequences: its teacher and student are those that `klsim sequence` takes.
  static func sequences(
    _ teacher: String, student: String = "tabular", optimizer: String = "adam",
    learningRate: Double = 0.1, initialization: String = "normal"
  ) -> Condition {
    Condition(
      teacher: teacher, student: student, optimizer: optimizer, learningRate: learningRate,
      initialization: initialization)
  }

  /// One whose learning rate falls from 0.2 to 0 by a cosine, so that students come to rest.
  static func annealed(
    _ teacher: String, _ student: String, start: String = "normal"
  ) -> Condition {
    var condition = sequences(teacher, student: student, learningRate: 0.2, initialization: start)
    condition.schedule = CosineSchedule.name
    return condition
  }

  /// The student, with an order of 1, which a specification leaves out.
  var studentWords: String {
    student == MarkovSequenceStudent.name ? "\(student):order=1" : student
  }

  /// The setup of this condition under one signal.
  ///
  /// - Throws: `SpecificationError`.
  func sequenceSetup(signal: String, samples: Int = 1, epochs: Int = 0) throws -> SequenceSetup {
    try SequenceSetup(
      [
        WorldAxis.name: teacher, SequenceStudentAxis.name: student, SignalAxis.name: signal,
        SamplesAxis.name: samples.description, OptimizerAxis.name: optimizer,
        LearningRateAxis.name: learningRate.description, SequenceStartAxis.name: initialization,
        ScheduleAxis.name: schedule,
      ], epochs: epochs)
  }
}

/// A signal, prepared once for all seeds of a condition.
struct PreparedSignal: Sendable {
  let setup: SequenceSetup

  /// The signal of a condition.
  ///
  /// - Throws: `SpecificationError`.
  init(_ signal: String, in condition: Condition, samples: Int = 1, epochs: Int = 0) throws {
    setup = try condition.sequenceSetup(signal: signal, samples: samples, epochs: epochs)
  }

  /// Expectation and variance of the signal's gradient.
  ///
  /// - Throws: `SetupError`.
  func moments(
    at point: SequencePoint, draws: Int = SignalMoments.defaultSampleCount
  ) throws -> SignalMoments {
    try setup.signal.component.moments(
      in: point.space, at: point.student, samples: setup.samples, draws: draws, seed: point.seed)
  }

  /// The signal's gradient beside an exact one.
  ///
  /// - Throws: `SetupError`.
  func comparison(
    with exact: [Double], at point: SequencePoint, draws: Int = SignalMoments.defaultSampleCount
  ) throws -> GradientComparison {
    GradientComparison(try moments(at: point, draws: draws), exact: exact)
  }

  /// The last record of a run, by the names of `SequenceMeasurement.standardColumns`.
  ///
  /// - Throws: `SetupError`.
  func lastRecord(seed: UInt64) throws -> [String: Double] {
    let (measurement, epochs) = (try Self.measurement, setup.epochs)
    let run = try SequenceFit(setup, measurement).run(seed: seed) { $0 == epochs }
    let values = run.records.last?.values[0] ?? []
    return Dictionary(
      uniqueKeysWithValues: zip(measurement.columns, values).compactMap { column, value in
        value.map { (column.name, $0) }
      })
  }

  /// The student at the end of a run.
  ///
  /// - Throws: `SetupError`.
  func lastStudent(seed: UInt64) throws -> StudentTable {
    let run = try SequenceFit(setup, try Self.measurement).run(seed: seed) { _ in false }
    let size = try setup.space(seed: seed).vocabularySize
    return StudentTable(run.finalLogits, vocabularySize: size)
  }

  private static var measurement: SequenceMeasurement {
    get throws { SequenceMeasurement(heads: [try Catalog.head("mass=0.5")]) }
  }
}

/// The initial student of a seed beside its teacher.
struct SequencePoint: Sendable {
  let seed: UInt64
  let space: JointSpace
  let student: StudentTable

  /// - Throws: `SetupError`.
  init(_ setup: SequenceSetup, seed: UInt64) throws {
    self.seed = seed
    space = try setup.space(seed: seed)
    let start = SequenceSetup(setup.choices, epochs: 0)
    let run = try SequenceFit(start, SequenceMeasurement(heads: [])).run(seed: seed) { _ in false }
    student = StudentTable(run.finalLogits, vocabularySize: space.vocabularySize)
  }

  /// The gradient of an exact loss.
  ///
  /// - Throws: `SetupError`.
  func gradient(of objective: Chosen<any SequenceObjective>) throws -> [Double] {
    var gradient = student.logits
    var evaluator = try objective.component.evaluator(in: space)
    _ = evaluator.loss(at: student, gradient: &gradient)
    return gradient
  }
}

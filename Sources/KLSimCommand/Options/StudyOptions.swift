// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimStudies

/// The options of a study: choices on all axes, epochs and seeds.
struct StudyOptions: ParsableArguments {
  @OptionGroup var teacher: TeacherOptions

  @Option(help: help(StudentAxis.self), completion: .list(Catalog.students.names))
  var student: [String] = []

  @Option(
    name: [.long, .customLong("loss")], help: help(ObjectiveAxis.self),
    completion: .list(Catalog.objectives.names))
  var objective: [String] = []

  @Option(help: help(OptimizerAxis.self), completion: .list(Catalog.optimizers.names))
  var optimizer: [String] = []

  @Option(
    name: [.long, .customLong("lr")], parsing: .unconditionalSingleValue,
    help: help(LearningRateAxis.self))
  var learningRate: [String] = []

  @Option(help: help(ScheduleAxis.self), completion: .list(Catalog.schedules.names))
  var schedule: [String] = []

  @Option(
    name: .customLong(InitializationAxis.name), help: help(InitializationAxis.self),
    completion: .list(Catalog.initializations.names))
  var initialization: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: help(BatchAxis.self))
  var batch: [String] = []

  @Option(
    help: help(SamplingAxis.self), completion: .list(BatchSampling.allCases.map(\.rawValue)))
  var sampling: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: help(AccumulateAxis.self))
  var accumulate: [String] = []

  @Option(help: help(ClipAxis.self))
  var clip: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: help(HeldOutAxis.self))
  var heldOut: [String] = []

  @Option(
    name: [.long, .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp(
      "How many epochs: updates of the student, each by the whole distribution; with --batch, passes over"
        + " the contexts.", valueName: "n"))
  var epochs = Study().epochs

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed.", valueName: "s"))
  var seed = Study().seed

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds, one after the other.", valueName: "n"))
  var seeds = Study().seeds

  private static func help(_ axis: any Axis.Type) -> ArgumentHelp {
    ArgumentHelp("\(axis.help)", valueName: axis.valueName)
  }

  /// The study.
  ///
  /// - Throws: `UsageError`, or `SpecificationError`.
  var study: Study {
    get throws {
      let given = [
        StudentAxis.name: student, ObjectiveAxis.name: objective, OptimizerAxis.name: optimizer,
        LearningRateAxis.name: learningRate, ScheduleAxis.name: schedule,
        InitializationAxis.name: initialization, BatchAxis.name: batch, SamplingAxis.name: sampling,
        AccumulateAxis.name: accumulate, ClipAxis.name: clip, HeldOutAxis.name: heldOut,
      ]
      var study = Study()
      study.choices = try given.mapValues(splitSpecifications)
      study.choices[TeacherAxis.name] = try teacher.specifications
      study.choices = study.choices.filter { !$0.value.isEmpty }
      (study.epochs, study.seed, study.seeds) = (epochs, seed, seeds)
      return study
    }
  }
}

/// Splits the values of a repeatable option into single specifications.
///
/// - Parameter values: the values as given; commas separate specifications.
/// - Returns: the specifications in the same order.
/// - Throws: `SpecificationError`.
func splitSpecifications(_ values: [String]) throws -> [String] {
  try values.flatMap { try Specification.list($0) }
}

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

  @Option(parsing: .unconditionalSingleValue, help: help(HeldOutAxis.self))
  var heldOut: [String] = []

  @OptionGroup var training: TrainingOptions

  /// Says in a study what these options say; the rest stays.
  ///
  /// - Throws: `UsageError`, or `SpecificationError`.
  func apply(to study: inout Study) throws {
    try training.apply(
      to: &study,
      [
        StudentAxis.name: student, ObjectiveAxis.name: objective,
        InitializationAxis.name: initialization, BatchAxis.name: batch,
        SamplingAxis.name: sampling, AccumulateAxis.name: accumulate, HeldOutAxis.name: heldOut,
      ])
    // Files are specifications as they are: a comma in a path separates nothing.
    let teachers = try teacher.specifications
    if !teachers.isEmpty { study.choices[TeacherAxis.name] = teachers }
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

// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimStudies

/// The options that say how a gradient moves the student.
struct UpdateOptions: ParsableArguments {
  @Option(help: help(OptimizerAxis.self), completion: .list(Catalog.optimizers.names))
  var optimizer: [String] = []

  @Option(
    name: [.long, .customLong("lr")], parsing: .unconditionalSingleValue,
    help: help(LearningRateAxis.self))
  var learningRate: [String] = []

  @Option(help: help(ScheduleAxis.self), completion: .list(Catalog.schedules.names))
  var schedule: [String] = []

  @Option(help: help(ClipAxis.self))
  var clip: [String] = []

  /// The specifications by the name of their axis; lists may stand in one text.
  var choices: [String: [String]] {
    [
      OptimizerAxis.name: optimizer, LearningRateAxis.name: learningRate,
      ScheduleAxis.name: schedule, ClipAxis.name: clip,
    ]
  }
}

/// The options of any training: optimizer, step size, length and seeds.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var updates: UpdateOptions

  @Option(
    name: [.long, .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp(
      "How many epochs: updates of the student. (default: \(Study().epochs))", valueName: "n"))
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The first seed. (default: \(Study().seed))", valueName: "s"))
  var seed: UInt64?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many seeds, one after the other. (default: \(Study().seeds))", valueName: "n"))
  var seeds: Int?

  /// Says in a study what these options and choices on further axes say; the rest stays.
  ///
  /// - Parameters:
  ///   - study: the study.
  ///   - others: specifications by the name of their axis; lists may stand in one text.
  /// - Throws: `SpecificationError`.
  func apply(to study: inout Study, _ others: [String: [String]]) throws {
    let choices = try updates.choices.merging(others) { $1 }.mapValues(splitSpecifications)
    study.choices.merge(choices.filter { !$0.value.isEmpty }) { $1 }
    study.epochs = epochs ?? study.epochs
    (study.seed, study.seeds) = (seed ?? study.seed, seeds ?? study.seeds)
  }
}

/// The help of the option of an axis.
func help(_ axis: any Axis.Type) -> ArgumentHelp {
  ArgumentHelp("\(axis.help)", valueName: axis.valueName)
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimStudies

/// The options of any training: optimizer, step size, length and seeds.
struct TrainingOptions: ParsableArguments {
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

  @Option(
    name: [.long, .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp(
      "How many epochs: updates of the student; with --batch, passes over the contexts.",
      valueName: "n"))
  var epochs = Study().epochs

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed.", valueName: "s"))
  var seed = Study().seed

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds, one after the other.", valueName: "n"))
  var seeds = Study().seeds

  /// The study of these options and of choices on further axes.
  ///
  /// - Parameter others: specifications by the name of their axis; lists may stand in one text.
  /// - Returns: the study.
  /// - Throws: `SpecificationError`.
  func study(_ others: [String: [String]]) throws -> Study {
    let own = [
      OptimizerAxis.name: optimizer, LearningRateAxis.name: learningRate,
      ScheduleAxis.name: schedule, ClipAxis.name: clip,
    ]
    var study = Study()
    study.choices = try own.merging(others) { $1 }.mapValues(splitSpecifications)
      .filter { !$0.value.isEmpty }
    (study.epochs, study.seed, study.seeds) = (epochs, seed, seeds)
    return study
  }
}

/// The help of the option of an axis.
func help(_ axis: any Axis.Type) -> ArgumentHelp {
  ArgumentHelp("\(axis.help)", valueName: axis.valueName)
}

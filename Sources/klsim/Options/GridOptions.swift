// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies

/// The options that span a grid of runs, which is their product.
struct GridOptions: ParsableArguments {
  @OptionGroup var teacher: TeacherOptions

  @Option(help: help(StudentAxis.self), completion: names(.students))
  var student: [String] = []

  @Option(help: help(ObjectiveAxis.self), completion: names(.objectives))
  var objective: [String] = []

  @Option(help: help(OptimizerAxis.self), completion: names(.optimizers))
  var optimizer: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: help(LearningRateAxis.self))
  var learningRate: [String] = []

  @Option(help: help(ScheduleAxis.self), completion: names(.schedules))
  var schedule: [String] = []

  @Option(
    name: .customLong(InitializationAxis.name), help: help(InitializationAxis.self),
    completion: names(.initializations))
  var initialization: [String] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many optimizer updates.", valueName: "n"))
  var epochs = 200

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The first seed.", valueName: "s"))
  var seed: UInt64 = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many seeds, one after the other.", valueName: "n"))
  var seeds = 1

  private static func help(_ axis: any Axis.Type) -> ArgumentHelp {
    ArgumentHelp("\(axis.help)", valueName: axis.valueName)
  }

  /// Completes the names of a kind's components.
  private static func names(_ kind: Kind) -> CompletionKind {
    .list(kind.components.map { $0.name })
  }

  /// The specifications that were given, by the name of their axis.
  private var texts: [String: [String]] {
    get throws {
      [
        TeacherAxis.name: try teacher.specifications,
        StudentAxis.name: try splitSpecifications(student),
        ObjectiveAxis.name: try splitSpecifications(objective),
        OptimizerAxis.name: try splitSpecifications(optimizer),
        LearningRateAxis.name: try splitSpecifications(learningRate),
        ScheduleAxis.name: try splitSpecifications(schedule),
        InitializationAxis.name: try splitSpecifications(initialization),
      ]
    }
  }

  /// The grid.
  ///
  /// - Parameter kernels: the kernels for teachers and students.
  /// - Returns: the product of all that is asked for.
  /// - Throws: `UsageError`, `SpecificationError`, or the error of a file that an option names.
  func grid(kernels: VectorKernels) throws -> Grid {
    guard epochs >= 0 else {
      throw UsageError(description: "--epochs \(epochs): a number of at least 0 is needed")
    }
    guard epochs <= Setup.maximumEpochs else {
      throw UsageError(
        description: "--epochs \(epochs): at most \(Setup.maximumEpochs) are possible")
    }
    let seeds = try seedRange(first: seed, count: seeds)
    let texts = try texts
    var grid = Grid(choices: [:], epochs: epochs, seeds: seeds, kernels: kernels)
    for axis in Axes.all {
      guard let given = texts[axis.name], !given.isEmpty else { continue }
      grid.choices[axis.name] = try choices(given, of: axis.name) {
        let choice = try axis.choice($0, reader: NumberFile(), kernels: kernels)
        return Chosen(specification: choice.specification, component: choice)
      }.map(\.component)
    }
    return grid
  }
}

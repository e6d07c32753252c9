// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// The options that span a grid of runs, which is their product.
struct GridOptions: ParsableArguments {
  @OptionGroup var teacher: TeacherOptions

  @Option(
    help: ArgumentHelp(
      "Student: softmax, gaussian:mean=20:width=5, … (default: softmax)", valueName: "spec"))
  var student: [String] = []

  @Option(
    help: ArgumentHelp("Objective: fkl, mix:lambda=0.9, … (default: fkl,rkl)", valueName: "spec"))
  var objective: [String] = []

  @Option(
    help: ArgumentHelp("Optimizer: adam, sgd:momentum=0.9, … (default: adam)", valueName: "spec"))
  var optimizer: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Learning rate. (default: 0.2)", valueName: "x"))
  var learningRate: [String] = []

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Initial logits: torch-uniform, normal:sigma=3, … (default: torch-uniform; students without"
        + " free logits start where their specification says)",
      valueName: "spec"))
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

  /// The grid.
  ///
  /// - Throws: `UsageError`, `SpecificationError`, or the error of a file that an option names.
  func grid() throws -> Grid {
    guard epochs >= 0 else {
      throw UsageError(description: "--epochs \(epochs): a number of at least 0 is needed")
    }
    guard epochs <= Setup.mostEpochs else {
      throw UsageError(description: "--epochs \(epochs): at most \(Setup.mostEpochs) are possible")
    }
    let seeds = try seedRange(first: seed, count: seeds)
    func texts(_ values: [String], default fallback: String) throws -> [String] {
      try specifications(values.isEmpty ? [fallback] : values)
    }
    return Grid(
      teachers: try teacher.teachers(),
      students: try choices(
        texts(student, default: SoftmaxStudent.name), of: "student"
      ) { try Catalog.student($0, reader: NumberFile()) },
      objectives: try choices(
        texts(objective, default: "\(ForwardKL.name),\(ReverseKL.name)"), of: "objective",
        make: { try Catalog.objective($0, reader: NumberFile()) }),
      optimizers: try choices(
        texts(optimizer, default: Adam.name), of: "optimizer", make: Catalog.optimizer),
      learningRates: try choices(
        texts(learningRate, default: "0.2"), of: "learning-rate", make: Self.rate
      ).map(\.component),
      initializations: initialization.isEmpty
        ? nil
        : try choices(specifications(initialization), of: "init") {
          try Catalog.initialization($0, reader: NumberFile())
        },
      epochs: epochs, seeds: seeds)
  }

  private static func rate(_ text: String) throws -> Chosen<Double> {
    guard let rate = Double(text), rate.isFinite, rate >= 0 else {
      throw UsageError(
        description: "--learning-rate \(text): a finite number of at least 0 is needed")
    }
    return Chosen(specification: rate.description, component: rate)
  }
}

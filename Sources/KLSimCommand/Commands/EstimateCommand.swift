// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage
internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Looks at the gradient of signals: bias, variance, cosine.
struct EstimateCommand: ParsableCommand, SignalCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Bias and variance of sampled gradients of sequences, beside exact ones.",
    discussion: """
      One world, one student, one or several signals. Expectation and variance of a signal's gradient are \
      exact (draws is empty) where the samples of a step do not depend on each other and are few enough to \
      be enumerated: V^T, of samples of several sequences the product of their numbers, is at most 100,000. \
      Policy gradients without a mean of the batch, length-norm and discount=start are exact at any length, \
      by dynamic programming, where T · states · V · logits is at most 2^32. All else is sampled, and has \
      a standard error. The student is that of --init, or after --epochs updates by the signal itself.
      """)

  @OptionGroup var world: SequenceWorldOptions<Self>

  @Option(
    help: ArgumentHelp(
      "Exact losses to compare with; a comma separates them. (default: seq-rkl)", valueName: "spec")
  )
  var against: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Samples for expectations that are not exact. Where the samples of a step depend on each other, at least 64"
        + " steps of --samples are drawn.", valueName: "n"))
  var draws = SignalMoments.defaultSampleCount

  @OptionGroup var updates: UpdateOptions

  @Option(
    name: [.long, .customLong("steps")], parsing: .unconditional,
    help: ArgumentHelp(
      "Updates by the signal before the student is looked at.", valueName: "n"))
  var epochs = 0

  @Option(
    help: ArgumentHelp(
      "The epochs at which the student is looked at: all, every=k, or 0,1,5,10. (default: the last)",
      valueName: "epochs"))
  var record: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("The first seed.", valueName: "s"))
  var seed = Study().seed

  @Option(parsing: .unconditional, help: ArgumentHelp("How many seeds.", valueName: "n"))
  var seeds = Study().seeds

  @OptionGroup var memory: MemoryOptions

  @Option(help: ArgumentHelp("Where the answer goes; - for standard output.", valueName: "path"))
  var output: String?

  @Flag(help: "The table for people, also where standard output is no terminal.")
  var table = false

  @OptionGroup var format: FormatOptions<Answer>

  /// What is looked at unless signals are named.
  static let signals = [
    SequenceKD.name, PolicyGradient.name, "\(PolicyGradient.name):gamma=0",
  ]

  func run() throws {
    guard !table || format.format == nil else {
      throw UsageError(description: "--table and --format exclude each other; give one")
    }
    guard draws >= 1 else {
      throw UsageError(description: "--draws \(draws): a number of at least 1 is needed")
    }
    var study = Study()
    study.experiment = .sequence
    study.choices = try world.choices.merging(updates.choices) { $1 }
      .mapValues(splitSpecifications).filter { !$0.value.isEmpty }
    study.choices[SignalAxis.name] = study.choices[SignalAxis.name] ?? Self.signals
    (study.epochs, study.seed, study.seeds) = (epochs, seed, seeds)
    study.record = record ?? epochs.description
    let isForPeople =
      table || format.format == nil && output == nil && Terminal.outputSize != nil
    let rowFormat = try format.isDocument ? nil : format.format(of: output)
    let exact = try splitSpecifications(against)
    let estimate = try SignalEstimate(
      study, against: exact.isEmpty ? [SequenceReverseKL.name] : exact, draws: draws,
      reader: NumberFile.telling, kernels: VectorKernels.chosen(), within: memory.limit(jobs: 1))
    let file = try OutputFile(output ?? "-", inputs: NumberFile.telling.paths)
    if let rowFormat {
      try file.write(
        isForPeople
          ? Array(estimate.text(width: Terminal.width(of: .standardOutput)).utf8)
          : rowFormat.table(estimate.columns, rows: estimate.values))
    } else {
      try file.write(
        .document(
          "estimate",
          JSON.table(estimate.columns, rows: estimate.values)
            + [("warnings", JSON(estimate.warnings))]))
    }
    try file.commit()
    for warning in estimate.warnings { Terminal.say("klsim: warning: \(warning)") }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimFiles
internal import KLSimStudies

/// The options that say what is recorded of runs, and how.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What counts as head: mass=0.5 (of the teacher), rank=0.1 (of the vocabulary), count=8 (tokens);"
        + " several add rows. (default: mass=0.5)",
      valueName: "rule"))
  var head: [String] = []

  @Option(
    help: ArgumentHelp(
      "Which epochs are recorded: all, every=k (the last is always among them), or 0,1,5,10; with --batch"
        + " also 0.5,1, or every=ksteps.",
      valueName: "epochs"))
  var record = Study().record

  @Flag(
    help: ArgumentHelp(
      "Instead of one row per seed: mean, sd and quantiles over seeds, a row per epoch and metric.")
  )
  var aggregate = false

  @Option(
    help: ArgumentHelp(
      "Where the records go; - for standard output. (default: -, but nowhere if that is a terminal, which"
        + " shows the summary)", valueName: "path"))
  var output: String?

  @OptionGroup var format: FormatOptions

  @OptionGroup var jobs: JobOptions

  @Flag(help: "No summary and no progress; warnings and errors still appear.")
  var quiet = false

  /// Whether the summary is what goes to standard output: a terminal gets it instead of the records, unless
  /// these are asked for.
  var isSummaryAlone: Bool {
    output == nil && !quiet && !aggregate && format.format == nil && Terminal.outputSize != nil
  }

  /// Says in a study what is recorded.
  ///
  /// - Throws: `SpecificationError`.
  func apply(to study: inout Study) throws {
    if !head.isEmpty { study.heads = try splitSpecifications(head) }
    (study.record, study.isAggregated) = (record, aggregate)
  }
}

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
      "Which epochs are recorded: all, every=k (the last is always among them), or 0,1,5,10."
        + " (default: \(Study().record))",
      valueName: "epochs"))
  var record: String?

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

  /// Whether the summary of a study is what goes to standard output: a terminal gets it instead of the records,
  /// unless these are asked for.
  func isSummaryAlone(of study: Study) -> Bool {
    output == nil && !quiet && !study.isAggregated && format.format == nil
      && Terminal.outputSize != nil
  }

  /// Says in a study what these options say of recording; the rest stays.
  ///
  /// - Throws: `SpecificationError`.
  func apply(to study: inout Study) throws {
    if !head.isEmpty { study.heads = try splitSpecifications(head) }
    study.record = record ?? study.record
    study.isAggregated = study.isAggregated || aggregate
  }
}

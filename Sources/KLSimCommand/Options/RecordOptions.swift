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

  /// The summary as a document.
  enum Summary: FormatScope {
    static let document: String? =
      "the summary as one JSON document on standard output; records go to --output alone"
  }

  @OptionGroup var format: FormatOptions<Summary>

  @OptionGroup var jobs: JobOptions

  @OptionGroup var memory: MemoryOptions

  @Flag(help: "No summary and no progress; warnings and errors still appear.")
  var quiet = false

  /// Where the summary of a study goes, and how it is written.
  enum SummaryPlace {
    case none, messages, output, document

    /// Whether standard output has the summary, and no records.
    var isOutput: Bool { self == .output || self == .document }
  }

  /// Where the summary of a study goes: a terminal gets it instead of the records, unless these are asked for.
  ///
  /// - Parameters:
  ///   - study: the study.
  ///   - others: where its other results go.
  /// - Returns: the place.
  /// - Throws: `UsageError` if a document and another result are to go to standard output.
  func summaryPlace(of study: Study, beside others: [String?] = []) throws -> SummaryPlace {
    if format.isDocument {
      guard !([output] + others).contains("-") else {
        throw UsageError(
          description:
            "--format json writes the summary to standard output; give other results a file")
      }
      return .document
    }
    if quiet { return .none }
    let isAlone =
      output == nil && !study.isAggregated && format.format == nil && Terminal.outputSize != nil
    return isAlone ? .output : .messages
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

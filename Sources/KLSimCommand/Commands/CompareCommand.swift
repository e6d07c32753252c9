// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimReport
internal import KLSimStudies
internal import SystemPackage

/// Says who leads where in recorded tables.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Who leads where in recorded tables: differences, intervals, p values.",
    discussion: """
      The values of one column, such as the objective, are compared in pairs of runs with the same seed, \
      or context where there are several. Of every two, a and b: the median of a - b with a distribution-free interval; \
      the share of pairs in which a is lower beyond rounding, with its Clopper-Pearson interval; the p \
      value of the sign test, and the same adjusted by Holm's method over all rows. The better one leads \
      if the interval of its share lies above one half and the adjusted p below 1 - confidence; else it is \
      a tie, or there are too few pairs.
      """)

  @Argument(
    help: ArgumentHelp(
      "Records, CSV or JSON Lines, or the folder of a sweep; several are one table.",
      valueName: "file"))
  var inputs: [String]

  @Option(
    help: ArgumentHelp(
      "The key column whose values are compared. (default: objective, or signal of sequences)",
      valueName: "column"))
  var by: String?

  @Option(
    help: ArgumentHelp(
      "The measurements: tail_error, head_error, total_error (their sum), tvd or another column."
        + " (default: tail_error; of sequences also seq_fkl, seq_rkl and void_mass)",
      valueName: "column"))
  var metric: [String] = []

  @Option(
    help: ArgumentHelp(
      "Epochs: 1,5,10, or with minibatches 0.5,1,2. (default: 1, 5, 10 and the last, as far as they are recorded)",
      valueName: "epochs"))
  var at: String?

  @Option(
    help: ArgumentHelp(
      "Every value of --by takes the learning_rate, optimizer or other choice in training at which its median"
        + " is best.",
      valueName: "column"))
  var best: [String] = []

  @Option(
    help: ArgumentHelp(
      "An answer for each combination of these key columns. (default: all others that vary)",
      valueName: "column"))
  var within: [String] = []

  @Option(
    help: ArgumentHelp(
      "Compare only with this value of --by, or with the one that has the best median: leader."
        + " (default: every two)", valueName: "value"))
  var against: String?

  @OptionGroup var selections: SelectionOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Confidence of the intervals.", valueName: "x"))
  var confidence = RecordComparison.Question().confidence

  @Option(help: ArgumentHelp("Where the answer goes; - for standard output.", valueName: "path"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "The same answer as a page for the browser, in one file that needs no other.",
      valueName: "path"))
  var html: String?

  @Flag(help: "The table for people, also where standard output is no terminal.")
  var table = false

  @OptionGroup var format: FormatOptions<Answer>

  func run() throws {
    var question = try question
    let isForPeople =
      table || format.format == nil && output == nil && Terminal.outputSize != nil
    let rowFormat = try format.isDocument ? nil : format.format(of: output)
    for path in inputs { try SweepState.requireComplete(path) }
    let files = try inputs.map { path in
      try TableFiles(path, for: "a comparison") { $0.isOfRecords }
    }
    let file = try OutputFile(output ?? "-", inputs: files.flatMap(\.paths))
    let page = try html.map { path throws(OutputError) in
      try OutputFile(path, inputs: files.flatMap(\.paths))
    }
    if let both = page.flatMap({ file.sameFile(as: $0) }) {
      throw UsageError(
        description: "the table and --html both go to '\(both)'; name another file for one of them")
    }
    let chosen = try selections.selections
    // Which kind of records they are, and so what is compared by default, the files tell.
    let defaults = metric.isEmpty ? TableKind.sequences.comparedMeasurements : []
    let records = try Table(
      files, numbers: question.numbers.union(defaults), texts: Set(chosen.map(\.column))
    ).selecting(chosen)
    if by == nil { question.by = records.kind.compared.name }
    if metric.isEmpty { question.metrics = records.kind.comparedMeasurements }
    let comparison = try RecordComparison(records, question)
    func writePage() throws {
      try page?.write(
        ReportPage(
          title: "Who leads where", version: KLSim.version, command: Self.commandLine,
          parts: [try ComparisonPart.member(comparison)]
        ).bytes)
      try page?.commit()
    }
    // What stands on standard output cannot be taken back if the other fails.
    let isPageLast = page?.isStandardOutput == true
    if !isPageLast { try writePage() }
    if let rowFormat {
      try file.write(
        isForPeople
          ? Array(try comparison.text(width: Terminal.width(of: .standardOutput)).utf8)
          : rowFormat.table(comparison.columns, rows: comparison.rows()))
    } else {
      try file.write(.document("comparison", comparison.members))
    }
    try file.commit()
    if isPageLast { try writePage() }
    for note in comparison.notes { Terminal.say("klsim: note: \(note)") }
    if isForPeople, let narrowing = comparison.narrowing {
      Terminal.say("klsim: note: \(errorText(narrowing))")
    }
    for warning in comparison.warnings { Terminal.say("klsim: warning: \(warning)") }
  }

  /// The command line as a shell reads it.
  private static var commandLine: String {
    (["klsim"]
      + CommandLine.arguments.dropFirst().map { word in
        word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_=.,:/+".contains($0)) }
          && !word.isEmpty ? word : shellQuoted(word)
      }).joined(separator: " ")
  }

  private var question: RecordComparison.Question {
    get throws {
      guard confidence > 0, confidence < 1 else {
        throw UsageError(
          description: "--confidence \(confidence): a number between 0 and 1 is needed")
      }
      guard !table || format.format == nil else {
        throw UsageError(description: "--table and --format exclude each other; give one")
      }
      var question = RecordComparison.Question()
      if let by { question.by = column(by) }
      if !metric.isEmpty { question.metrics = try columns(metric) }
      question.epochs = try at.map { try epochs($0, of: "at") }
      question.best = try columns(best)
      if !within.isEmpty { question.within = try columns(within) }
      question.rivals = against.map { $0 == "leader" ? .leader : .level($0) } ?? .all
      question.confidence = confidence
      return question
    }
  }

  /// The names of columns in lists.
  private func columns(_ values: [String]) throws -> [String] {
    try splitSpecifications(values).map(column).uniqued()
  }
}

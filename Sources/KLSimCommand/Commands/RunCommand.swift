// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
public import KLSimStudies

extension ContextRows: ExpressibleByArgument {}

/// Fits students and records every epoch.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Fit students to teachers and record head and tail error per epoch (default).",
    discussion: """
      Options that name a component can be given several times, and a comma also separates \
      specifications; the runs are the product of all of them. A value with a comma or a colon in \
      it stands in double quotes, and all in single ones for the shell: 'file:path="a,b.csv"'. \
      Records go to standard output or to --output, a short summary to standard error.
      """)

  @OptionGroup var file: StudyFileOptions

  @OptionGroup var runs: StudyOptions

  @OptionGroup var recording: RecordOptions

  @Option(
    help: ArgumentHelp(
      "Adds the columns of a metric: \(Catalog.metrics.map { $0.name }.joined(separator: ", "))."
        + " 'klsim list metrics' tells what they are.",
      valueName: "name"))
  var metric: [String] = []

  @Option(
    help: ArgumentHelp(
      "Epochs whose p and q are written token by token to --snapshot-output; as --record.",
      valueName: "epochs"))
  var snapshots: String?

  @Option(
    help: ArgumentHelp(
      "Which tokens of the snapshots are written: all, top=k (the most probable), or log=k (ranks that"
        + " are evenly spread on a logarithmic scale). (default: all)", valueName: "tokens"))
  var snapshotTokens: String?

  @Option(
    help: ArgumentHelp(
      "Which rows a teacher of several contexts gives: each context's, their weighted mean, or"
        + " both. (default: both)", valueName: "rows"))
  var contexts: ContextRows?

  @Option(help: ArgumentHelp("Where the snapshots go; - for standard output.", valueName: "path"))
  var snapshotOutput: String?

  @Option(
    help: ArgumentHelp(
      "Where the fitted parameters of a student that contexts share go, as NPY, one row a seed; --init"
        + " 'file:path=<path>' goes on from them.", valueName: "path"))
  var parametersOutput: String?

  func run() async throws {
    do {
      try await fit()
    } catch OutputError.closedPipe where snapshotOutput != nil {
      // Records or snapshots are incomplete: not a success, and without a message, as after SIGPIPE.
      throw ErrorCategory.closedPipe.exitCode
    }
  }

  /// Says how large the snapshots will be, if that is over a gigabyte.
  private func warnOfSize(_ bytes: Double) {
    guard bytes > 1e9 else { return }
    Terminal.say(
      "klsim: warning: the snapshots will take about \(digits(bytes / 1e9, 2)) GB;"
        + " --snapshot-tokens log=400 or fewer epochs in --snapshots take less")
  }

  private func fit() async throws {
    let jobs = try recording.jobs.count
    guard let fits = try fits(within: recording.memory.limit(jobs: jobs)) else { return }
    let isolated = try FitTables(
      of: fits, format: recording.format.format(of: recording.output),
      snapshotFormat: recording.format.format(of: snapshotOutput)
    )
    var tables = isolated
    warnOfSize(tables.snapshotSize)
    for note in try fits.notes + (recording.quiet ? [] : fits.epochNotes) {
      Terminal.say("klsim: note: \(note)")
    }
    let inputs = NumberFile.telling.paths
    let place = try recording.summaryPlace(
      of: fits.study, beside: [snapshotOutput, parametersOutput])
    let records =
      place.isOutput && recording.output == nil
      ? nil : try OutputFile(recording.output ?? "-", inputs: inputs)
    let snapshots = try snapshotOutput.map { path throws(OutputError) in
      try OutputFile(path, inputs: inputs)
    }
    if let both = snapshots.flatMap({ records?.sameFile(as: $0) }) {
      throw UsageError(
        description: "--output and --snapshot-output are both '\(both)';"
          + " records and snapshots are different tables")
    }
    var parameters = try parametersOutput.map {
      try ParametersOutput($0, of: fits, inputs: inputs, beside: [records, snapshots])
    }
    records?.hold(heading: tables.header)
    snapshots?.hold(heading: tables.snapshotHeader)

    var summary = try RunSummary(of: fits, isQuiet: place == .none)
    var progress = ProgressLine(total: fits.runCount, unit: "runs", isQuiet: recording.quiet)
    try await StudyRunner(jobs: jobs).run(fits, digest: isolated.digest) { digest in
      let rows = tables.add(digest)
      try records?.write(rows.records)
      try snapshots?.write(rows.snapshots)
      try parameters?.write(digest.result.trajectories)
      summary.add(digest.result, compared: rows.compared)
      progress.advance(by: digest.result.trajectories.count)
    }
    try records?.write(tables.finish())
    try records?.commit()
    try snapshots?.commit()
    try parameters?.commit()
    _ = consume progress
    try summary.show(in: place)
  }

  /// The study that the options describe; nil if it has been printed, and is not to be run.
  ///
  /// - Throws: `UsageError`, `StudyError`, `MemoryError`, `SpecificationError`, or the error of a file that an
  ///   option names.
  private func fits(within limit: MemoryLimit) throws -> FitStudy? {
    try file.prepared(.fit) { study in
      study.snapshots = snapshots ?? study.snapshots
      guard file.printStudy || (study.snapshots == nil) == (snapshotOutput == nil) else {
        throw UsageError(
          description: "--snapshots EPOCHS and --snapshot-output FILE go together; give both")
      }
      guard snapshotTokens == nil || study.snapshots != nil else {
        throw UsageError(
          description: "--snapshot-tokens chooses tokens of --snapshots EPOCHS, which is not given")
      }
      try runs.apply(to: &study)
      try recording.apply(to: &study)
      if !metric.isEmpty { study.metrics = try splitSpecifications(metric) }
      study.snapshotTokens = snapshotTokens ?? study.snapshotTokens
      study.contexts = contexts ?? study.contexts
    } prepare: { study in
      var measurement = try study.measurement()
      measurement.keepsParameters = parametersOutput != nil
      return try FitStudy(
        study, measurement: measurement, reader: NumberFile.telling,
        kernels: VectorKernels.chosen(), within: file.printStudy ? nil : limit)
    }
  }
}

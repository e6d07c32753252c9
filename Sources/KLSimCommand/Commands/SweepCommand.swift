// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies
internal import KLSimStudyFiles

/// Runs a study in a folder that survives interruptions, and that several processes can share.
struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a study from a file, resumable and shared by processes and machines.",
    discussion: """
      The study is cut into chunks that do not depend on the machine. A finished chunk is on the disk: \
      the same command goes on after an interruption. Several processes that are started on one folder \
      share the work; --shard divides it where machines share no folder, and 'klsim merge' puts the \
      results together. At the end there is one table, the same bytes in each case, beside \
      datapackage.json. 'klsim run --print-study' writes the study of a command line; 'klsim status' \
      tells how far a sweep is.
      """)

  @Argument(
    help: ArgumentHelp(
      "The study, a YAML file: fits, or sequences; - for standard input.", valueName: "study.yaml"),
    completion: .file(extensions: ["yaml", "yml"]))
  var study: String

  @Option(help: ArgumentHelp("The folder of the sweep.", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Only every n-th chunk, from the i-th: i/n; or slurm: the task of a job array.",
      valueName: "i/n"))
  var shard: String?

  /// What it takes as a document.
  enum Tables: FormatScope {
    static let document: String? = "with --dry-run, what it takes as one JSON document"
  }

  @OptionGroup var format: FormatOptions<Tables>

  @Option(help: ArgumentHelp("Packs the tables: gzip.", valueName: "method"))
  var compress: Compression?

  @Flag(
    help: ArgumentHelp(
      "One file for each table however large. A table over 1 GB stays in parts otherwise, which"
        + " datapackage.json lists."))
  var oneFile = false

  @Flag(
    help:
      "Tells how many runs, rows, bytes and seconds and how much memory it takes, from a few runs; writes nothing."
  )
  var dryRun = false

  @OptionGroup var jobs: JobOptions

  @OptionGroup var memory: MemoryOptions

  @Flag(help: "No progress and no summary; warnings and errors still appear.")
  var quiet = false

  enum Compression: String, CaseIterable, ExpressibleByArgument {
    case gzip
  }

  func run() async throws {
    let file = try StudyFile(path: study)
    let options = SweepOptions(
      jobs: try jobs.count,
      shard: try shard.map { try Shard(parsing: $0, environment: Terminal.environment) } ?? .all,
      format: try format.format(of: nil), isPacked: compress != nil, isOneFile: oneFile)
    let limit = try memory.limit(jobs: options.jobs, isSwept: true)
    switch file.study.experiment {
    case .fit:
      try await run(file, options, limit) {
        try FitStudy(
          $0, measurement: nil, reader: NumberFile.telling, kernels: .chosen(), within: $1)
      }
    case .sequence:
      try await run(file, options, limit) {
        try SequenceStudy($0, reader: NumberFile.telling, kernels: .chosen(), within: $1)
      }
    }
  }

  private func run<Kind: DividedStudy>(
    _ file: StudyFile, _ options: SweepOptions, _ limit: MemoryLimit,
    prepare: (Study, MemoryLimit?) throws -> Kind
  ) async throws {
    let bound = dryRun ? nil : limit
    let plan: SweepPlan<Kind>
    do {
      plan = try SweepPlan(try prepare(file.study, bound))
      try bound?.check(try plan.memory)
    } catch {
      throw file.located(error, in: file.study, reader: NumberFile())
    }
    guard !dryRun else { return try await estimate(plan, options, limit) }
    guard !format.isDocument else {
      throw UsageError(
        description:
          "--format json goes with --dry-run alone; for the tables give --format"
          + " \(RowFormat.all.map(\.name).joined(separator: " or "))"
      )
    }
    guard let output else {
      throw UsageError(
        description: "--output FOLDER says where the sweep goes on; or give --dry-run")
    }
    try await SweepReport(isQuiet: quiet).run(
      plan, text: StudyFile.text(of: file.study, schema: StudySchema.fileName), in: output,
      options: options)
  }

  private func estimate<Kind: DividedStudy>(
    _ plan: SweepPlan<Kind>, _ options: SweepOptions, _ limit: MemoryLimit
  ) async throws {
    let memory = limit.total(of: try plan.memory)
    let estimate = try await SweepEstimate(plan, format: options.format)
    let seconds = estimate.seconds / Double(min(options.jobs, Terminal.processorCount))
    let excess = memory > limit.bytes ? ", \(limit.excess)" : ""
    if format.isDocument {
      try Terminal.output(
        .document(
          "sweep-estimate",
          [
            ("runs", JSON(plan.runCount)), ("chunks", JSON(plan.chunkCount)),
            ("rows", JSON(rounding: estimate.rows)), ("bytes", JSON(rounding: estimate.bytes)),
            ("jobs", JSON(options.jobs)), ("memory", JSON(rounding: memory)),
            ("memory_limit", JSON(rounding: limit.bytes)),
            ("seconds_on_one_thread", JSON(estimate.seconds)),
            ("seconds", JSON(seconds)),
          ]))
      return
    }
    try Terminal.output(
      """
      \(plan.runCount) runs in \(plan.chunkCount) chunk\(plan.chunkCount == 1 ? "" : "s")
      about \(digits(estimate.rows, 2)) rows, \(words(bytes: estimate.bytes))\
      \(options.isPacked ? " before packing" : "")
      about \(words(bytes: memory)) of memory with --jobs \(options.jobs)\(excess)
      about \(ProgressLine.words(seconds: estimate.seconds)) on one thread, \
      \(ProgressLine.words(seconds: seconds)) with --jobs \(options.jobs) here

      """)
  }
}

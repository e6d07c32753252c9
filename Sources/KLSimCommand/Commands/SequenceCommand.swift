// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Moves students of sequences by exact gradients or by estimates from samples, and records every epoch.
struct SequenceCommand: AsyncParsableCommand, SignalCommand {
  static let configuration = CommandConfiguration(
    commandName: "sequence",
    abstract: "Train students of sequences by exact or sampled gradients.",
    discussion: """
      Teacher and student write tokens one by one: sequences. A signal moves the student: the exact \
      gradient of a loss of sequences, or an estimate of it from sampled sequences, as trainers of language \
      models use. What is recorded is exact: dynamic programming over the states of teacher and student. \
      The runs are the product of all choices: a comma separates specifications. One inside another \
      stands in double quotes, and all in single ones for the shell: 'gkd:objective="skew-rkl:alpha=0.1"'.
      """)

  @OptionGroup var file: StudyFileOptions

  @OptionGroup var world: SequenceWorldOptions<Self>

  @OptionGroup var training: TrainingOptions

  @OptionGroup var recording: RecordOptions

  @Flag(
    help: ArgumentHelp(
      "Adds bias, variance, cosine and mean squared error of the signal's gradient beside the exact one of"
        + " --against."))
  var diagnose = false

  @Option(
    help: ArgumentHelp(
      "The exact loss whose gradient --diagnose compares with. (default: seq-rkl)",
      valueName: "spec"))
  var against: String?

  static let signals = SignalAxis.defaults(after: Choices())

  func run() async throws {
    let jobs = try recording.jobs.count
    guard let sequences = try sequences(within: recording.memory.limit(jobs: jobs)) else { return }
    var tables = SequenceTables(
      of: sequences, format: try recording.format.format(of: recording.output))
    let place = try recording.summaryPlace(of: sequences.study)
    let records =
      place.isOutput && recording.output == nil
      ? nil : try OutputFile(recording.output ?? "-", inputs: NumberFile.telling.paths)
    records?.hold(heading: tables.header)
    var summary = SequenceSummary(of: sequences, isQuiet: place == .none)
    var progress = ProgressLine(
      total: sequences.itemCount, unit: "runs", isQuiet: recording.quiet)
    try await StudyRunner(jobs: jobs).run(sequences, digest: { $0 }) { result in
      try records?.write(tables.text(of: tables.add(result)))
      summary.add(result)
      progress.advance(by: 1)
    }
    try records?.write(tables.text(of: tables.finish()))
    try records?.commit()
    _ = consume progress
    try summary.show(in: place)
  }

  /// The study that the options describe; nil if it has been printed, and is not to be run.
  ///
  /// - Throws: `UsageError`, `StudyError`, `MemoryError`, `SpecificationError`, or the error of a file that an
  ///   option names.
  private func sequences(within limit: MemoryLimit) throws -> SequenceStudy? {
    try file.prepared(.sequence) { study in
      if diagnose { study.against = study.against ?? SequenceReverseKL.name }
      guard against == nil || study.against != nil else {
        throw UsageError(
          description: "--against SPEC names the gradient that --diagnose compares with; give both")
      }
      study.against = against ?? study.against
      try training.apply(to: &study, world.choices)
      try recording.apply(to: &study)
    } prepare: { study in
      try SequenceStudy(
        study, reader: NumberFile.telling, kernels: VectorKernels.chosen(),
        within: file.printStudy ? nil : limit)
    }
  }
}

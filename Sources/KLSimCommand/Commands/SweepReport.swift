// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFigures
internal import KLSimFiles
internal import KLSimStudies

/// Runs a sweep and tells people how far it is.
struct SweepReport {
  let isQuiet: Bool
  private static let slowest = 3

  /// Runs a sweep.
  ///
  /// - Parameters:
  ///   - plan: the chunks.
  ///   - text: the study, as it is kept in the folder.
  ///   - path: the folder.
  ///   - options: how to run it.
  /// - Throws: `SweepError`, `InputError`, `OutputError`, or the error of a run.
  func run<Kind: DividedStudy>(
    _ plan: SweepPlan<Kind>, text: String, in path: String, options: SweepOptions
  ) async throws {
    func note(_ text: String) { Terminal.say("klsim: note: \(text)") }
    let folder = try SweepFolder(creating: path)
    var runner = try SweepRunner(
      plan, text: text, in: folder, options: options, version: KLSim.version,
      inputs: NumberFile.telling.paths.sorted(),
      tell: { if case .note(let text) = $0 { note(text) } })
    var progress = ProgressLine(total: plan.runCount, unit: "runs", isQuiet: isQuiet)
    let isComplete = try await runner.run { event in
      switch event {
      case .runs(let count): progress.advance(by: count)
      case .known(let count): progress.begin(at: count)
      case .note(let text):
        ProgressLine.erase()
        note(text)
      }
    }
    _ = consume progress
    guard !isQuiet else { return }
    Terminal.tell(try Self.summary(folder, isComplete: isComplete))
  }

  private static func summary(_ folder: SweepFolder, isComplete: Bool) throws -> String {
    let journal = try SweepJournal(folder.journal)
    guard let header = journal.header else { return "" }
    let slowest = journal.finished.values.sorted {
      ($0.seconds, $1.chunk) > ($1.seconds, $0.chunk)
    }.prefix(Self.slowest)
    let cells = slowest.map { "  \(ProgressLine.words(seconds: $0.seconds)): \($0.label)\n" }
    let done = journal.finished.count
    let tables = header.tables.map { folder.path(of: $0.name) }.joined(separator: ", ")
    let isInParts = journal.complete?.isInParts == true
    let state =
      isComplete
      ? "\(header.runCount) runs are complete: "
        + (isInParts ? "\(folder.path(of: "parts")), listed in datapackage.json" : tables) + "\n"
      : "this shard is done; \(done) of \(header.chunkCount) chunks are finished in this folder;"
        + " the last shard, or 'klsim merge', puts the tables together\n"
    return state + (cells.count > 1 ? "the slowest chunks:\n" + cells.joined() : "")
      + (isComplete ? advice(header, folder.path) : "")
  }

  /// The commands that read the tables.
  private static func advice(_ header: SweepHeader, _ path: String) -> String {
    let kinds = header.tables.map { TableKind(of: $0.columns) }
    let plot = FigureCatalog.figures(of: kinds[0]).first.map {
      "'klsim plot \(path) --figure \($0)'"
    }
    let compare = kinds[0].isOfRecords ? "'klsim compare \(path)'" : nil
    let commands = [compare, plot].compactMap(\.self)
    return commands.isEmpty
      ? "" : "\(commands.joined(separator: " and ")) read\(commands.count == 1 ? "s" : "") them\n"
  }
}

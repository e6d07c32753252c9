// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimFiles
internal import KLSimStudies

/// Tells how far a sweep is.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Tell how far a sweep is.",
    discussion: "What is finished, which process works on what, what failed, and when it will end.")

  @Argument(help: ArgumentHelp("The folder of a sweep.", valueName: "folder"))
  var folder: String

  @Option(help: AnswerFormat.help)
  var format = AnswerFormat.text

  private static let maximumFailures = 12

  func run() throws {
    let folder = try SweepFolder(existing: folder)
    let state = try SweepState(of: folder)
    switch format {
    case .text:
      try Terminal.output(Self.lines(of: state, in: folder).joined(separator: "\n") + "\n")
    case .json: try Terminal.output(Self.document(of: state, in: folder))
    }
  }

  private static func lines(of state: SweepState, in folder: SweepFolder) -> [String] {
    let (header, journal) = (state.header, state.journal)
    var lines = [
      "\(state.finishedChunks) of \(header.chunkCount) chunks are finished, \(journal.finishedRuns) of"
        + " \(header.runCount) runs"
    ]
    lines += state.workers.map { worker in
      let owner = worker.owner?.words ?? "an unknown process"
      let work = worker.chunk.map { "chunk \($0)" } ?? "putting the tables together"
      return worker.hasStopped
        ? "\(owner): stopped at \(work), which is done again by whoever goes on"
        : "\(owner): at work on \(work)"
    }
    let failures = journal.failures.sorted { $0.key < $1.key }
    lines += failures.prefix(maximumFailures).map { "chunk \($0) failed: \($1)" }
    if failures.count > maximumFailures {
      lines.append("… and \(failures.count - maximumFailures) more failed")
    }
    if journal.damagedLines > 0 {
      lines.append(
        "\(journal.damagedLines) lines of the journal are cut short or edited; their chunks are computed"
          + " again")
    }
    if let complete = journal.complete {
      let tables =
        complete.isInParts
        ? "\(folder.path(of: "parts")), listed in \(DataPackage.fileName)"
        : header.tables.map { folder.path(of: $0.name) }.joined(separator: ", ")
      return lines + ["complete: \(tables)"]
    }
    let processes = state.processCount
    if processes == 0 {
      let time = state.secondsOneByOne.map {
        ", and takes about \(ProgressLine.words(seconds: $0)) on one thread"
      }
      lines.append(
        "no process works on it: 'klsim sweep \(folder.path(of: SweepFolder.studyName)) --output"
          + " \(folder.path)' goes on\(time ?? "")")
    } else if let seconds = state.secondsLeft {
      lines.append(
        "about \(ProgressLine.words(seconds: seconds)) left with \(processes)"
          + " process\(processes == 1 ? "" : "es")")
    }
    return lines
  }

  private static func document(of state: SweepState, in folder: SweepFolder) -> JSON {
    func count(_ done: Int, of total: Int) -> JSON {
      .object([("done", JSON(done)), ("total", JSON(total))])
    }
    let workers = state.workers.map { worker in
      JSON.object([
        ("host", JSON(worker.owner?.host)),
        ("process", worker.owner.map { JSON($0.process) } ?? .null),
        ("chunk", worker.chunk.map { JSON($0) } ?? .null),
        ("stopped", JSON(worker.hasStopped)),
      ])
    }
    let failures = state.journal.failures.sorted { $0.key < $1.key }.map { chunk, error in
      JSON.object([("chunk", JSON(chunk)), ("error", .string(error))])
    }
    return .document(
      "status",
      [
        ("folder", .string(folder.path)), ("klsim", .string(state.header.version)),
        ("complete", JSON(state.journal.complete != nil)),
        ("chunks", count(state.finishedChunks, of: state.header.chunkCount)),
        ("runs", count(state.journal.finishedRuns, of: state.header.runCount)),
        ("workers", .array(workers)), ("failed", .array(failures)),
        ("damaged_lines", JSON(state.journal.damagedLines)),
        ("seconds_left", JSON(state.secondsLeft)),
        ("tables", JSON(state.tables.map { folder.path(of: $0) })),
      ])
  }
}

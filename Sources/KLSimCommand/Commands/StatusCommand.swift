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

  func run() throws {
    let folder = try SweepFolder(existing: folder)
    let file = try OutputFile("-")
    try file.write(Array(try Self.text(folder).utf8))
    try file.commit()
  }

  private static func text(_ folder: SweepFolder) throws -> String {
    let journal = try SweepJournal(folder.journal)
    guard let header = journal.header else {
      throw InputError.malformed(
        path: folder.journal.path, line: 1,
        reason: "what the sweep is cannot be read; 'klsim sweep' in this folder writes it again")
    }
    let done = journal.finished.values
    let runs = done.reduce(0) { $0 + $1.runs }
    var lines = [
      "\(done.count) of \(header.chunkCount) chunks are finished, \(runs) of \(header.runCount) runs"
    ]
    let leases = folder.leases.compactMap { name in
      Lease.holder(of: folder.lease(name)).map { (name, $0) }
    }
    for (name, holder) in leases {
      let owner = holder.owner?.words ?? "an unknown process"
      let work = name == "merge" ? "puts the tables together" : "works on chunk \(name)"
      lines.append(
        holder.isStale
          ? "\(owner) has stopped in chunk \(name), which will be done again" : "\(owner) \(work)")
    }
    for (chunk, error) in journal.failures.sorted(by: { $0.key < $1.key }).prefix(12) {
      lines.append("chunk \(chunk) failed: \(error)")
    }
    if journal.failures.count > 12 {
      lines.append("… and \(journal.failures.count - 12) more failed")
    }
    if journal.damagedLines > 0 {
      lines.append("\(journal.damagedLines) lines of the journal are cut short or edited")
    }
    if let complete = journal.complete {
      lines.append(
        complete.isInParts
          ? "complete: \(folder.path(of: "parts")), listed in datapackage.json"
          : "complete: \(header.tables.map { folder.path(of: $0.name) }.joined(separator: ", "))")
    } else if runs > 0 {
      let seconds =
        done.reduce(0) { $0 + $1.seconds } / Double(runs) * Double(header.runCount - runs)
      let workers = Set(leases.filter { !$0.1.isStale }.compactMap { $0.1.owner?.words }).count
      lines.append(
        workers == 0
          ? "nobody works on it: 'klsim sweep \(folder.path(of: SweepFolder.studyName)) --output"
            + " \(folder.path)' goes on, and takes about \(ProgressLine.words(seconds: seconds))"
          : "about \(ProgressLine.words(seconds: seconds / Double(workers))) left with \(workers)"
            + " process\(workers == 1 ? "" : "es")")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// How far the sweep in a folder is.
package struct SweepState: Sendable {
  /// A process that works on a chunk, or puts the tables together.
  package struct Worker: Sendable {
    /// The process; nil if it is unknown.
    package let owner: Lease.Owner?
    /// The chunk; nil if it puts the tables together.
    package let chunk: Int?
    /// Whether it has stopped, so that another process does the work again.
    package let hasStopped: Bool
  }

  /// What the sweep is.
  package let header: SweepHeader
  /// What its journal says.
  package let journal: SweepJournal
  /// Who works on it.
  package let workers: [Worker]

  /// Reads the state of a sweep.
  ///
  /// - Parameter folder: its folder.
  /// - Throws: `InputError`, also for a journal whose first entry is damaged.
  package init(of folder: SweepFolder) throws(InputError) {
    journal = try SweepJournal(folder.journal)
    guard let header = journal.header else {
      throw .malformed(
        path: folder.journal.path, line: 1,
        reason: "it does not say which sweep it is of; 'klsim sweep' in this folder writes it again"
      )
    }
    self.header = header
    workers = folder.leases.compactMap { name in
      Lease.holder(of: folder.lease(name)).map {
        Worker(owner: $0.owner, chunk: Int(name), hasStopped: $0.isStale)
      }
    }
  }

  /// The number of chunks that are finished.
  package var finishedChunks: Int { journal.finished.count }

  /// How many processes are at work.
  package var processCount: Int {
    Set(workers.filter { !$0.hasStopped }.compactMap { $0.owner?.words }).count
  }

  /// The time that the rest takes if one chunk is computed at a time, in seconds; nil if no run is finished.
  package var secondsOneByOne: Double? {
    let runs = journal.finishedRuns
    guard runs > 0 else { return nil }
    let seconds = journal.finished.values.reduce(0) { $0 + $1.seconds }
    return seconds / Double(runs) * Double(header.runCount - runs)
  }

  /// The time until the end with as many chunks at a time as now, in seconds; nil if it is unknown.
  package var secondsLeft: Double? {
    guard journal.complete == nil else { return 0 }
    let chunks = workers.count { !$0.hasStopped && $0.chunk != nil }
    return chunks > 0 ? secondsOneByOne.map { $0 / Double(chunks) } : nil
  }

  /// The tables, from the folder; empty until they are complete.
  package var tables: [String] {
    guard let complete = journal.complete else { return [] }
    return complete.isInParts ? [DataPackage.fileName] : header.tables.map(\.name)
  }

  /// Refuses the folder of a sweep whose tables are not complete.
  ///
  /// - Parameter path: a file or folder of any kind.
  /// - Throws: `SweepError.incomplete`, or `InputError`.
  package static func requireComplete(_ path: String) throws {
    guard SweepFolder.isSweep(path) else { return }
    let state = try SweepState(of: SweepFolder(existing: path))
    guard state.journal.complete == nil else { return }
    throw state.journal.incompleteness(of: state.header.chunkCount, path: path)
  }
}

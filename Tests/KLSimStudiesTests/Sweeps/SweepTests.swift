// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimStudies
import KLSimTestSupport
import Testing

/// The tables of a sweep do not depend on how it was run: they are those of one process.
@Suite struct SweepTests {
  static var studies: [Study] {
    var aggregated = SweptFolder.fits
    aggregated.isAggregated = true
    var contexts = Study(
      [
        "teacher": ["dirichlet:size=6:contexts=3", "longtail:size=9"],
        "learning-rate": ["0.1", "0.5"],
      ],
      epochs: 2, seeds: 1..<9)
    contexts.snapshots = "0,2"
    var shared = Study(
      ["teacher": ["dirichlet:size=6:contexts=4"], "student": ["low-rank:rank=2"]], epochs: 3,
      seeds: 5..<9)
    shared.contexts = .mean
    var sequences = Study(
      [
        "teacher": ["markov:size=3:length=4"], "signal": ["seq-fkl", "policy-gradient"],
        "samples": ["5"],
      ],
      epochs: 3, seeds: 1..<7)
    sequences.experiment = .sequence
    var together = sequences
    together.isAggregated = true
    return [SweptFolder.fits, aggregated, contexts, shared, sequences, together]
  }

  @Test(arguments: studies.indices, [1, 3])
  func chunksGiveTheSameBytes(study: Int, jobs: Int) async throws {
    let study = Self.studies[study]
    for (work, format) in [(300.0, RowFormat.csv), (3000, .jsonLines), (.infinity, .csv)] {
      let swept = try SweptFolder(study)
      #expect(try await swept.sweep(work: work, jobs: jobs, format: format).isComplete)
      let names = ["records", "snapshots"].prefix(study.snapshots == nil ? 1 : 2)
      #expect(
        try names.map { try swept.table("\($0).\(format.name)") }
          == (try await SweptFolder.whole(study, format)))
      #expect(
        try swept.folder.names()
          == (["datapackage.json", "journal.jsonl", "study.yaml"]
          + names.map { "\($0).\(format.name)" }).sorted())
    }
  }

  @Test func studiesAreCutIntoManyChunks() throws {
    let plan = try SweepPlan(FitStudy(SweptFolder.fits), maximumWork: 2000)
    #expect(plan.chunkCount > 10)
    #expect(plan.runCount == 4 * 197)
    let runs = (0..<plan.chunkCount).map { plan.chunk($0).runs }
    #expect(runs.reduce(0, +) == plan.runCount)
  }

  @Test func packedTablesUnpackToTheSameBytes() async throws {
    let swept = try SweptFolder(SweptFolder.fits)
    try await swept.sweep(isPacked: true)
    let table = try Table(path: swept.folder("records.csv.gz"), numbers: ["tvd"])
    #expect(table.rowCount == 4 * 197 * 5 * 2)
  }

  @Test func shardsInOneFolderShareTheWork() async throws {
    let swept = try SweptFolder(SweptFolder.fits)
    for number in [2, 1, 3] {
      let shard = try Shard(parsing: "\(number)/3", environment: { _ in nil })
      #expect(try await swept.sweep(shard: shard).isComplete == (number == 3))
    }
    #expect(try await swept.table() == SweptFolder.whole(swept.study)[0])
  }

  @Test func shardsInSeveralFoldersAreMerged() async throws {
    let study = SweptFolder.fits
    let shards = try (1...3).map { _ in try SweptFolder(study) }
    for (index, swept) in shards.enumerated() {
      try await swept.sweep(
        shard: try Shard(parsing: "\(index + 1)/3", environment: { _ in nil }))
    }
    let (paths, merged) = (shards.map(\.folder.path), try TemporaryFolder())
    let error = #expect(throws: SweepError.self) {
      try SweepCollection(Array(paths[..<2]), into: merged.path).run(isOneFile: false) { _ in }
    }
    #expect("\(try #require(error))".contains("chunks are not finished: 2, 5, "))
    let runs = try SweepCollection([paths[2]], into: merged.path)
    #expect(try runs.run(isOneFile: false) { _ in } == 4 * 197)
    #expect(try await merged.text(of: "records.csv") == SweptFolder.whole(study)[0])
  }

  /// A shard that has all chunks puts its tables together; merging takes these.
  @Test func aFolderThatIsCompleteIsMerged() async throws {
    let (study, merged) = (SweptFolder.fits, try TemporaryFolder())
    let (whole, half) = (try SweptFolder(study), try SweptFolder(study))
    #expect(try await whole.sweep().isComplete)
    try await half.sweep(shard: try Shard(parsing: "1/3", environment: { _ in nil }))
    let paths = [half.folder.path, whole.folder.path]
    let runs = try SweepCollection(paths, into: merged.path).run(isOneFile: false) { _ in }
    #expect(runs == 4 * 197)
    for name in ["records.csv", DataPackage.fileName] {
      #expect(try merged.text(of: name) == whole.folder.text(of: name))
    }
    #expect(try SweepState(of: SweepFolder(existing: merged.path)).finishedChunks > 1)
    #expect(!(try merged.names().contains("parts")))
  }

  @Test func processesInOneFolderShareTheWork() async throws {
    let swept = try SweptFolder(SweptFolder.fits)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<3 { group.addTask { try await swept.sweep(jobs: 1).isComplete } }
      for try await isComplete in group { #expect(isComplete) }
    }
    #expect(try await swept.table() == SweptFolder.whole(swept.study)[0])
  }

  @Test func theEstimateCountsRowsAndBytes() async throws {
    for study in Self.studies {
      let text = try await SweptFolder.whole(study)
      func check<Kind: DividedStudy>(_ kind: Kind) async throws {
        let estimate = try await SweepEstimate(SweepPlan(kind), format: .csv)
        let rows = text.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "\n") } - 1 }
        #expect(abs(estimate.rows / Double(rows) - 1) < 0.01)
        let bytes = text.reduce(0) { $0 + $1.utf8.count }
        #expect(abs(estimate.bytes / Double(bytes) - 1) < 0.2)
      }
      if study.experiment == .fit {
        try await check(FitStudy(study))
      } else {
        try await check(SequenceStudy(study))
      }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimStudies
import KLSimTestSupport
import Testing

/// Whatever happens to the files of a sweep, its next start repairs it, or says what to do.
@Suite struct SweepDamageTests {
  /// A sweep of which one shard of two is finished.
  static func half() async throws -> SweptFolder {
    let swept = try SweptFolder(SweptFolder.fits)
    try await swept.sweep(shard: try Shard(parsing: "1/2", environment: { _ in nil }))
    return swept
  }

  /// Goes on, and expects the bytes of a sweep without interruption.
  static func expectRepair(
    of swept: SweptFolder, note: String?, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let (isComplete, notes) = try await swept.sweep()
    #expect(isComplete, sourceLocation: sourceLocation)
    #expect(
      try await swept.table() == SweptFolder.whole(swept.study)[0], sourceLocation: sourceLocation)
    #expect(notes.isEmpty == (note == nil), "\(notes)", sourceLocation: sourceLocation)
    if let note {
      #expect(notes.contains { $0.contains(note) }, "\(notes)", sourceLocation: sourceLocation)
    }
  }

  static func edit(
    _ swept: SweptFolder, _ name: String, _ change: (inout [UInt8]) -> Void
  ) throws {
    var bytes = Array(try swept.folder.text(of: name).utf8)
    change(&bytes)
    try swept.folder.write(bytes, to: name)
  }

  @Test func nothingIsComputedTwice() async throws {
    let swept = try await Self.half()
    let parts = try swept.parts()
    #expect(parts.count > 5)
    func dates() throws -> [Date?] {
      try parts.map {
        try URL(filePath: swept.folder($0)).resourceValues(forKeys: [.contentModificationDateKey])
          .contentModificationDate
      }
    }
    let before = try dates()
    try await swept.sweep(shard: try Shard(parsing: "1/2", environment: { _ in nil }))
    #expect(try dates() == before)
    try await Self.expectRepair(of: swept, note: nil)
  }

  @Test func missingAndChangedPartsAreComputedAgain() async throws {
    var swept = try await Self.half()
    try FileManager.default.removeItem(atPath: swept.folder(swept.parts()[1]))
    try await Self.expectRepair(of: swept, note: "missing or changed")
    swept = try await Self.half()
    try Self.edit(swept, swept.parts()[2]) { $0[$0.count / 2] ^= 1 }
    try await Self.expectRepair(of: swept, note: "missing or changed")
    swept = try await Self.half()
    try Self.edit(swept, swept.parts()[0]) { $0.removeLast(7) }
    try await Self.expectRepair(of: swept, note: "missing or changed")
  }

  /// What a process that was killed between its last two writes has left is no damage.
  @Test func partsWithoutAnEntryAreComputedAgain() async throws {
    let swept = try await Self.half()
    try Self.edit(swept, "journal.jsonl") { bytes in
      let lines = bytes.split(separator: UInt8(ascii: "\n"))
      bytes = Array(lines.dropLast().joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    }
    try await Self.expectRepair(of: swept, note: nil)
  }

  @Test func damagedLinesOfTheJournalAreLeftOut() async throws {
    var swept = try await Self.half()
    try Self.edit(swept, "journal.jsonl") { $0.removeLast(5) }
    // The line without an end is only then seen to be cut short when the next one follows.
    try await Self.expectRepair(of: swept, note: nil)
    swept = try await Self.half()
    try Self.edit(swept, "journal.jsonl") { $0[$0.count - 20] ^= 1 }
    try await Self.expectRepair(of: swept, note: "lines of the journal")
    swept = try await Self.half()
    try Self.edit(swept, "journal.jsonl") { $0[10] ^= 1 }
    try await Self.expectRepair(of: swept, note: "lost its first line")
  }

  @Test func aLostJournalCostsTheWork() async throws {
    let swept = try await Self.half()
    try FileManager.default.removeItem(atPath: swept.folder("journal.jsonl"))
    try await Self.expectRepair(of: swept, note: nil)
  }

  @Test func completeTablesAreLeftAlone() async throws {
    let swept = try SweptFolder(SweptFolder.fits)
    try await swept.sweep()
    let names = try swept.folder.names()
    try await Self.expectRepair(of: swept, note: nil)
    #expect(try swept.folder.names() == names)
    try FileManager.default.removeItem(atPath: swept.folder("records.csv"))
    try await Self.expectRepair(of: swept, note: "is missing")
    try Self.edit(swept, "records.csv") { $0[100] ^= 1 }
    await #expect(throws: SweepError.changed(path: swept.folder("records.csv"))) {
      try await swept.sweep()
    }
  }

  @Test func anotherStudyIsRefusedWithTheDifference() async throws {
    let swept = try await Self.half()
    var other = swept.study
    other.seed = 77
    let error = await #expect(throws: SweepError.self) { try await swept.sweep(other) }
    #expect(
      "\(try #require(error))".contains("another sweep in this folder: it is of another study"))
    #expect("\(try #require(error))".contains("77"))
    try FileManager.default.removeItem(atPath: swept.folder("journal.jsonl"))
    await #expect(throws: SweepError.self) { try await swept.sweep(other) }
    try await Self.expectRepair(of: swept, note: nil)
  }

  @Test func changedInputsAndFormatsAreRefused() async throws {
    let swept = try SweptFolder(SweptFolder.fits)
    let input = try swept.folder.write("0.5\n0.5\n", to: "p.csv")
    let shard = try Shard(parsing: "1/2", environment: { _ in nil })
    try await swept.sweep(shard: shard, inputs: [input])
    await #expect(throws: SweepError.self) {
      try await swept.sweep(format: .jsonLines, inputs: [input])
    }
    try swept.folder.write("0.25\n0.75\n", to: "p.csv")
    let error = await #expect(throws: SweepError.self) { try await swept.sweep(inputs: [input]) }
    #expect("\(try #require(error))".contains("p.csv has been changed"))
  }

  @Test func leasesOfDeadProcessesAreTakenOver() async throws {
    let swept = try await Self.half()
    // The largest number of a process on Linux is 2^22.
    try FileManager.default.createDirectory(
      atPath: swept.folder("leases"), withIntermediateDirectories: true)
    try swept.folder.write("8388607 \(Lease.Owner.this.host)\n", to: "leases/1")
    #expect(Lease.holder(of: swept.folder("leases/1"))?.isStale == true)
    try await Self.expectRepair(of: swept, note: nil)
  }

  @Test func aLeaseHasOneHolder() throws {
    let folder = try TemporaryFolder()
    let lease = try #require(try Lease.take(folder("1")))
    #expect(try Lease.take(folder("1")) == nil)
    #expect(Lease.holder(of: folder("1"))?.owner == Lease.Owner.this)
    lease.release()
    #expect(try folder.names() == [])
    #expect(try Lease.take(folder("1")) != nil)
  }

  /// Merging writes the tables that a journal names: none of them elsewhere, or over what the sweep needs.
  @Test(arguments: [
    "", ".", "..", "../a.csv", "/a.csv", "a/b.csv", ".a.csv", "a\0.csv", "parts", "leases",
    "study.yaml", "journal.jsonl", "datapackage.json",
  ])
  func aJournalNamesTablesOfItsFolder(name: String) throws {
    let folder = try TemporaryFolder()
    let shard = folder("shard")
    try FileManager.default.createDirectory(atPath: shard, withIntermediateDirectories: true)
    let journal = Journal(path: "\(shard)/journal.jsonl")
    let header = SweepHeader(
      version: "1", gsl: "2", identity: "a", chunkCount: 1, runCount: 1,
      tables: [SweepHeader.Table(name: name, summary: "", columns: [])], inputs: [:])
    try journal.append(header.members, onlyIfEmpty: true)
    #expect(throws: InputError.self) { try SweepState(of: SweepFolder(existing: shard)) }
    #expect(throws: InputError.self) { try SweepCollection([shard], into: folder("whole")) }
    #expect(try folder.names() == ["shard"])
  }

  /// Numbers of chunks and runs at the end of what an integer holds.
  @Test func anEditedJournalTakesNeitherTimeNorMemory() throws {
    let folder = try TemporaryFolder()
    let journal = Journal(path: folder("journal.jsonl"))
    let header = SweepHeader(
      version: "1", gsl: "2", identity: "a", chunkCount: .max, runCount: .max,
      tables: [SweepHeader.Table(name: "records.csv", summary: "", columns: [])], inputs: [:])
    try journal.append(header.members, onlyIfEmpty: true)
    for chunk in 0..<2 {
      try journal.append([
        ("chunk", .plain("\(chunk)")), ("runs", .plain("\(Int.max)")), ("tables", .array([])),
        ("seconds", .plain("1")), ("label", "a"), ("worker", "b"),
      ])
    }
    let state = try SweepState(of: SweepFolder(existing: folder.path))
    #expect(state.header == header && state.finishedChunks == 0 && state.secondsOneByOne == nil)
    let error = #expect(throws: SweepError.self) { try SweepState.requireComplete(folder.path) }
    let says = "\(Int.max) of \(Int.max) chunks are not finished: 0, 1, 2"
    #expect(error?.description.contains(says) == true)
  }
}

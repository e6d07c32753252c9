// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// Outputs appear whole or not at all.
@Suite struct OutputFileTests {
  @Test func committedFilesHoldWhatWasWritten() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder("a.csv"))
    try output.write(Array("one,".utf8))
    try output.write([])
    try output.write(Array("two\n".utf8))
    #expect(try !folder.names().contains("a.csv"))
    try output.commit()
    #expect(try folder.names() == ["a.csv"])
    #expect(try folder.text(of: "a.csv") == "one,two\n")
  }

  /// A heading alone is the table of no rows.
  @Test(arguments: [nil, "row\n"])
  func headingsComeBeforeTheFirstRow(row: String?) throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder("a.csv"))
    output.hold(heading: Array("head\n".utf8))
    if let row { try output.write(Array(row.utf8)) }
    try output.commit()
    #expect(try folder.text(of: "a.csv") == "head\n" + (row ?? ""))
  }

  /// Packed files have neither a name nor a time in them, and do not depend on the pieces written.
  @Test func packedFilesAreTheSameBytesAgain() throws {
    let folder = try TemporaryFolder()
    let text = (0..<20_000).map { "\($0),\($0 % 7)\n" }.joined()
    for (name, step) in [("a.csv.gz", text.utf8.count), ("b.csv.gz", 1000), ("c.csv.gz", 77)] {
      let output = try OutputFile(folder(name))
      for start in stride(from: 0, to: text.utf8.count, by: step) {
        try output.write(Array(text.utf8.dropFirst(start).prefix(step)))
      }
      #expect(try !folder.names().contains(name))
      try output.commit()
    }
    #expect(try folder.names() == ["a.csv.gz", "b.csv.gz", "c.csv.gz"])
    let bytes = try Data(contentsOf: URL(filePath: folder("a.csv.gz")))
    #expect(Array(bytes.prefix(8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
    #expect(bytes.count < text.utf8.count / 2)
    for name in ["b.csv.gz", "c.csv.gz"] {
      #expect(try Data(contentsOf: URL(filePath: folder(name))) == bytes)
    }
    // As it is read again.
    let table = try NumberFile().table(path: folder("a.csv.gz"))
    #expect(table.count == 20_000)
    #expect(table.row(19_999) == [19_999, 0])
  }

  @Test func withoutACommitNothingAppears() throws {
    let folder = try TemporaryFolder()
    do {
      let output = try OutputFile(folder("a.csv"))
      try output.write(Array("half".utf8))
      // At most a temporary file is there, beside where the file would be.
      #expect(try folder.names().allSatisfy(TemporaryFiles.isName))
    }
    #expect(try folder.names().isEmpty)
  }

  @Test func oldContentSurvivesUntilTheCommit() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("old", to: "a.csv")
    do {
      let output = try OutputFile(path)
      try output.write(Array("never".utf8))
    }
    #expect(try folder.text(of: "a.csv") == "old")
    let output = try OutputFile(path)
    try output.write(Array("new".utf8))
    #expect(try folder.text(of: "a.csv") == "old")
    try output.commit()
    #expect(try folder.text(of: "a.csv") == "new")
    #expect(try folder.names() == ["a.csv"])
  }

  @Test func emptyOutputsAreFilesToo() throws {
    let folder = try TemporaryFolder()
    try OutputFile(folder("a.csv")).commit()
    #expect(try folder.text(of: "a.csv").isEmpty)
  }

  @Test(arguments: [".", "none/a.csv", "file/a.csv", String(repeating: "x", count: 300)])
  func destinationsThatCannotBeAreRefusedAtOnce(name: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "file")
    let path = folder(name)
    let error = #expect(throws: OutputError.self) { try OutputFile(path) }
    guard case .cannotCreate(path, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty)
    #expect(try folder.names() == ["file"])
  }

  @Test func foldersAreNotReplaced() throws {
    let folder = try TemporaryFolder()
    let inner = folder("inner")
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
    #expect(throws: OutputError.self) { try OutputFile(inner) }
    let attributes = try FileManager.default.attributesOfItem(atPath: inner)
    #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
  }

  /// A folder that comes between opening and the commit: the error is that of writing.
  @Test func aCommitThatFailsLeavesNothing() throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder("a"))
    try output.write([0x78])
    try FileManager.default.createDirectory(
      atPath: folder("a/b"), withIntermediateDirectories: true)
    let error = #expect(throws: OutputError.self) { try output.commit() }
    guard case .cannotWrite = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try folder.names() == ["a"])
  }

  @Test func whatALinkLeadsToIsReplacedAndNotTheLink() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("elsewhere"), withIntermediateDirectories: true)
    try folder.write("old", to: "elsewhere/target.csv")
    try FileManager.default.createSymbolicLink(
      atPath: folder("link.csv"), withDestinationPath: "elsewhere/target.csv")
    let output = try OutputFile(folder("link.csv"))
    try output.write(Array("new".utf8))
    try output.commit()
    #expect(try folder.text(of: "elsewhere/target.csv") == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder("link.csv"))
        == "elsewhere/target.csv")
  }

  @Test(arguments: ["target.csv", "elsewhere/target.csv", "other.csv"])
  func whatALinkLeadsToNeedNotExist(destination: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder("elsewhere"), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder("link.csv"), withDestinationPath: destination)
    try FileManager.default.createSymbolicLink(
      atPath: folder("other.csv"), withDestinationPath: folder("elsewhere/last.csv"))
    let output = try OutputFile(folder("link.csv"))
    try output.write(Array("new".utf8))
    try output.commit()
    let target = destination == "other.csv" ? "elsewhere/last.csv" : destination
    #expect(try folder.text(of: target) == "new")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: folder("link.csv")) == destination)
  }

  /// A process that is killed while it replaces a file leaves one without a lock.
  @Test func whatDeadProcessesLeftIsRemovedByTheNextThatReplaces() throws {
    let folder = try TemporaryFolder()
    for name in ["a.csv", ".klsim-dead.tmp", ".klsim-live.tmp", ".klsim-other"] {
      try folder.write("old", to: name)
    }
    try folder.write("", to: ".klsim-young.tmp")
    let live = unsafe open(folder(".klsim-live.tmp"), O_WRONLY)
    defer { close(live) }
    #expect(flock(live, LOCK_EX) == 0)
    let output = try OutputFile(folder("a.csv"))
    try output.write(Array("new".utf8))
    try output.commit()
    #expect(
      try folder.names() == [".klsim-live.tmp", ".klsim-other", ".klsim-young.tmp", "a.csv"])
    #expect(try folder.text(of: "a.csv") == "new")
  }

  @Test func linksInACircleAreRefused() throws {
    let folder = try TemporaryFolder()
    for (link, destination) in [("a", "b"), ("b", "a")] {
      try FileManager.default.createSymbolicLink(
        atPath: folder(link), withDestinationPath: destination)
    }
    #expect(throws: OutputError.self) { try OutputFile(folder("a")) }
    #expect(try folder.names() == ["a", "b"])
  }

  @Test func theNullDeviceStaysADevice() throws {
    let output = try OutputFile("/dev/null")
    try output.write(Array("gone".utf8))
    try output.commit()
    let attributes = try FileManager.default.attributesOfItem(atPath: "/dev/null")
    #expect(attributes[.type] as? FileAttributeType == .typeCharacterSpecial)
    let names = try FileManager.default.contentsOfDirectory(atPath: "/dev")
    #expect(!names.contains { $0.hasSuffix(".tmp") })
  }

  #if os(Linux)
    @Test func aFullDeviceCannotBeWritten() throws {
      let output = try OutputFile("/dev/full")
      let error = #expect(throws: OutputError.self) { try output.write([0x78]) }
      guard case .cannotWrite(path: "/dev/full", let reason) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(!reason.isEmpty)
    }
  #endif

  @Test func twoOutputsOfOneNameDoNotMix() throws {
    let folder = try TemporaryFolder()
    let first = try OutputFile(folder("a.csv"))
    let second = try OutputFile(folder("a.csv"))
    try first.write(Array("first".utf8))
    try second.write(Array("second".utf8))
    try second.commit()
    try first.commit()
    #expect(try folder.text(of: "a.csv") == "first")
    #expect(try folder.names() == ["a.csv"])
  }

  @Test(arguments: ["a b.csv", "π.csv", "-", ".hidden", "a:b,c.csv"])
  func namesMayBeUnusual(name: String) throws {
    let folder = try TemporaryFolder()
    let output = try OutputFile(folder(name))
    try output.write([0x78])
    try output.commit()
    #expect(try folder.names() == [name])
  }

  @Test(arguments: [
    OutputError.cannotCreate(path: "p", reason: "r"), .cannotWrite(path: "p", reason: "r"),
  ])
  func errorsNameThePathAndTheReason(error: OutputError) {
    #expect(error.description.hasPrefix("p: ") && error.description.hasSuffix(": r"))
  }
}

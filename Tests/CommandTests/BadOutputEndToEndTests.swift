// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimTestSupport
import Testing

/// Outputs that cannot be: exit codes 73 and 74, and nothing is left behind.
@Suite struct BadOutputEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  @Test(
    arguments: [
      Refusal("--output missing/out.csv", says: "missing/out.csv: cannot be created"),
      Refusal("--output .", says: ".: cannot be created"),
      Refusal("--output folder", says: "folder: cannot be created"),
      Refusal("--output folder/", says: "folder/: cannot be created"),
      Refusal("--output old.csv/out.csv", says: "old.csv/out.csv: cannot be created"),
      Refusal("--output missing/", says: "missing/: cannot be created"),
      Refusal("--output ''", says: "cannot be created"),
      Refusal(
        "--output out.csv --snapshots 0 --snapshot-output missing/s.csv",
        says: "missing/s.csv: cannot be created"),
      Refusal(
        "--output missing/r.csv --snapshots 0 --snapshot-output s.csv",
        says: "missing/r.csv: cannot be created"),
      Refusal("gradient --output missing/g.csv", says: "missing/g.csv: cannot be created"),
      Refusal("gradient --output folder", says: "folder: cannot be created"),
    ])
  func placesWhereNoFileCanBe(_ refusal: Refusal) async throws {
    try klsim.folder.write("old", to: "old.csv")
    try FileManager.default.createDirectory(
      atPath: klsim.folder("folder"), withIntermediateDirectories: false)
    try await klsim.expectRefusal(refusal, code: 73)
    #expect(try klsim.folder.text(of: "old.csv") == "old")
    #expect(try FileManager.default.contentsOfDirectory(atPath: klsim.folder("folder")) == [])
  }

  /// The destination is looked at before anything is computed.
  @Test func aBadPlaceIsRefusedAtOnce() async throws {
    try await klsim.expectRefusal(
      Refusal(
        "--seeds 1000000 --output missing/out.csv", says: "missing/out.csv: cannot be created"),
      code: 73)
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatMayNotBeWrittenTo() async throws {
    let path = klsim.folder("locked")
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o555])
    try await klsim.expectRefusal(
      Refusal("--output locked/out.csv", says: "locked/out.csv: cannot be created"), code: 73)
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
  }

  /// What goes to standard output comes last: it cannot be taken back.
  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: ["--output /dev/full --html -", "--output - --html /dev/full"])
  func standardOutputStaysEmptyIfTheOtherFails(options: String) async throws {
    #expect(try await klsim("--epochs 1 --quiet --output r.csv").end == .exit(0))
    let outcome = try await klsim("compare r.csv --metric tvd \(options)")
    #expect(outcome.end == .exit(74) && outcome.output.isEmpty, "\(outcome.errors)")
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: ["--epochs 1", "gradient"])
  func aFullDevice(line: String) async throws {
    try await klsim.expectRefusal(
      Refusal("\(line) --output /dev/full", says: "/dev/full: cannot be written", "space"),
      code: 74)
  }

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")),
    arguments: [
      "--epochs 1", "gradient", "list", "--help", "--version", "help sweep", "list --help",
      "--generate-completion-script zsh", "--epochs 1 --print-study",
    ])
  func fullStandardOutput(line: String) async throws {
    let outcome = try await klsim.shell("\"$klsim\" \(line) >/dev/full")
    #expect(outcome.end == .exit(74))
    #expect(outcome.errors.contains("cannot be written"))
  }

  /// With as few descriptors as leave none for what klsim needs to begin, or to run gnuplot.
  @Test(arguments: [4, 12, 14, 16, 18])
  func tooFewDescriptors(count: Int) async throws {
    #expect(try await klsim("--epochs 1 --output in.csv --quiet").end == .exit(0))
    let outcome = try await klsim.shell(
      "ulimit -n \(count); exec \"$klsim\" plot in.csv --figure curves --output out.svg")
    guard canDraw || count < 5 else { return }
    #expect(outcome.end == .exit(74), "\(outcome.errors)")
    #expect(outcome.errors.contains("Too many open files"))
    #expect(try klsim.folder.names() == ["in.csv"])
  }

  /// However many are left, what to do is said.
  @Test(arguments: 4...24)
  func adviceOnTooFewDescriptors(count: Int) async throws {
    let outcome = try await klsim.shell(
      "ulimit -n \(count); exec \"$klsim\" --epochs 1 --snapshots 1 --output out.csv --snapshot-output s.csv --quiet"
    )
    guard outcome.end != .exit(0) else { return }
    #expect([.exit(73), .exit(74)].contains(outcome.end), "\(outcome.errors)")
    #expect(outcome.errors.contains("Too many open files"))
    #expect(outcome.errors.contains("allow more, e.g. by 'ulimit -n 64'"), "\(outcome.errors)")
    #expect(try klsim.folder.names().isEmpty)
  }

  @Test(arguments: ["--epochs 1", "--help"])
  func closedStandardOutput(line: String) async throws {
    let outcome = try await klsim.shell("\"$klsim\" \(line) >&-")
    #expect(outcome.end == .exit(74))
    #expect(outcome.errors.contains("cannot be written"))
  }

  /// With standard error closed, its number must not fall to the output file.
  @Test func closedStandardErrorDoesNotReachTheRecords() async throws {
    let outcome = try await klsim.shell(
      "\"$klsim\" --epochs 20 --optimizer sgd:momentum=0.9 --learning-rate 1e308"
        + " --output out.csv 2>&-")
    #expect(outcome.end == .exit(0))
    #expect(try Table(klsim.folder.text(of: "out.csv")).rows.count == 42)
  }

  @Test(arguments: [
    ("out.csv", "./out.csv"), ("link.csv", "out.csv"), ("out.csv", "folder/../out.csv"),
  ])
  func oneFileUnderTwoNames(records: String, snapshots: String) async throws {
    try klsim.folder.write("old", to: "out.csv")
    try FileManager.default.createDirectory(
      atPath: klsim.folder("folder"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: klsim.folder("link.csv"), withDestinationPath: "out.csv")
    try await klsim.expectRefusal(
      Refusal(
        "--epochs 1 --output \(records) --snapshots 0 --snapshot-output \(snapshots)",
        says: "different tables"), code: 64)
    #expect(try klsim.folder.text(of: "out.csv") == "old")
  }

  @Test func theLongestNameThatTheSystemAllows() async throws {
    let name = String(repeating: "x", count: 255)
    let outcome = try await klsim("--epochs 1 --output \(name)")
    #expect(outcome.end == .exit(0), "\(outcome.errors.suffix(100))")
    #expect(try klsim.folder.names() == [name])
  }

  /// No file of the process may get the number of a closed one, and take what is printed.
  @Test(arguments: [">&-", "<&- >&-"])
  func aClosedStandardOutput(closed: String) async throws {
    for line in ["--epochs 1", "list", "gradient"] {
      let outcome = try await klsim.shell("\"$klsim\" \(line) \(closed)")
      #expect(outcome.end == .exit(74))
      #expect(
        outcome.errors == "klsim: error: standard output: cannot be written: Bad file descriptor\n")
    }
    let outcome = try await klsim.shell("\"$klsim\" --epochs 1 --output out.csv \(closed) 2>&-")
    #expect(outcome.end == .exit(0))
    #expect(try klsim.folder.text(of: "out.csv") == (await klsim("--epochs 1")).output)
  }

  @Test func aClosedStandardInput() async throws {
    let outcome = try await klsim.shell("\"$klsim\" --teacher-file - --epochs 1 <&-")
    #expect(outcome.end == .exit(74))
    #expect(outcome.errors == "klsim: error: -: cannot be read: Bad file descriptor\n")
  }

  @Test func aSymbolicLinkIsFollowed() async throws {
    try klsim.folder.write("old", to: "real.csv")
    try FileManager.default.createSymbolicLink(
      atPath: klsim.folder("link.csv"), withDestinationPath: "real.csv")
    let outcome = try await klsim("--epochs 1 --output link.csv")
    #expect(outcome.end == .exit(0))
    #expect(try Table(klsim.folder.text(of: "real.csv")).rows.count == 4)
    let type = try FileManager.default.attributesOfItem(atPath: klsim.folder("link.csv"))[.type]
    #expect(type as? FileAttributeType == .typeSymbolicLink)
  }

  @Test func twoRunsIntoOneFileLeaveOneOfThem() async throws {
    let lines = ["--objective fkl --epochs 300", "--objective rkl --epochs 200 --seeds 3"]
    let single = try await [klsim(lines[0]).output, klsim(lines[1]).output]
    for _ in 0..<5 {
      let first = try klsim.start("\(lines[0]) --output out.csv")
      let second = try klsim.start("\(lines[1]) --output out.csv")
      #expect(try await first.outcome(within: CommandUnderTest.limit).end == .exit(0))
      #expect(try await second.outcome(within: CommandUnderTest.limit).end == .exit(0))
      let left = try klsim.folder.text(of: "out.csv")
      #expect(left == single[0] || left == single[1])
      #expect(try klsim.folder.names() == ["out.csv"])
    }
  }
}

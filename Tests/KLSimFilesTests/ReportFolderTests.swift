// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimFiles
import KLSimTestSupport
import Testing

@Suite struct ReportFolderTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test(arguments: ["report", "a/b/c", "a/", "."])
  func foldersAreMadeWhereTheyAreMissing(name: String) throws {
    for text in ["first", "second"] {
      let report = try ReportFolder(folder(name))
      try report.write(Array(text.utf8), to: "x.csv")
      try report.write(Array(text.utf8), to: "figures/y.svg")
      #expect(try folder.text(of: "\(name)/x.csv") == text)
      #expect(try folder.text(of: "\(name)/figures/y.svg") == text)
      #expect(try String(contentsOfFile: report.path(of: "x.csv"), encoding: .utf8) == text)
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder(name)).sorted()
    #expect(names == ["figures", "x.csv"])
  }

  @Test func aLinkToAFolderIsAFolder() throws {
    try FileManager.default.createDirectory(
      atPath: folder("real"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder("link"), withDestinationPath: "real")
    try ReportFolder(folder("link")).write([65], to: "x")
    #expect(try folder.text(of: "real/x") == "A")
  }

  @Test(arguments: ["file", "file/sub", "dangling", ""])
  func whatIsNoFolderIsRefused(name: String) throws {
    try folder.write("text", to: "file")
    try FileManager.default.createSymbolicLink(
      atPath: folder("dangling"), withDestinationPath: "nowhere")
    let before = try folder.names()
    #expect {
      try ReportFolder(name.isEmpty ? "" : folder(name))
    } throws: { error in
      guard case OutputError.cannotCreate = error else { return false }
      return true
    }
    #expect(try folder.names() == before && folder.text(of: "file") == "text")
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderThatMayNotBeWrittenToIsRefused() throws {
    try FileManager.default.createDirectory(
      atPath: folder("locked"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o555])
    for name in ["locked", "locked/inner"] {
      #expect(throws: OutputError.self) { try ReportFolder(folder(name)) }
    }
  }
}

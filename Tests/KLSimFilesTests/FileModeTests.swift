// SPDX-License-Identifier: GPL-3.0-or-later

import CLibrary
import Foundation
import KLSimFiles
import KLSimTestSupport
import Testing

/// Who may read what klsim writes.
@Suite struct FileModeTests {
  private func mode(_ path: String) throws -> Int {
    try #require(
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  /// A new file is as readable as every other that the user makes, and one that is replaced keeps its mode;
  /// neither was more readable under its temporary name.
  @Test func outputsHaveTheModeOfTheirName() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let other = folder.appending(path: "other").path
    #expect(FileManager.default.createFile(atPath: other, contents: nil))
    let path = folder.appending(path: "new.csv").path
    var expected = try mode(other)
    for replaced in [false, true] {
      if replaced {
        expected = 0o600
        try FileManager.default.setAttributes([.posixPermissions: expected], ofItemAtPath: path)
      }
      let output = try OutputFile(path)
      try output.write([10])
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      for temporary in names.filter(TemporaryFiles.isName) {
        #expect(try mode(folder.appending(path: temporary).path) == expected)
      }
      try output.commit()
      #expect(try mode(path) == expected)
    }
  }

  @Test func unnamedFilesAreTheUsersAlone() throws {
    let descriptor = try UnnamedFile("text").descriptor
    defer { close(descriptor) }
    var state = stat()
    try #require(unsafe fstat(descriptor, &state) == 0)
    #expect(state.st_mode & 0o777 == 0o600)
    #expect(state.st_nlink == 0)
  }
}

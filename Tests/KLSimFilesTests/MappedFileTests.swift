// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimFiles

/// Files that change while they are in memory.
@Suite struct MappedFileTests {
  @Test func aFileThatIsCutShortIsNamedBeforeTheProcessEnds() async throws {
    let end = await #expect(
      processExitsWith: .exitCode(74), observing: [\.standardErrorContent]
    ) {
      MappedFile.exitWhenCutShort(code: 74) { "said: \($0)\n" }
      let folder = try TemporaryFolder()
      let content = [0x93] + Array("NUMPY".utf8) + [UInt8](repeating: 0, count: 1 << 16)
      let other = try FileBytes(path: folder.write(content, to: "other.npy"))
      let path = try folder.write(content, to: "cut.npy")
      let bytes = try FileBytes(path: path)
      let file = try FileHandle(forWritingTo: URL(filePath: path))
      // Nothing removes it after the end.
      try FileManager.default.removeItem(atPath: folder.path)
      try file.truncate(atOffset: 4096)
      guard other.array == content, bytes.first(4096) == Array(content[..<4096]) else { exit(1) }
      _ = bytes.array
    }
    let said = String(decoding: try #require(end).standardErrorContent, as: UTF8.self)
    #expect(said.hasPrefix("said: "))
    #expect(said.hasSuffix("cut.npy: cannot be read: it was cut short while it was read\n"))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import CZlib
import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// The first bytes of a file tell what it is.
@Suite struct FileKindTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  static let zeros = [UInt8](repeating: 0, count: 600)

  @Test(
    arguments: [
      ([0x80, 2], "a Python pickle"), ([0x80, 4], "numpy.load("), ([0x80, 5], "import numpy\n"),
      ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), "an HDF5 file"),
      (Array("PAR1".utf8), "a Parquet file"), (Array("ARROW1".utf8), "an Arrow file"),
      (Array("GGUF".utf8), "a GGUF file"), ([0x28, 0xB5, 0x2F, 0xFD], "packed by zstd"),
      ([0xFD] + Array("7zXZ".utf8), "packed by xz"), (Array("BZh9".utf8), "packed by bzip2"),
      (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "a Git LFS pointer"),
      ([0xFF, 0xFE, 0x31], "neither UTF-8 text nor an NPY"),
    ] as [([UInt8], String)])
  func otherKindsAreRefusedByName(magic: [UInt8], reason: String) throws {
    let path = try folder.write(magic + Self.zeros, to: "a.csv")
    let error = #expect(throws: InputError.self) {
      try NumberFile().contexts(NumberSource(path: path))
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func tensorsOfPyTorchHaveTheirOwnAdvice() throws {
    let path = try folder.write([0x80, 2] + Self.zeros, to: "a.pt")
    let error = #expect(throws: InputError.self) {
      try NumberFile().contexts(NumberSource(path: path))
    }
    #expect(error?.description.contains("import numpy, torch\n") == true)
    #expect(error?.description.contains("numpy.save('teacher.npy', torch.load('\(path)'") == true)
  }

  /// The bytes of gzip around one stored block.
  private func gzip(_ text: String) -> [UInt8] {
    let content = Array(text.utf8)
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let checksum = Int(unsafe crc32_z(0, content, content.count))
    return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1] + little(content.count, 2)
      + little(~content.count, 2) + content + little(checksum, 4) + little(content.count, 4)
  }

  @Test func tablesTellTheirFormat() throws {
    let json = try folder.write("{\"a\":1}\n{\"a\":2}\n", to: "a.txt")
    #expect(try Table(path: json, numbers: ["a"]).numbers("a") == [1, 2])
    let packed = try folder.write(gzip("a\n1\n2\n"), to: "a.csv.gz")
    #expect(try Table(path: packed, numbers: ["a"]).numbers("a") == [1, 2])
    let both = try folder.write(gzip("{\"a\":1}\n{\"a\":2}\n"), to: "a.jsonl.gz")
    #expect(try Table(path: both, numbers: ["a"]).numbers("a") == [1, 2])
  }

  @Test func packedTextIsUnpacked() throws {
    let bytes = gzip("p\n1\n2\n")
    let path = try folder.write(bytes, to: "a.csv")
    #expect(try NumberFile().numbers(NumberSource(path: path)) == [1, 2])
    let two = try folder.write(bytes + gzip("3\n"), to: "b.csv.gz")
    #expect(try NumberFile().numbers(NumberSource(path: two)) == [1, 2, 3])
    for (damaged, reason) in [
      (Array(bytes.dropLast(3)), "its gzip data are cut off"),
      (bytes.enumerated().map { $0 == 16 ? $1 ^ 1 : $1 }, "its gzip data are damaged"),
    ] {
      let path = try folder.write(damaged, to: "c.csv")
      let error = #expect(throws: InputError.self) {
        try NumberFile().numbers(NumberSource(path: path))
      }
      #expect(error?.description == "\(path): \(reason)")
    }
  }
}

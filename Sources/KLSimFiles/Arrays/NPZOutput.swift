// SPDX-License-Identifier: GPL-3.0-or-later

internal import CZlib

/// Several arrays in NumPy's format: a zip archive of NPY files, stored as they are.
///
/// It has no times in it: the same arrays give the same bytes. Source: PKWARE, APPNOTE 6.3.10.
package enum NPZOutput {
  /// Packs arrays.
  ///
  /// - Parameter arrays: names, and arrays of two dimensions as rows of one width; together below 4 GiB.
  /// - Returns: the bytes of the archive.
  package static func bytes(_ arrays: [(name: String, rows: [[Double]])]) -> [UInt8] {
    var (archive, directory) = ([UInt8](), [UInt8]())
    for (name, rows) in arrays {
      let file = NPYOutput.bytes(rows)
      let checksum = unsafe UInt32(crc32(0, file, UInt32(file.count)))
      let path = Array("\(name).npy".utf8)
      // Version 2.0, no flags, stored, midnight of 1 January 1980.
      let common =
        little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
        + little(Int(checksum), 4) + little(file.count, 4) + little(file.count, 4)
        + little(path.count, 2) + little(0, 2)
      directory +=
        [0x50, 0x4B, 1, 2] + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2)
        + little(0, 4) + little(archive.count, 4) + path
      archive += [0x50, 0x4B, 3, 4] + common + path + file
    }
    let end =
      [0x50, 0x4B, 5, 6] + little(0, 2) + little(0, 2) + little(arrays.count, 2)
      + little(arrays.count, 2) + little(directory.count, 4) + little(archive.count, 4)
      + little(0, 2)
    return archive + directory + end
  }

  private static func little(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}

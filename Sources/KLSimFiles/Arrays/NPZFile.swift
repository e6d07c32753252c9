// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Several arrays as NumPy keeps them: a zip archive of NPY files.
struct NPZFile: ArrayFile {
  static var part: NumberSource.Part? { .array }
  static var format: String { "an NPZ file" }

  let names: [String]
  private let archive: ZIPArchive
  private let entries: [String: ZIPArchive.Entry]

  /// Reads the directory of the archive.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - path: what it is called.
  /// - Throws: `ArrayError` for an archive that is damaged, or has other things in it.
  init(_ bytes: FileBytes, path: String) throws(ArrayError) {
    archive = try ZIPArchive(bytes)
    guard !archive.entries.contains(where: { $0.name.hasSuffix("data.pkl") }) else {
      throw ArrayError("it is \(pickleRefusal(path, isTorch: true))")
    }
    let arrays = archive.entries.filter { $0.name.hasSuffix(".npy") }
    guard !arrays.isEmpty else {
      let found = archive.entries.map(\.name)
      throw ArrayError(
        found.isEmpty
          ? "the zip archive is empty"
          : "a zip archive without NPY arrays; there is \(listed(found))")
    }
    names = arrays.map { String($0.name.dropLast(4)) }
    entries = Dictionary(uniqueKeysWithValues: zip(names, arrays))
  }

  func summary(of name: String) -> String {
    guard let entry = entries[name], let file = try? header(of: entry) else { return "(damaged)" }
    return file.summary(of: "")
  }

  /// The header of an array, whose numbers are not unpacked.
  private func header(of entry: ZIPArchive.Entry) throws(ArrayError) -> NPYFile {
    try NPYFile(archive.beginning(of: entry, count: NPYFile.maximumHeaderBytes + 12))
  }

  func array(_ name: String) throws(ArrayError) -> NumberArray {
    guard let entry = entries[name] else { throw ArrayError("there is no array '\(name)'") }
    let byteCount = try header(of: entry).byteCount
    guard byteCount == entry.size else {
      throw ArrayError(
        "the zip entry has \(entry.size) bytes where its header and shape need \(byteCount)")
    }
    return try NPYFile(archive.bytes(of: entry)).array(name)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

/// A folder for one test, removed with everything in it when the value goes.
public final class TemporaryFolder: Sendable {
  /// Where it is.
  public let path: String

  /// Makes a folder that nobody else has.
  public init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "klsim-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path(percentEncoded: false)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in it.
  public func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file in it and returns its path.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: URL(filePath: self(name)))
    return self(name)
  }

  /// Writes a text in it and returns its path.
  @discardableResult
  public func write(_ text: String, to name: String) throws -> String {
    try write(text.utf8, to: name)
  }

  /// The text of a file in it.
  public func text(of name: String) throws -> String {
    try String(contentsOf: URL(filePath: self(name)), encoding: .utf8)
  }

  /// How many bytes a file in it has, which may be growing.
  public func size(of name: String) throws -> Int {
    try URL(filePath: self(name)).resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
  }

  /// The names of everything in it, hidden files too, in order.
  public func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }
}

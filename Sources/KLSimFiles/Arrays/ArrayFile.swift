// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A file of arrays.
protocol ArrayFile: Sendable {
  /// The key of a specification that names one of the file's arrays; nil if its only array has no name.
  static var part: NumberSource.Part? { get }
  /// What the format is called.
  static var format: String { get }

  /// The names of the arrays in the order of the file; `[""]` if the only array has no name.
  var names: [String] { get }

  /// The type and shape of an array in words, such as `float32 [3, 80]`.
  func summary(of name: String) -> String

  /// An array.
  ///
  /// - Parameter name: one of `names`.
  /// - Returns: the array.
  /// - Throws: `ArrayError`.
  func array(_ name: String) throws(ArrayError) -> NumberArray
}

extension ArrayFile {
  /// The array that a source means.
  ///
  /// - Parameters:
  ///   - source: the file, and the array's name where there are several.
  ///   - candidates: what an empty name may stand for; nil for every array.
  /// - Returns: the array.
  /// - Throws: `InputError` if there is none of that name, or several and none is named.
  func array(
    _ source: NumberSource, among candidates: [String]? = nil
  ) throws(InputError) -> NumberArray {
    guard source.name.isEmpty || source.part == Self.part else {
      throw .malformed(
        path: source.path, line: 0,
        reason: Self.part.map {
          "\(Self.format) has no \(source.part.rawValue)s; name one of its \($0.rawValue)s by"
            + " \($0.rawValue)=…"
        } ?? "\(Self.format) has no \(source.part.rawValue) '\(source.name)'; name none")
    }
    let candidates = source.name.isEmpty ? candidates ?? names : [source.name]
    guard let name = candidates.first else {
      throw .malformed(
        path: source.path, line: 0, reason: "there is no array besides \(list(names))")
    }
    guard candidates.count == 1 else {
      throw .ambiguous(path: source.path, part: Self.part ?? .array, names: list(candidates))
    }
    guard names.contains(name) else {
      throw .malformed(
        path: source.path, line: 0,
        reason: "no \(source.part.rawValue) '\(name)'; there is \(list(names))")
    }
    return try named(name, in: source.path)
  }

  /// An array, with errors that name the file.
  func named(_ name: String, in path: String) throws(InputError) -> NumberArray {
    do throws(ArrayError) {
      return try array(name)
    } catch {
      throw .malformed(
        path: path, line: 0,
        reason: name.isEmpty
          ? error.reason : "\((Self.part ?? .array).rawValue) '\(name)': \(error.reason)")
    }
  }

  /// Names and what they stand for, for a message.
  private func list(_ names: [String]) -> String { listed(names) { "'\($0)' \(summary(of: $0))" } }
}

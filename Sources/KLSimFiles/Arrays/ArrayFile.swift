// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A file of arrays.
protocol ArrayFile: Sendable {
  /// What one of several arrays is named by; nil for a file of one array without a name.
  static var part: NumberSource.Part? { get }
  /// What the format is called.
  static var format: String { get }

  /// The names of the arrays, in the order of the file; one empty name for an array without one.
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
  ///   - usual: the name to look for where the source gives none.
  /// - Returns: the array.
  /// - Throws: `InputError` if there is none of that name, or several and none is named.
  func array(_ source: NumberSource, usual: String = "") throws(InputError) -> NumberArray {
    guard source.name.isEmpty || source.part == Self.part else {
      throw .malformed(
        path: source.path, line: 0,
        reason: Self.part.map {
          "\(Self.format) has no \(source.part.rawValue)s; name one of its \($0.rawValue)s by"
            + " \($0.rawValue)=…"
        } ?? "\(Self.format) has no \(source.part.rawValue) '\(source.name)'; name none")
    }
    let name =
      !source.name.isEmpty ? source.name : names.contains(usual) ? usual : names.first ?? ""
    guard name == source.name || name == usual || names.count == 1 else {
      throw .ambiguous(path: source.path, part: Self.part ?? .array, names: list)
    }
    guard names.contains(name) else {
      throw .malformed(
        path: source.path, line: 0, reason: "no \(source.part.rawValue) '\(name)'; there is \(list)"
      )
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

  /// The names and what they stand for, for a message.
  private var list: String { listed(names) { "'\($0)' \(summary(of: $0))" } }
}

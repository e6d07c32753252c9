// SPDX-License-Identifier: GPL-3.0-or-later

/// A file of numbers, and which column, array or tensor of it to read.
public struct NumberSource: Equatable, Sendable {
  /// The parts that a file can have several of, by the key that names one.
  public enum Part: String, Sendable {
    /// A column of a CSV table.
    case column
    /// An array of an NPZ file.
    case array
    /// A tensor of a safetensors file.
    case tensor
  }

  /// The file; `-` is standard input.
  public let path: String
  /// The kind of the part that `name` names.
  public let part: Part
  /// The name of the column, array or tensor; empty for the only one.
  public let name: String

  /// The numbers of a file.
  ///
  /// - Parameters:
  ///   - path: the file; `-` is standard input.
  ///   - part: what is named.
  ///   - name: its name; empty for the only one.
  public init(path: String, _ part: Part = .column, name: String = "") {
    self.path = path
    self.part = part
    self.name = name
  }

  static let path = Parameter<String>(
    "path", default: nil, .nonEmpty,
    summary: "the file: CSV, NPY, NPZ or safetensors; - is standard input")
  static let column = Parameter(
    Part.column.rawValue, default: "",
    summary: "name of the column of a CSV file; not needed where there is one only")
  static let array = Parameter(
    Part.array.rawValue, default: "", summary: "the same for the array of an NPZ file")
  static let tensor = Parameter(
    Part.tensor.rawValue, default: "", summary: "the same for the tensor of a safetensors file")

  /// The source that the parameters above name.
  ///
  /// - Throws: `SpecificationError` if more than one part is named.
  init(_ values: Parameters) throws(SpecificationError) {
    let named = [
      (Part.column, values[Self.column]), (.array, values[Self.array]),
      (.tensor, values[Self.tensor]),
    ].filter { !$0.1.isEmpty }
    guard named.count <= 1 else {
      throw .inconsistent(
        component: values.component,
        "\(named.map { "\($0.0.rawValue)=…" }.joined(separator: " and ")) both name the numbers;"
          + " give one")
    }
    self.init(
      path: values[Self.path], named.first?.0 ?? .column, name: named.first?.1 ?? "")
  }
}

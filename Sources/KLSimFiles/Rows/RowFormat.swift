// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// A format in which rows are written.
///
/// To add one, write a file and a line in `RowFormat.all`.
public struct RowFormat: Sendable {
  /// What a user types, and how a file of it ends.
  public let name: String
  /// What it is, one line.
  public let summary: String
  /// What stands between the values of a row that does not name them; nil if every row names them.
  let separator: UInt8?
  /// What stands before a value in a row that names them.
  let lead: @Sendable (_ column: Column, _ isFirst: Bool) -> String
  /// What stands after the last value of a row.
  let end: String
  /// A text as a value.
  let text: @Sendable (String) -> String
  /// The words for a number that is not finite, and for a value that does not exist.
  let (notANumber, infinity, negativeInfinity, missing): (String, String, String, String)

  /// Every format, first the default.
  public static let all: [RowFormat] = [.csv, .jsonLines]

  /// The format of a name.
  ///
  /// - Throws: `SpecificationError.unknownName`.
  public static func named(_ name: String) throws(SpecificationError) -> RowFormat {
    all[try all.map(\.name).place(of: name, kind: "format")]
  }

  /// The ending of a file, before the `.gz` of one that is packed; nil if there is none, as in `lr0.1`.
  package static func ending(of path: String) -> String? {
    var name = path.split(separator: "/").last ?? ""
    if name.hasSuffix(packedEnding) { name = name.dropLast(packedEnding.count) }
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
      name[dot...].dropFirst().first?.isLetter == true
    else { return nil }
    return name[dot...].dropFirst().lowercased()
  }

  /// The endings of files that can be written.
  package static var endings: [String] {
    all.flatMap { [".\($0.name)", ".\($0.name)\(packedEnding)"] }
  }

  /// The ending of a file that is packed by gzip.
  package static let packedEnding = ".gz"
}

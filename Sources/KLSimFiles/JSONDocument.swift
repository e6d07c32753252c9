// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// What commands say to programs.
extension JSON {
  /// An answer as a whole: an object that begins with what it is, `"format": "klsim/list", "version": 1`.
  ///
  /// - Parameters:
  ///   - kind: what the answer is of, such as `list`.
  ///   - version: rises whenever a member goes, or means something else.
  ///   - members: the answer.
  /// - Returns: the object.
  package static func document(
    _ kind: String, version: Int = 1, _ members: [(key: String, value: JSON)]
  ) -> JSON {
    .object([("format", "klsim/\(kind)"), ("version", JSON(version))] + members)
  }

  package static let null = JSON.plain("null")

  package init(_ flag: Bool) { self = .plain("\(flag)") }

  package init(_ integer: some BinaryInteger) { self = .plain(integer.description) }

  /// The shortest decimal that reads back to the number; the texts `inf`, `-inf` and `nan`, and `null` for none, as
  /// in JSON Lines.
  package init(_ number: Double?) {
    self =
      switch number {
      case let number?: number.isFinite ? .plain("\(number)") : .string("\(number)")
      case nil: .null
      }
  }

  /// The nearest whole number; a number beyond 128 bits, or none, as `init(_:)` writes it.
  package init(rounding number: Double) {
    self = UInt128(exactly: number.rounded()).map { JSON($0) } ?? JSON(number)
  }

  /// A text; `null` for none.
  package init(_ text: String?) { self = text.map { .string($0) } ?? .null }

  package init(_ texts: some Sequence<String>) { self = .array(texts.map { .string($0) }) }

  package init(_ value: Value) {
    self =
      switch value {
      case .text(let text): .string(text)
      case .integer(let integer): JSON(integer)
      case .number(let number): JSON(number)
      case .missing: .null
      }
  }

  /// A row of a table: a member a column.
  package static func members(
    _ columns: [Column], _ row: [Value]
  ) -> [(key: String, value: JSON)] {
    zip(columns, row).map { ($0.name, JSON($1)) }
  }

  /// The members of a table: what its columns are, and its rows.
  package static func table(
    _ columns: [Column], rows: [[Value]]
  ) -> [(key: String, value: JSON)] {
    [
      ("columns", .array(columns.map(DataPackage.json))),
      ("rows", .array(rows.map { .object(members(columns, $0)) })),
    ]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// One cell of a table.
public enum Value: Equatable, Sendable {
  case text(String)
  case integer(Int128)
  case number(Double)
  /// A value that does not exist.
  case missing

  /// An integer of any size.
  public init(_ integer: some BinaryInteger) {
    self = .integer(Int128(integer))
  }

  /// A number that may not exist.
  public init(_ number: Double?) {
    self = number.map { .number($0) } ?? .missing
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  public init(stringLiteral text: String) { self = .text(text) }
}

extension Value: CustomStringConvertible {
  public var description: String {
    switch self {
    case .text(let text): text
    case .integer(let integer): integer.description
    case .number(let number): number.description
    case .missing: ""
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The names of one kind that a user can choose from.
package struct NameList: Sendable {
  private let kind: String
  private let names: [String]

  /// A list of names.
  ///
  /// - Parameters:
  ///   - kind: what one of them is a name of, such as `teacher`; for the error.
  ///   - names: the names, in the order in which the error shows them.
  package init(_ kind: String, _ names: [String]) {
    self.kind = kind
    self.names = names
  }

  /// The place of a name in the list.
  ///
  /// - Parameter name: what the user wrote.
  /// - Returns: its index.
  /// - Throws: `SpecificationError.unknownName`.
  package func place(of name: String) throws(SpecificationError) -> Int {
    guard let place = names.firstIndex(of: name) else {
      throw .unknownName(kind: kind, name: name, known: names)
    }
    return place
  }
}

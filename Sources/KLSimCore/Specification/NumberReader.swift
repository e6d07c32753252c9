// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads numbers from a file, so that a component can name one without opening it.
public protocol NumberReader: Sendable {
  /// The numbers in one column of a table.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - column: the column's name; empty for the only column.
  /// - Returns: one number a row.
  /// - Throws: whatever is wrong with the file.
  func numbers(path: String, column: String) throws -> [Double]

  /// A table of numbers as it stands in the file, with all its columns.
  ///
  /// - Parameter path: the file, CSV with a header or NPY of two dimensions.
  /// - Returns: the rows, of one width.
  /// - Throws: whatever is wrong with the file.
  func table(path: String) throws -> NumberRows

  /// The numbers of several contexts, one row a context and one number a token.
  ///
  /// - Parameters:
  ///   - path: the file: NPY with one row a context, or CSV with the columns `context`, `token` and
  ///     one more; one column alone, or NPY of one dimension, is one context.
  ///   - column: the name of the numbers' column; empty for the only one.
  /// - Returns: the rows, labelled if the file names its contexts.
  /// - Throws: whatever is wrong with the file.
  func contexts(path: String, column: String) throws -> NumberRows

  /// A whole text.
  ///
  /// - Parameter path: the file, in UTF-8.
  /// - Returns: what is in it, without a byte-order mark.
  /// - Throws: whatever is wrong with the file.
  func text(path: String) throws -> String
}

extension NumberReader {
  public func text(path: String) throws -> String {
    throw SpecificationError.unreadable(path, expected: "a text that can be read here")
  }

  public func contexts(path: String, column: String) throws -> NumberRows {
    let numbers = try numbers(path: path, column: column)
    return NumberRows(count: 1, width: numbers.count) { _ in numbers }
  }

  public func table(path: String) throws -> NumberRows {
    let numbers = try numbers(path: path, column: "")
    return NumberRows(count: numbers.count, width: 1) { [numbers[$0]] }
  }
}

/// Rows of numbers, each made when it is asked for: a large table is kept as its file has it.
public struct NumberRows: Sendable {
  /// How many rows there are.
  public let count: Int
  /// How many numbers each has.
  public let width: Int
  /// What each row is called; empty where the file does not say.
  public let labels: [String]
  private let make: @Sendable (Int) -> [Double]

  /// Rows made by a function.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - width: how many numbers each has.
  ///   - labels: what each row is called, if it is called anything.
  ///   - make: gives the row of an index.
  public init(
    count: Int, width: Int, labels: [String] = [], make: @escaping @Sendable (Int) -> [Double]
  ) {
    self.count = count
    self.width = width
    self.labels = labels
    self.make = make
  }

  /// One row.
  public func row(_ index: Int) -> [Double] {
    precondition(index >= 0 && index < count)
    return make(index)
  }
}

/// A reader without files: it refuses every path.
public struct NoFiles: NumberReader {
  public init() {}

  public func numbers(path: String, column: String) throws -> [Double] {
    throw SpecificationError.unreadable(path, expected: "a file that can be read here")
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the files that specifications name, so that components need not open them.
public protocol NumberReader: Sendable {
  /// The numbers in one column of a table.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - column: the column's name; empty for the only column.
  /// - Returns: one number a row.
  /// - Throws: an error that says what is wrong with the file.
  func numbers(path: String, column: String) throws -> [Double]

  /// A table of numbers, with all its columns.
  ///
  /// - Parameter path: the file, CSV with a header or NPY of two dimensions.
  /// - Returns: the rows, of one width.
  /// - Throws: an error that says what is wrong with the file.
  func table(path: String) throws -> NumberRows

  /// The numbers of several contexts, one row a context and one number a token.
  ///
  /// - Parameters:
  ///   - path: the file: NPY with one row a context, or CSV with the columns `context`, `token` and
  ///     one more; one column alone, or NPY of one dimension, is one context.
  ///   - column: the name of the numbers' column; empty for the only one.
  /// - Returns: the rows, labelled if the file names its contexts.
  /// - Throws: an error that says what is wrong with the file.
  func contexts(path: String, column: String) throws -> NumberRows

  /// A whole text.
  ///
  /// - Parameter path: the file, in UTF-8.
  /// - Returns: what is in it, without a byte-order mark.
  /// - Throws: an error that says what is wrong with the file.
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

/// Rows of numbers, each computed on request, so that a large table can stay in the form of its file.
public struct NumberRows: Sendable {
  /// The number of rows.
  public let count: Int
  /// The number of numbers in each row.
  public let width: Int
  /// The labels of the rows; empty if the file has none.
  public let labels: [String]
  private let make: @Sendable (Int) -> [Double]

  /// Rows made by a function.
  ///
  /// - Parameters:
  ///   - count: the number of rows.
  ///   - width: the number of numbers in each row.
  ///   - labels: the labels of the rows; empty for none.
  ///   - make: gives the row at an index.
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

/// A reader that refuses every path.
public struct NoFiles: NumberReader {
  public init() {}

  public func numbers(path: String, column: String) throws -> [Double] {
    throw SpecificationError.unreadable(path, expected: "a file that can be read here")
  }
}

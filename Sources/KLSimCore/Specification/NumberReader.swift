// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the files that specifications name, so that components need not open them.
public protocol NumberReader: Sendable {
  /// The numbers in one column of a table, or the only row of an array.
  ///
  /// - Parameter source: the file, and the column or array.
  /// - Returns: one number a row.
  /// - Throws: an error that says what is wrong with the file.
  func numbers(_ source: NumberSource) throws -> [Double]

  /// A table of numbers, with all its columns.
  ///
  /// - Parameter path: the file, CSV with a header or an array of two dimensions.
  /// - Returns: the rows, of one width.
  /// - Throws: an error that says what is wrong with the file.
  func table(path: String) throws -> NumberRows

  /// The numbers of several contexts, one row a context and one number a token.
  ///
  /// - Parameter source: the file and the column or array: an array with one row a context, or a table
  ///   with `context`, `token` and one more column; one column alone, or an array of one dimension, is
  ///   one context.
  /// - Returns: the rows, labelled if the file names its contexts.
  /// - Throws: an error that says what is wrong with the file.
  func contexts(_ source: NumberSource) throws -> NumberRows

  /// The numbers of some tokens of each context, such as the k most probable.
  ///
  /// - Parameter source: a table with `token`, a column of numbers, by default `logprob`, and `context`
  ///   unless there is but one.
  /// - Returns: one list a context, labelled as the file labels them.
  /// - Throws: an error that says what is wrong with the file.
  func lists(_ source: NumberSource) throws -> TokenLists

  /// A whole text.
  ///
  /// - Parameter path: the file, in UTF-8.
  /// - Returns: what is in it, without a byte-order mark.
  /// - Throws: an error that says what is wrong with the file.
  func text(path: String) throws -> String

  /// Tells the user what looks wrong about a file and is no error.
  ///
  /// - Parameter message: the file, what looks wrong, and what to do.
  func note(_ message: String)
}

extension NumberReader {
  public func note(_ message: String) {}

  public func text(path: String) throws -> String {
    throw SpecificationError.unreadable(path, expected: "a text that can be read here")
  }

  public func contexts(_ source: NumberSource) throws -> NumberRows {
    let numbers = try numbers(source)
    return NumberRows(count: 1, width: numbers.count) { _ in numbers }
  }

  public func lists(_ source: NumberSource) throws -> TokenLists {
    throw SpecificationError.unreadable(
      source.path, expected: "a table of some tokens that can be read here")
  }

  public func table(path: String) throws -> NumberRows {
    let numbers = try numbers(NumberSource(path: path))
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
  /// The name of the numbers; empty if the file has none.
  public let name: String
  /// The precision of the type in which the numbers were saved.
  public let precision: NumberPrecision
  private let make: @Sendable (Int) -> [Double]

  /// Rows made by a function.
  ///
  /// - Parameters:
  ///   - count: the number of rows.
  ///   - width: the number of numbers in each row.
  ///   - labels: the labels of the rows; empty for none.
  ///   - name: the name of the numbers; empty for none.
  ///   - precision: the precision of the type in which the numbers were saved.
  ///   - make: gives the row at an index.
  public init(
    count: Int, width: Int, labels: [String] = [], name: String = "",
    precision: NumberPrecision = .exact,
    make: @escaping @Sendable (Int) -> [Double]
  ) {
    self.count = count
    self.width = width
    self.labels = labels
    self.name = name
    self.precision = precision
    self.make = make
  }

  /// One row.
  public func row(_ index: Int) -> [Double] {
    precondition(index >= 0 && index < count)
    return make(index)
  }
}

/// Numbers of some tokens of each context.
public struct TokenLists: Sendable {
  /// The numbers of one context.
  public struct List: Equatable, Sendable {
    /// Token indices, ascending.
    public let tokens: [Int]
    /// One number a token.
    public let values: [Double]

    /// Some tokens with their numbers, in any order.
    public init(tokens: [Int], values: [Double]) {
      let order = tokens.indices.sorted { tokens[$0] < tokens[$1] }
      self.tokens = order.map { tokens[$0] }
      self.values = order.map { values[$0] }
    }
  }

  /// One list a context.
  public let lists: [List]
  /// The labels of the contexts; empty if the file has none.
  public let labels: [String]
  /// The name of the numbers, such as `logprob`.
  public let name: String
  /// The precision of the type in which the numbers were saved.
  public let precision: NumberPrecision

  /// The lists of some contexts.
  ///
  /// - Parameters:
  ///   - lists: one a context, at least one, each of at least one token and of different ones.
  ///   - labels: the labels of the contexts; empty for none.
  ///   - name: the name of the numbers.
  ///   - precision: the precision of the type in which the numbers were saved.
  public init(
    lists: [List], labels: [String] = [], name: String = "", precision: NumberPrecision = .exact
  ) {
    self.lists = lists
    self.labels = labels
    self.name = name
    self.precision = precision
  }

  /// The number of token indices up to the largest.
  public var width: Int { lists.reduce(0) { max($0, ($1.tokens.last ?? -1) + 1) } }
}

/// A reader without files: it refuses every path.
public struct NoFiles: NumberReader {
  public init() {}

  public func numbers(_ source: NumberSource) throws -> [Double] {
    throw SpecificationError.unreadable(source.path, expected: "a file that can be read here")
  }
}

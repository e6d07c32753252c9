// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
internal import Synchronization

/// Reads numbers from a file: CSV, or arrays as NPY, NPZ or safetensors.
///
/// The first bytes decide the kind of a file, not its name. A CSV file has one number per line, with or without
/// a header, or is a table with a header. Arrays are of float16, bfloat16, float32, float64 or integers;
/// those in regular files are mapped, and decoded row by row.
public struct NumberFile: NumberReader {
  private let tell: @Sendable (String) -> Void
  private let given: FileBytes?
  private let opened = Opened()

  private final class Opened: Sendable {
    let paths = Mutex<Set<String>>([])
  }

  /// The files that were read, which no output may replace.
  package var paths: Set<String> { opened.paths.withLock { $0 } }

  /// A reader of files.
  ///
  /// - Parameter note: receives a message when a file is read otherwise than its name or shape says, or looks
  ///   like something else than it is said to hold.
  public init(note: @escaping @Sendable (String) -> Void = { _ in }) {
    (tell, given) = (note, nil)
  }

  /// A reader to which every path is a file with these contents.
  ///
  /// - Throws: `InputError` for what looks packed by gzip, and is damaged.
  package init(contents: [UInt8]) throws(InputError) {
    (tell, given) = ({ _ in }, FileBytes(try unpacked(contents, "contents")))
  }

  public func note(_ message: String) { tell(message) }

  /// The numbers of one column, `nan` and `inf` included.
  ///
  /// - Parameter source: the file, and the column or array.
  /// - Returns: one number per line, or the only row of an array.
  /// - Throws: `InputError`.
  public func numbers(_ source: NumberSource) throws(InputError) -> [Double] {
    switch try contents(of: source.path) {
    case .csv(let table):
      return try table.numbers(in: table.index(of: source))
    case .arrays(let file):
      let rows = try file.array(source).rows
      guard rows.count == 1 else {
        throw .malformed(
          path: source.path, line: 0,
          reason: "it has \(rows.count) rows; one row, or one dimension, is needed here")
      }
      return rows.row(0)
    }
  }

  /// A table with all its columns: CSV, or an array whose one dimension is a column.
  ///
  /// - Parameter path: the file.
  /// - Returns: its rows.
  /// - Throws: `InputError`.
  public func table(path: String) throws(InputError) -> NumberRows {
    switch try contents(of: path) {
    case .csv(let table):
      let rows = try table.rows()
      return NumberRows(count: rows.count, width: rows[0].count) { rows[$0] }
    case .arrays(let file):
      let array = try file.array(NumberSource(path: path))
      guard array.shape.count == 1 else { return array.rows }
      let column = array.numbers
      return NumberRows(count: column.count, width: 1) { [column[$0]] }
    }
  }

  /// The numbers of several contexts.
  ///
  /// A table with the columns `context` and `token`, or an NPZ file with such arrays, has one number per
  /// line, in any order; contexts are numbered in the order of their first lines. Any other CSV file is
  /// one context. An array has one row per context; of three dimensions the first two are one.
  ///
  /// - Parameter source: the file, and the column or array.
  /// - Returns: one row per context.
  /// - Throws: `InputError`.
  public func contexts(_ source: NumberSource) throws(InputError) -> NumberRows {
    switch try contents(of: source.path) {
    case .csv(let table):
      if let lines = try ContextTable(table, source) { return try lines.rows }
      let column = try table.index(of: source)
      let numbers = try table.numbers(in: column)
      return NumberRows(count: 1, width: numbers.count, name: table.names?[column] ?? "") { _ in
        numbers
      }
    case .arrays(let file):
      if let lines = try ContextTable(file, source) { return try lines.rows }
      let array = try file.array(source)
      if array.shape.count == 3 {
        note(
          "\(source.path): its shape \(array.shape) is read as [\(array.rowCount), \(array.width)], one"
            + " context a row")
      }
      return array.rows
    }
  }

  /// The numbers of some tokens of each context.
  ///
  /// - Parameter source: a table with the columns `token`, one of numbers, `logprob` unless another is
  ///   named, and `context` unless there is but one; or an NPZ file with such arrays.
  /// - Returns: one list a context.
  /// - Throws: `InputError`.
  public func lists(_ source: NumberSource) throws(InputError) -> TokenLists {
    let lines =
      switch try contents(of: source.path) {
      case .csv(let table): try ContextTable(table, source, needsContext: false)
      case .arrays(let file): try ContextTable(file, source, needsContext: false)
      }
    guard let lines else {
      throw .malformed(
        path: source.path, line: 0,
        reason: "a table of some tokens needs the columns or arrays token and logprob, and context"
          + " if there are several; a file with a number for every token takes no tail")
    }
    return lines.lists
  }

  /// What the columns, arrays or tensors of a file are called.
  ///
  /// - Parameter path: the file.
  /// - Returns: the names, and which of the three they name; none of a file that has no names.
  /// - Throws: `InputError`.
  package func names(
    path: String
  ) throws(InputError) -> (names: [String], part: NumberSource.Part) {
    switch try contents(of: path) {
    case .csv(let table): (table.names ?? [], .column)
    case .arrays(let file): (file.names, type(of: file).part ?? .array)
    }
  }

  /// A whole text in UTF-8.
  ///
  /// - Parameter path: the file.
  /// - Returns: its text without a byte-order mark.
  /// - Throws: `InputError`, which names the first byte that is not UTF-8.
  public func text(path: String) throws(InputError) -> String {
    opened.paths.withLock { _ = $0.insert(path) }
    let bytes = if let given { given.array } else { try fileBytes(path) }
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    if let text = String(validating: content, as: UTF8.self) { return text }
    var (offset, line) = (content.startIndex, 1)
    var (parser, rest) = (Unicode.UTF8.ForwardParser(), content.makeIterator())
    while case .valid(let scalar) = parser.parseScalar(from: &rest) {
      if scalar.count == 1, scalar.first == UInt8(ascii: "\n") { line += 1 }
      offset += scalar.count
    }
    throw .malformed(
      path: path, line: line,
      reason: "not UTF-8 text: byte 0x\(String(bytes[offset], radix: 16, uppercase: true)) at"
        + " offset \(offset)")
  }

  private func contents(of path: String) throws(InputError) -> Contents {
    opened.paths.withLock { _ = $0.insert(path) }
    let bytes = if let given { given } else { try FileBytes(path: path) }
    return try Contents(bytes, path: path, note: note)
  }

  private enum Contents {
    case csv(NumberTable)
    case arrays(any ArrayFile)

    init(_ bytes: FileBytes, path: String, note: (String) -> Void) throws(InputError) {
      do throws(ArrayError) {
        switch FileKind(of: bytes.first(FileKind.prefixLength)) {
        case .npy:
          self = .arrays(try NPYFile(bytes))
          return
        case .zip:
          self = .arrays(try NPZFile(bytes, path: path))
          return
        case .safetensors:
          self = .arrays(try SafetensorsFile(bytes))
          return
        case .pickle:
          let isTorch = path.hasSuffix(".pt") || path.hasSuffix(".pth")
          throw ArrayError("it is \(pickleRefusal(path, isTorch: isTorch))")
        case .refused(let reason): throw ArrayError("it is \(reason)")
        case .text, .gzip: break
        }
      } catch {
        throw .malformed(path: path, line: 0, reason: error.reason)
      }
      if [".npy", ".npz", ".safetensors"].contains(where: path.hasSuffix), bytes.count > 0 {
        note("\(path): it is text, not an NPY, NPZ or safetensors file, and is read as CSV")
      }
      self = .csv(try NumberTable(path: path, bytes: bytes.array))
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// An array of numbers, decoded row by row when it is asked for.
struct NumberArray: Sendable {
  /// What it is called; empty if it is not called anything.
  let name: String
  /// The lengths of its dimensions, none 0.
  let shape: [Int]
  private let type: ElementType
  private let isFortranOrder: Bool
  private let bytes: FileBytes

  /// An array in some bytes.
  ///
  /// - Parameters:
  ///   - name: what it is called.
  ///   - shape: the lengths of its dimensions.
  ///   - type: the type of its numbers.
  ///   - isFortranOrder: whether the first index changes fastest, and not the last.
  ///   - bytes: exactly its numbers.
  /// - Throws: `ArrayError` if it has no numbers, or the bytes are not as many as it needs.
  init(
    name: String, shape: [Int], type: ElementType, isFortranOrder: Bool = false, bytes: FileBytes
  ) throws(ArrayError) {
    let size = try Self.byteCount(of: shape, type: type)
    guard bytes.count == size else {
      throw ArrayError(
        "\(bytes.count) bytes of numbers where its shape needs \(size): it is"
          + " \(bytes.count < size ? "cut off" : "longer than it says")")
    }
    self.name = name
    self.shape = shape
    self.type = type
    self.isFortranOrder = isFortranOrder
    self.bytes = bytes
  }

  /// The number of bytes that an array takes.
  ///
  /// - Throws: `ArrayError` for a shape without numbers, or with more than any file can hold.
  static func byteCount(of shape: [Int], type: ElementType) throws(ArrayError) -> Int {
    guard (1...3).contains(shape.count) else {
      throw ArrayError(
        "it has \(shape.count) dimensions; one (tokens), two (contexts, tokens) or three (batch,"
          + " position, tokens) are read")
    }
    guard !shape.contains(0) else { throw ArrayError("there are no numbers in it") }
    var size = type.size
    for length in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: length)
      guard !overflows else { throw ArrayError("its shape is larger than any file") }
      size = product
    }
    return size
  }

  /// How many numbers a row has: the last dimension.
  var width: Int { shape[shape.count - 1] }

  /// How many rows there are: the product of the other dimensions.
  var rowCount: Int { shape.dropLast().reduce(1, *) }

  /// The precision of its type.
  var precision: NumberPrecision { type.precision }

  /// The rows: the dimensions before the last are one, in C order.
  var rows: NumberRows {
    NumberRows(count: rowCount, width: width, name: name, precision: precision) { row in
      guard !isFortranOrder else {
        // Of three dimensions the index of a row has two digits, the first one fastest.
        let position = shape.count == 3 ? shape[1] : 1
        return type.numbers(
          in: bytes, from: row / position + row % position * shape[0], stride: rowCount,
          count: width)
      }
      defer { bytes.release(row * width * type.size..<(row + 1) * width * type.size) }
      return type.numbers(in: bytes, from: row * width, stride: 1, count: width)
    }
  }

  /// All numbers, row by row.
  var numbers: [Double] {
    let all = rows
    return (0..<all.count).flatMap { all.row($0) }
  }
}

/// What is wrong with an array; the file's name is to be added.
struct ArrayError: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

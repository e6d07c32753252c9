// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// An array of numbers in NumPy's format: little-endian float32 or float64, of one or two
/// dimensions, row by row.
struct NPYFile {
  /// The first bytes of every such file.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// No array of numbers has a longer header.
  private static let maximumHeaderBytes = 1 << 16

  /// The lengths of its dimensions, one or two.
  let shape: [Int]
  private let bytes: [UInt8]
  private let start: Int
  private let isDouble: Bool

  /// Whether a file is to be read in this format, by its first bytes or its name.
  static func isMeant(path: String, bytes: [UInt8]) -> Bool {
    bytes.starts(with: magic) || path.hasSuffix(".npy")
  }

  /// Reads the header and checks the length of the file.
  ///
  /// - Parameters:
  ///   - path: the path of the file, for errors.
  ///   - bytes: the whole file; rows are decoded from it one at a time.
  /// - Throws: `InputError.malformed`.
  init(path: String, bytes: [UInt8]) throws(InputError) {
    func malformed(_ reason: String) -> InputError {
      .malformed(path: path, line: 0, reason: reason)
    }
    guard bytes.starts(with: Self.magic) else {
      throw malformed("not an NPY file: it does not begin with \\x93NUMPY")
    }
    guard bytes.count >= 10 else { throw malformed("the NPY header is cut off") }
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw malformed("NPY version \(version).\(bytes[7]) is not known; 1.0, 2.0 and 3.0 are")
    }
    let lengthBytes = version == 1 ? 2 : 4
    let headerStart = 8 + lengthBytes
    guard bytes.count >= headerStart else { throw malformed("the NPY header is cut off") }
    let headerLength = bytes[8..<headerStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard headerLength <= Self.maximumHeaderBytes else {
      throw malformed(
        "the NPY header claims \(headerLength) bytes; at most \(Self.maximumHeaderBytes) are read")
    }
    start = headerStart + headerLength
    guard bytes.count >= start else { throw malformed("the NPY header is cut off") }
    guard let header = NPYHeader(bytes[headerStart..<start]) else {
      throw malformed(
        "the NPY header is not {'descr': …, 'fortran_order': …, 'shape': (…)}, as NumPy writes it")
    }
    guard header.type == "<f8" || header.type == "<f4" else {
      throw malformed(
        "it holds '\(header.type)'; little-endian '<f4' and '<f8' are read: save"
          + " array.astype('<f8')")
    }
    isDouble = header.type == "<f8"
    guard !header.isFortranOrder else {
      throw malformed("it is in Fortran order; save numpy.ascontiguousarray(array)")
    }
    shape = header.shape
    guard shape.count == 1 || shape.count == 2 else {
      throw malformed(
        "it has \(shape.count) dimensions; one (tokens) or two (contexts, tokens) are read")
    }
    guard !shape.contains(0) else { throw malformed("there are no numbers in it") }
    let width = isDouble ? 8 : 4
    var size = width
    for length in shape {
      let (product, overflows) = size.multipliedReportingOverflow(by: length)
      guard !overflows else { throw malformed("its shape is larger than any file") }
      size = product
    }
    let found = bytes.count - start
    guard found == size else {
      throw malformed(
        "\(found) bytes of numbers where its shape needs \(size): it is"
          + " \(found < size ? "cut off" : "longer than it says")")
    }
    self.bytes = bytes
  }

  /// The rows of the array; an array of one dimension is one row.
  var rows: NumberRows {
    let width = shape[shape.count - 1]
    return NumberRows(count: shape.count == 2 ? shape[0] : 1, width: width) { row in
      numbers(row * width..<(row + 1) * width)
    }
  }

  private func numbers(_ range: Range<Int>) -> [Double] {
    unsafe bytes.withUnsafeBytes { bytes in
      range.map { index in
        if isDouble {
          let bits = unsafe bytes.loadUnaligned(fromByteOffset: start + 8 * index, as: UInt64.self)
          return Double(bitPattern: UInt64(littleEndian: bits))
        }
        let bits = unsafe bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: UInt32.self)
        return Double(Float(bitPattern: UInt32(littleEndian: bits)))
      }
    }
  }
}

/// The three entries of an NPY header, a literal of a Python dictionary.
private struct NPYHeader {
  let type: String
  let isFortranOrder: Bool
  let shape: [Int]

  /// Nil if it is not in the form that NumPy writes.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    guard let type = Self.value(after: "'descr':", in: text, from: "'", to: "'"),
      let order = Self.value(after: "'fortran_order':", in: text, from: "", to: ","),
      ["True", "False"].contains(order),
      let lengths = Self.value(after: "'shape':", in: text, from: "(", to: ")")
    else { return nil }
    self.type = type
    isFortranOrder = order == "True"
    var items = lengths.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.filter { $0 != " " }
    }
    // Python writes a comma after a single item.
    if items.last == "" { items.removeLast() }
    // A length that is too large for an integer is valid here; the array is refused for its size.
    guard items.allSatisfy({ !$0.isEmpty && $0.allSatisfy { ("0"..."9").contains($0) } }) else {
      return nil
    }
    shape = items.map { Int($0) ?? .max }
  }

  /// The text between `opening`, which follows a key and blanks, and `closing`.
  private static func value(
    after key: String, in text: String, from opening: String, to closing: Character
  ) -> String? {
    guard let place = text.firstRange(of: key) else { return nil }
    let rest = text[place.upperBound...].drop { $0 == " " }
    guard rest.hasPrefix(opening) else { return nil }
    let content = rest.dropFirst(opening.count)
    guard let end = content.firstIndex(of: closing) else { return nil }
    return String(content[..<end])
  }
}

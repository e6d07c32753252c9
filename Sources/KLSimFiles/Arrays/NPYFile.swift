// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// An array in NumPy's format.
///
/// Source: numpy.org, `numpy.lib.format`, versions 1.0 to 3.0.
struct NPYFile: ArrayFile {
  static var part: NumberSource.Part? { nil }
  static var format: String { "an NPY file" }
  /// No array of numbers has a longer header.
  static let maximumHeaderBytes = 1 << 16

  let names = [""]
  private let header: NPYHeader
  private let bytes: FileBytes
  private let start: Int

  /// Reads the header.
  ///
  /// - Parameter bytes: the file, or its beginning if only the summary is needed.
  /// - Throws: `ArrayError` for a header that is none.
  init(_ bytes: FileBytes) throws(ArrayError) {
    guard FileKind(of: bytes.first(6)) == .npy else {
      throw ArrayError("not an NPY file: it does not begin with \\x93NUMPY")
    }
    guard bytes.count >= 10 else { throw Self.cutOff }
    let version = bytes.integer(at: 6, as: UInt8.self)
    guard (1...3).contains(version) else {
      throw ArrayError(
        "NPY version \(version).\(bytes.integer(at: 7, as: UInt8.self)) is not known; 1.0, 2.0 and"
          + " 3.0 are")
    }
    let headerStart = version == 1 ? 10 : 12
    guard bytes.count >= headerStart else { throw Self.cutOff }
    let headerLength =
      version == 1
      ? Int(bytes.integer(at: 8, as: UInt16.self)) : Int(bytes.integer(at: 8, as: UInt32.self))
    guard headerLength <= Self.maximumHeaderBytes else {
      throw ArrayError(
        "the NPY header claims \(headerLength) bytes; at most \(Self.maximumHeaderBytes) are read")
    }
    start = headerStart + headerLength
    guard bytes.count >= start else { throw Self.cutOff }
    guard let header = NPYHeader(bytes[headerStart..<start].array) else {
      throw ArrayError(
        "the NPY header is not {'descr': …, 'fortran_order': …, 'shape': (…)}, as NumPy writes it")
    }
    self.header = header
    self.bytes = bytes
  }

  private static let cutOff = ArrayError("the NPY header is cut off")

  func summary(of name: String) -> String {
    "\(header.type?.kind.rawValue ?? header.descr) \(header.shape)"
  }

  /// The number of bytes that header and numbers take.
  var byteCount: Int {
    get throws(ArrayError) {
      let (count, overflows) = try NumberArray.byteCount(of: header.shape, type: type)
        .addingReportingOverflow(start)
      return overflows ? .max : count
    }
  }

  func array(_ name: String) throws(ArrayError) -> NumberArray {
    try NumberArray(
      name: name, shape: header.shape, type: type, isFortranOrder: header.isFortranOrder,
      bytes: bytes[start..<bytes.count])
  }

  private var type: ElementType {
    get throws(ArrayError) {
      if let type = header.type { return type }
      if let field = header.firstField {
        throw ArrayError(
          "it is a structured array, [\(header.descr)]; save one of its fields, such as"
            + " array['\(field)']")
      }
      throw ArrayError(
        header.descr.hasSuffix("O")
          ? "it holds Python objects (pickled); save array.astype('float64')"
          : "it holds '\(header.descr)'; float16, bfloat16, float32, float64 and integers are read:"
            + " save array.astype('float64')")
    }
  }
}

/// The three entries of an NPY header, a literal of a Python dictionary.
private struct NPYHeader {
  let descr: String
  /// The name of the first field of a structured array, nil if it is none.
  let firstField: String?
  let isFortranOrder: Bool
  let shape: [Int]

  /// Nil if it is not in the form that NumPy writes.
  init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let fields = Self.value(after: "'descr':", in: text, from: "[", to: "]")
    guard let descr = fields ?? Self.value(after: "'descr':", in: text, from: "'", to: "'"),
      let order = Self.value(after: "'fortran_order':", in: text, from: "", to: ","),
      ["True", "False"].contains(order),
      let lengths = Self.value(after: "'shape':", in: text, from: "(", to: ")")
    else { return nil }
    self.descr = descr
    firstField = fields.map { String($0.drop { "(' ".contains($0) }.prefix { $0 != "'" }) }
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

  /// The type of the numbers, nil if it is none that is read.
  ///
  /// NumPy has no bfloat16 of its own: ml_dtypes, and so JAX and TensorFlow, save it as two bytes
  /// without a meaning, `V2`.
  var type: ElementType? {
    guard descr != "bfloat16" else { return ElementType(kind: .bfloat16) }
    let kinds: [Substring: ElementType.Kind] = [
      "f2": .float16, "V2": .bfloat16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16,
      "i4": .int32, "i8": .int64, "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64,
    ]
    guard let order = descr.first, "<>|=".contains(order), let kind = kinds[descr.dropFirst()]
    else { return nil }
    return ElementType(kind: kind, isBigEndian: order == ">")
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

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Named tensors: the length of a header, a header in JSON, and the numbers.
///
/// Source: github.com/huggingface/safetensors, README, "Format".
struct SafetensorsFile: ArrayFile {
  static var part: NumberSource.Part? { .tensor }
  static var format: String { "a safetensors file" }
  /// A thousand tensors need 100 kB.
  private static let maximumHeaderBytes = 1 << 20

  let names: [String]
  private let tensors: [String: Tensor]
  private let numbers: FileBytes

  private struct Tensor {
    let type: String
    let shape: [Int]
    let range: Range<Int>
  }

  /// Reads the header.
  ///
  /// - Parameter bytes: the file.
  /// - Throws: `ArrayError` for a header that is none, or offsets that are not those of tensors one after
  ///   the other.
  init(_ bytes: FileBytes) throws(ArrayError) {
    guard bytes.count >= 8 else { throw ArrayError("the safetensors header is cut off") }
    let length = Int(clamping: bytes.integer(at: 0, as: UInt64.self))
    guard length <= Self.maximumHeaderBytes else {
      throw ArrayError(
        "the safetensors header claims \(length) bytes; at most \(Self.maximumHeaderBytes) are read"
      )
    }
    guard length <= bytes.count - 8 else { throw ArrayError("the safetensors header is cut off") }
    guard case .object(let members)? = JSON(parsing: bytes[8..<8 + length].array) else {
      throw ArrayError("the safetensors header is not an object in JSON")
    }
    numbers = bytes[8 + length..<bytes.count]
    var (names, tensors): ([String], [String: Tensor]) = ([], [:])
    for (name, value) in members where name != "__metadata__" {
      guard tensors[name] == nil else { throw ArrayError("it has several tensors '\(name)'") }
      guard let tensor = Self.tensor(value) else {
        throw ArrayError(
          "the header of tensor '\(name)' is not {\"dtype\": …, \"shape\": […], \"data_offsets\":"
            + " [begin, end]}")
      }
      names.append(name)
      tensors[name] = tensor
    }
    guard !names.isEmpty else { throw ArrayError("there are no tensors in it") }
    try Self.check(tensors, byteCount: numbers.count)
    (self.names, self.tensors) = (names.sorted(), tensors)
  }

  private static func tensor(_ value: JSON) -> Tensor? {
    guard case .object(let members) = value else { return nil }
    let entries = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
    guard entries.count == 3, case .string(let type)? = entries["dtype"],
      let shape = entries["shape"]?.integers,
      let offsets = entries["data_offsets"]?.integers, offsets.count == 2, offsets[0] <= offsets[1]
    else { return nil }
    return Tensor(type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Refuses tensors that overlap, and bytes that are no tensor's.
  private static func check(
    _ tensors: [String: Tensor], byteCount: Int
  ) throws(ArrayError) {
    let ordered = tensors.sorted {
      ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
        < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
    }
    var (end, last) = (0, "")
    for (name, tensor) in ordered {
      let start = tensor.range.lowerBound
      guard start >= end else { throw ArrayError("the tensors '\(last)' and '\(name)' overlap") }
      guard start == end else {
        throw ArrayError(
          "the bytes \(end)…\(start - 1) before tensor '\(name)' belong to no tensor")
      }
      (end, last) = (tensor.range.upperBound, name)
    }
    guard end <= byteCount else {
      throw ArrayError(
        "the file is cut off: the tensors take \(end) bytes, and there are \(byteCount)")
    }
    guard end == byteCount else {
      throw ArrayError("\(byteCount - end) bytes at the end belong to no tensor")
    }
  }

  func summary(of name: String) -> String {
    tensors[name].map { "\($0.type) \($0.shape)" } ?? ""
  }

  func array(_ name: String) throws(ArrayError) -> NumberArray {
    guard let tensor = tensors[name] else { throw ArrayError("there is no such tensor") }
    guard let kind = Self.kinds[tensor.type] else {
      throw ArrayError(
        "it holds \(tensor.type); \(Self.kinds.keys.sorted().joined(separator: ", ")) are read")
    }
    return try NumberArray(
      name: name, shape: tensor.shape, type: ElementType(kind: kind), bytes: numbers[tensor.range])
  }

  private static let kinds: [String: ElementType.Kind] = [
    "F16": .float16, "BF16": .bfloat16, "F32": .float32, "F64": .float64, "I8": .int8,
    "I16": .int16, "I32": .int32, "I64": .int64, "U8": .uint8, "U16": .uint16, "U32": .uint32,
    "U64": .uint64,
  ]
}

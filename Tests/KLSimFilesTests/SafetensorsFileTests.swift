// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// Safetensors files made by hand, good ones and bad.
@Suite struct SafetensorsFileTests {
  private static func file(_ header: String, bytes: Int = 8, length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0x3F, count: bytes)
  }

  private static func tensor(
    _ name: String, _ begin: Int, _ end: Int, type: String = "F32", shape: String = "[2]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(begin),\(end)]}"
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func numbers(_ bytes: [UInt8], _ name: String = "") throws -> [Double] {
    let path = try folder.write(bytes, to: "a.bin")
    return try NumberFile().numbers(NumberSource(path: path, .tensor, name: name))
  }

  @Test func tensorsAreReadByName() throws {
    // 0x3F3F3F3F, and 0x3F3F as bfloat16.
    let (single, half) = (
      Double(Float(bitPattern: 0x3F3F_3F3F)), Double(Float(bitPattern: 0x3F3F_0000))
    )
    let tensors = "\(Self.tensor("a", 0, 8)),\(Self.tensor("ü\\u0041", 8, 12, type: "BF16"))"
    let metadata = "{\"format\":\"pt\",\"n\":[-0.5e+3,0,1E2,10]}"
    let file = Self.file("{\"__metadata__\":\(metadata),\(tensors)}  ", bytes: 12)
    #expect(try numbers(file, "a") == [single, single])
    #expect(try numbers(file, "üA") == [half, half])
    #expect(throws: InputError.self) { try numbers(file) }
    #expect(try numbers(Self.file("{\(Self.tensor("only", 0, 8))}")) == [single, single])
  }

  static let bad: [(bytes: [UInt8], reason: String)] = [
    (file("{", length: 9), "not an object in JSON"),
    (file("{", bytes: 0, length: 9), "the safetensors header is cut off"),
    (file("{}", length: 1 << 30), "header claims 1073741824 bytes"),
    (file("{}", length: 1 << 56), "header claims 72057594037927936 bytes"),
    (file("{}"), "there are no tensors in it"),
    (file("{\"__metadata__\":{}}"), "there are no tensors in it"),
    (file("{\"a\":1}"), "the header of tensor 'a' is not {\"dtype\": …"),
    (file("{\(tensor("a", 0, 8, shape: "[-2]"))}"), "the header of tensor 'a'"),
    (file("{\(tensor("a", 0, 8, shape: "[2.0]"))}"), "the header of tensor 'a'"),
    (file("{\(tensor("a", 8, 0))}"), "the header of tensor 'a'"),
    (
      file("{\(tensor("a", 0, 9))}"),
      "the file is cut off: the tensors take 9 bytes, and there are 8"
    ),
    (file("{\(tensor("a", 0, 99999999))}"), "the tensors take 99999999 bytes, and there are 8"),
    (file("{\(tensor("a", 0, 8)),\(tensor("b", 8, 16))}"), "the tensors take 16 bytes"),
    (file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4,8]}}"), "tensor 'a'"),
    (file("{\(tensor("a", 0, 8)),\(tensor("a", 0, 8))}"), "several tensors 'a'"),
    (file("{\(tensor("a", 0, 8)),\(tensor("b", 4, 12))}", bytes: 12), "'a' and 'b' overlap"),
    (file("{\(tensor("a", 0, 8)),\(tensor("b", 0, 8))}"), "'a' and 'b' overlap"),
    (
      file("{\(tensor("a", 0, 8)),\(tensor("b", 9, 17))}", bytes: 17),
      "the bytes 8…8 before tensor 'b'"
    ),
    (file("{\(tensor("a", 0, 8))}", bytes: 11), "3 bytes at the end belong to no tensor"),
    (file("{\(tensor("a", 0, 8, shape: "[3]"))}"), "8 bytes of numbers where its shape needs 12"),
    (file("{\(tensor("a", 0, 8, shape: "[]"))}"), "0 dimensions"),
    (file("{\(tensor("a", 0, 8, shape: "[4611686018427387904,4]"))}"), "larger than any file"),
    (
      file("{\(tensor("a", 0, 8, type: "F8_E4M3", shape: "[8]"))}"),
      "it holds F8_E4M3; BF16, F16, F32"
    ),
    (file(String(repeating: "{\"a\":", count: 1000)), "not an object in JSON"),
  ]

  /// Words that C's `strtod` takes for numbers, and RFC 8259 does not.
  @Test(arguments: [
    "nan", "inf", "0x2", "+2", "02", "2.", ".5", "-", "2e", "2e+", "2 2", "-.5", "1_0", "Infinity",
  ])
  func onlyNumbersOfJSONAreNumbers(word: String) throws {
    for header in [
      tensorHeader(shape: "[\(word)]"), "{\"__metadata__\":\(word),\(Self.tensor("a", 0, 8))}",
    ] {
      let error = #expect(throws: InputError.self) { try numbers(Self.file(header)) }
      #expect(error?.description.contains("not an object in JSON") == true)
    }
  }

  private func tensorHeader(shape: String) -> String { "{\(Self.tensor("a", 0, 8, shape: shape))}" }

  @Test(arguments: bad)
  func damagedFilesAreRefused(bytes: [UInt8], reason: String) throws {
    let error = #expect(throws: InputError.self) { try numbers(bytes) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  /// Whatever is cut off or changed, the answer is an error or numbers, never a crash.
  @Test func damageNeverCrashes() throws {
    let whole = Self.file("{\(Self.tensor("a", 0, 8)),\(Self.tensor("b", 8, 16))}", bytes: 16)
    for count in 9..<whole.count {
      #expect(throws: InputError.self) { try numbers(Array(whole.prefix(count)), "a") }
    }
    var generator = SplitMix64(seed: 6)
    for _ in 0..<3000 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      do {
        #expect(try !numbers(damaged, "a").isEmpty)
      } catch let error as InputError {
        #expect(error.description.contains("a.bin"))
      }
    }
  }
}

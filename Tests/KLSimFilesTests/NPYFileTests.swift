// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Synchronization
import Testing

/// Arrays as NumPy writes them, and what is no such array.
@Suite struct NPYFileTests {
  /// A file of a header and numbers.
  private static func file(
    _ header: String, _ numbers: [UInt8] = [], version: UInt8 = 1, length: Int? = nil
  ) -> [UInt8] {
    let text = Array(header.utf8) + [UInt8(ascii: "\n")]
    let count = length ?? text.count
    let bytes = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + bytes + text + numbers
  }

  private static func header(
    _ shape: String, type: String = "<f8", order: String = "False"
  ) -> String {
    "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }      "
  }

  private static func doubles(_ values: [Double]) -> [UInt8] {
    values.flatMap { value in
      (0..<8).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt64($0))) }
    }
  }

  private static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
    }
  }

  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func contexts(_ bytes: [UInt8], name: String = "a.npy") throws -> [[Double]] {
    let path = try folder.write(bytes, to: name)
    let rows = try NumberFile().contexts(NumberSource(path: path))
    return (0..<rows.count).map { rows.row($0) }
  }

  static let six = [1.5, -2, 1e-300, .infinity, 0, 3]

  @Test(arguments: [1, 2, 3] as [UInt8], ["a.npy", "numbers"])
  func arraysAreRead(version: UInt8, name: String) throws {
    let bytes = Self.doubles(Self.six)
    let one = Self.file(Self.header("(6,)"), bytes, version: version)
    let two = Self.file(Self.header("(2, 3)"), bytes, version: version)
    let tall = Self.file(Self.header("(6, 1)"), bytes, version: version)
    #expect(try contexts(one, name: name) == [Self.six])
    #expect(try contexts(two, name: name) == [[1.5, -2, 1e-300], [.infinity, 0, 3]])
    #expect(try contexts(tall, name: name) == Self.six.map { [$0] })
  }

  /// Of an array of the shape (2, 3, 4).
  private var indices: [(Int, Int, Int)] {
    (0..<2).flatMap { i in (0..<3).flatMap { j in (0..<4).map { k in (i, j, k) } } }
  }

  /// The first two dimensions are one, in C order, whichever order the numbers are in.
  @Test(arguments: ["False", "True"])
  func threeDimensionsAreTwo(order: String) throws {
    var numbers = (0..<24).map(Double.init)
    if order == "True" {
      // The first index fastest, then the second.
      for (i, j, k) in indices { numbers[i + 2 * j + 6 * k] = Double(12 * i + 4 * j + k) }
    }
    let bytes = Self.file(Self.header("(2, 3, 4)", order: order), Self.doubles(numbers))
    #expect(try contexts(bytes) == (0..<6).map { row in (0..<4).map { Double(row * 4 + $0) } })
    let notes = Mutex<[String]>([])
    let reader = NumberFile { note in notes.withLock { $0.append(note) } }
    let path = folder("a.npy")
    _ = try reader.contexts(NumberSource(path: path))
    #expect(
      notes.withLock { $0 } == ["\(path): its shape [2, 3, 4] is read as [6, 4], one context a row"]
    )
  }

  @Test func singlePrecisionIsExact() throws {
    let values: [Float] = [0.1, -.leastNonzeroMagnitude, 3.4e38, 1]
    let bytes = Self.file(Self.header("(2, 2)", type: "<f4"), Self.floats(values))
    #expect(try contexts(bytes).flatMap { $0 } == values.map { Double($0) })
  }

  /// The very bytes of `numpy.save` for `numpy.array([[0.25, 0.75]], dtype="<f4")`.
  @Test func numpysOwnBytesAreRead() throws {
    let text =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }"
      + String(repeating: " ", count: 58)
    let bytes = Self.file(text, [0, 0, 0x80, 0x3E, 0, 0, 0x40, 0x3F])
    #expect(bytes.count == 128 + 8)
    #expect(try contexts(bytes) == [[0.25, 0.75]])
  }

  @Test func onlyOneRowIsAColumn() throws {
    let folder = try TemporaryFolder()
    let bytes = Self.doubles(Self.six)
    let row = try folder.write(Self.file(Self.header("(1, 6)"), bytes), to: "row.npy")
    let rows = try folder.write(Self.file(Self.header("(2, 3)"), bytes), to: "rows.npy")
    #expect(try NumberFile().numbers(NumberSource(path: row)) == Self.six)
    #expect(throws: InputError.self) { try NumberFile().numbers(NumberSource(path: rows)) }
    #expect(throws: InputError.self) {
      try NumberFile().numbers(NumberSource(path: row, name: "p"))
    }
    #expect(try NumberFile().table(path: rows).width == 3)
    let column = try folder.write(Self.file(Self.header("(6,)"), bytes), to: "column.npy")
    #expect(try NumberFile().table(path: column).count == 6)
  }

  static let bad: [(bytes: [UInt8], reason: String)] = [
    ([0x93] + Array("NUMPY".utf8), "header is cut off"),
    (file(header("(1,)"), doubles([1]), version: 4), "version 4.0 is not known"),
    (file(header("(1,)"), doubles([1]), version: 0), "version 0.0 is not known"),
    (Array(file(header("(1,)")).prefix(9)), "header is cut off"),
    (Array(file(header("(1,)"), version: 2).prefix(11)), "header is cut off"),
    (Array(file(header("(1,)")).prefix(40)), "header is cut off"),
    (file(header("(1,)"), doubles([1]), version: 2, length: 1 << 31), "claims 2147483648 bytes"),
    (file("{}"), "not {'descr'"),
    (file("{'descr': '<f8', 'shape': (1,), }", doubles([1])), "not {'descr'"),
    (file(header("(1,)", order: "No"), doubles([1])), "not {'descr'"),
    (file(header("(1, x)"), doubles([1])), "not {'descr'"),
    (file(header("(-1,)"), doubles([1])), "not {'descr'"),
    (file(header("(1,,2)"), doubles([1])), "not {'descr'"),
    (
      file("{'descr': [('p', '<f8'), ('n', '<i4')], 'fortran_order': False, 'shape': (1,), }"),
      "a structured array, [('p', '<f8'), ('n', '<i4')]; save one of its fields, such as array['p']"
    ),
    (file(header("(1,)", type: "<c8"), doubles([1])), "'<c8'; float16, bfloat16, float32"),
    (file(header("(1,)", type: "<f16"), doubles([1])), "save array.astype('float64')"),
    (file(header("(8,)", type: "|b1"), doubles([1])), "'|b1'"),
    (file(header("(1,)", type: "V8"), doubles([1])), "'V8'"),
    (file(header("(1,)", type: ""), doubles([1])), "''"),
    (file(header("(2,)", type: "|O"), doubles([1])), "Python objects"),
    (file(header("()"), doubles([1])), "0 dimensions"),
    (file(header("(1, 1, 1, 1)"), doubles([1])), "4 dimensions"),
    (file(header("(0,)")), "no numbers"),
    (file(header("(3, 0)")), "no numbers"),
    (file(header("(2,)"), doubles([1])), "8 bytes of numbers where its shape needs 16: it is cut"),
    (
      file(header("(1,)"), doubles([1, 2])), "16 bytes of numbers where its shape needs 8: it is l"
    ),
    (file(header("(2,)"), Array(doubles([1, 2]).dropLast())), "15 bytes"),
    (file(header("(4294967296, 4294967296)"), doubles([1])), "larger than any file"),
    (file(header("(99999999999999999999999, 2)"), doubles([1])), "larger than any file"),
    (file(header("(9223372036854775807,)"), doubles([1])), "larger than any file"),
  ]

  @Test(arguments: bad)
  func whatIsNoArrayIsRefused(bytes: [UInt8], reason: String) throws {
    let error = #expect(throws: InputError.self) { try contexts(bytes) }
    #expect(error?.description.contains("a.npy: ") == true)
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  #if os(Linux)
    /// Rows that were read do not stay in memory, also those narrower than a page.
    @Test func rowsThatWereReadAreReleased() throws {
      let (count, width, name) = (2048, 500, "narrow.npy")
      let numbers = [UInt8](repeating: 0, count: 8 * count * width)
      let path = try folder.write(Self.file(Self.header("(\(count), \(width))"), numbers), to: name)
      let rows = try NumberFile().contexts(NumberSource(path: path))
      for row in 0..<rows.count { #expect(rows.row(row).count == width) }
      // Of each mapping a line with the path, then lines such as "Rss:   64 kB".
      let file = try FileHandle(forReadingFrom: URL(filePath: "/proc/self/smaps"))
      let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
      let own = try #require(maps.components(separatedBy: name).dropFirst().first)
      let resident = try #require(own.firstMatch(of: /Rss: +(\d+) kB/)?.output.1)
      #expect(try #require(Int(resident)) <= 4096)
      #expect(rows.row(0).count == width)
    }
  #endif

  /// Whatever is cut off or changed, the answer is an error or numbers, never a crash.
  @Test func damagedFilesNeverCrash() throws {
    let whole = Self.file(Self.header("(2, 3)"), Self.doubles(Self.six))
    for count in whole.indices {
      #expect(throws: InputError.self) { try contexts(Array(whole.prefix(count))) }
    }
    var generator = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      var damaged = whole
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        damaged[Int.random(in: damaged.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      do {
        #expect(try !contexts(damaged).isEmpty)
      } catch let error as InputError {
        #expect(error.description.contains("a.npy"))
      }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimFiles
import Testing

/// Arrays of every type, order and container, as NumPy, ml_dtypes and safetensors write them; see
/// `Fixtures/make_arrays.py`.
@Suite struct ArrayFixtureTests {
  /// An array and the numbers that NumPy has in it.
  struct Fixture: CustomTestStringConvertible {
    let file: String
    let array: String
    var rows: [[Double]] = []

    var testDescription: String { "\(file) \(array)" }
  }

  static func path(_ name: String) -> String {
    Bundle.module.url(forResource: name, withExtension: nil, subdirectory: "Fixtures")?
      .path(percentEncoded: false) ?? name
  }

  static func fixtures() throws -> [Fixture] {
    var fixtures: [Fixture] = []
    let lines = try String(contentsOfFile: path("numbers.csv"), encoding: .utf8).split(
      separator: "\n")
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let (file, array) = (fields[0], fields[1])
      let (row, number) = (Int(fields[2]) ?? -1, try #require(Double(fields[4])))
      if fixtures.last?.file != file || fixtures.last?.array != array {
        fixtures.append(Fixture(file: file, array: array))
      }
      let place = fixtures.count - 1
      if fixtures[place].rows.count == row { fixtures[place].rows.append([]) }
      fixtures[place].rows[row].append(number)
    }
    return fixtures
  }

  @Test func numbersAreThoseOfNumPy() throws {
    let fixtures = try Self.fixtures()
    #expect(fixtures.count == 42)
    for fixture in fixtures {
      let part: NumberSource.Part = fixture.file.hasSuffix(".npz") ? .array : .tensor
      let source = NumberSource(path: Self.path(fixture.file), part, name: fixture.array)
      let rows = try NumberFile().contexts(source)
      let read = (0..<rows.count).map { rows.row($0) }
      // Bit by bit, so that −0 and nan are told apart; there is one nan.
      #expect(
        read.map { $0.map { $0.isNaN ? .nan : $0 }.map(\.bitPattern) }
          == fixture.rows.map { $0.map { $0.isNaN ? .nan : $0 }.map(\.bitPattern) },
        "\(fixture)")
    }
  }

  /// Half precision moves sums of probabilities from 1 by more than decimals may.
  @Test(arguments: [
    ("softmax-half.npy", ""), ("top-half.npz", ":tail=drop"), ("top-half.npz", ":tail=bucket"),
    ("top-half.npz", ":tail=uniform:vocabulary=40"), ("top-half-logprob.npz", ":tail=bucket"),
  ])
  func sumsOfHalfPrecisionAreTaken(file: String, tail: String) throws {
    let teacher = try Catalog.teacher(
      "file:path=\(Self.path(file))\(tail)", reader: NumberFile())
    #expect(teacher.component.contexts.count == 3)
  }

  @Test(arguments: [
    (
      "stored.npz",
      "there are several arrays, 'p' float64 [2, 9], 'half' float16 [8], 'counts' int64 [2, 2]"
    ),
    (
      "deflated.npz",
      "'p' float64 [2, 9], 'half' float16 [8], 'counts' int64 [2, 2]; name the one to"
    ),
    ("several.safetensors", "several tensors, 'bf16' BF16 [4, 2], 'f16' F16 [2, 4], 'f32' F32 [8]"),
  ])
  func oneOfSeveralMustBeNamed(file: String, reason: String) throws {
    let error = #expect(throws: InputError.self) {
      try NumberFile().contexts(NumberSource(path: Self.path(file)))
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func namesAreThoseOfTheFile() throws {
    func refusal(_ file: String, _ part: NumberSource.Part, _ name: String) -> String? {
      #expect(throws: InputError.self) {
        try NumberFile().contexts(NumberSource(path: Self.path(file), part, name: name))
      }?.description
    }
    #expect(
      refusal("stored.npz", .array, "q")?.contains("no array 'q'; there is 'p' float64") == true)
    #expect(
      refusal("stored.npz", .column, "p")?.contains(
        "an NPZ file has no columns; name one of its arrays")
        == true)
    #expect(
      refusal("one.safetensors", .array, "a")?.contains("one of its tensors by tensor=…") == true)
    #expect(refusal("float32.npy", .array, "p")?.contains("an NPY file has no array 'p'") == true)
    #expect(refusal("numbers.csv", .array, "p")?.contains("a CSV file has no array 'p'") == true)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

@testable import KLSimFiles

/// The second format: rows of any values read back as they were, and as they do from CSV.
@Suite struct JSONLinesTests {
  static let columns = [
    Column(key: "name", .text, "any"), Column(key: "count", .integer, "any"),
    Column("x", .number, "any"), Column("tvd", .number, "any"),
  ]

  @Test func aRowIsAnObject() {
    let bytes = RowFormat.jsonLines.table(
      Self.columns,
      rows: [
        ["a\"b\\c\n\u{1}é", Value(3), .number(0.1), .missing],
        ["", Value(-1), .number(.infinity), .number(.nan)],
      ])
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {"name":"a\\"b\\\\c\\u000a\\u0001é","count":3,"x":0.1,"tvd":null}
        {"name":"","count":-1,"x":"inf","tvd":"nan"}

        """)
  }

  @Test func bothFormatsReadBackAlike() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 7)
    for _ in 0..<50 {
      let rows: [[Value]] = (0..<5).map { _ in
        let scalars = (0..<4).map { _ in
          ["a", ",", "\"", "\\", "é", "\u{1F600}", " ", "null"].randomElement(using: &random) ?? ""
        }
        let numbers: [Double] = [
          .nan, .infinity, -.infinity, 0, -0.5, 1e300, .leastNonzeroMagnitude, 1.0 / 3,
        ]
        return [
          .text(scalars.joined()), Value(Int.random(in: -9...9, using: &random)),
          .number(numbers.randomElement(using: &random) ?? 0), .missing,
        ]
      }
      let tables = try RowFormat.all.map { format in
        try Table(
          path: folder.write(format.table(Self.columns, rows: rows), to: "t.\(format.name)"),
          numbers: ["x", "tvd"])
      }
      for table in tables {
        #expect(table.keys == ["name", "count", "x"])
        let (names, x) = (try table.labels("name"), try table.numbers("x"))
        for (place, row) in rows.enumerated() {
          #expect(row[0] == .text(names.texts[Int(names.codes[place])]))
          #expect(row[2] == .number(x[place]) || row[2].description == "nan" && x[place].isNaN)
        }
        #expect(try table.numbers("count").map { Value(Int($0)) } == rows.map { $0[1] })
        #expect(try table.numbers("tvd").allSatisfy(\.isNaN))
      }
    }
  }

  @Test func escapesOfOtherProgramsAreRead() throws {
    let folder = try TemporaryFolder()
    let table = try Table(
      path: folder.write(
        #"{ "a" : "\u00e9\ud83d\ude00\/\t" , "b" : true }"# + "\r\n", to: "t.jsonl"), numbers: [])
    #expect(try table.labels("a").texts == ["é😀/\t"])
    #expect(try table.labels("b").texts == ["true"])
  }

  static let bad: [(text: String, line: Int, reason: String)] = [
    ("", 0, "the file is empty"), ("[1]\n", 1, "an object '{…}' was expected"),
    ("{\"a\":1}\n{\"b\":1}\n", 2, "'b' where line 1 has other names, or another order"),
    ("{\"a\":1,\"b\":2}\n{\"a\":1}\n", 2, "1 values where line 1 has 2"),
    ("{\"a\":1} x\n", 1, "text after the object"), ("{\"a\":{}}\n", 1, "rows are flat"),
    ("{\"a\":\"x\n", 1, "a quote is not closed"), ("{\"a\":1}", 1, "is the file cut short?"),
    ("{\"a\":\"\\x\"}\n", 1, "has an escape that JSON does not know"),
    ("{a:1}\n", 1, "double quotes"),
    ("{\"a\":1\n", 1, "',' or '}' after a value"),
    ("{\"a\":1,\"a\":2}\n", 1, "several columns 'a'"),
  ]

  @Test(arguments: bad)
  func whatIsNoTableIsRefused(text: String, line: Int, reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "t.jsonl")
    let error = #expect(throws: InputError.self) { try Table(path: path, numbers: ["a"]) }
    guard case .malformed(_, line, let said) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(said.contains(reason), "\(said)")
  }
}

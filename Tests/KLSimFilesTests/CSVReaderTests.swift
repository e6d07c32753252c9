// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimTestSupport
import Testing

/// What is read as records, and what is refused on which line.
@Suite struct CSVReaderTests {
  private static func records(_ bytes: some Sequence<UInt8>) throws -> [CSVReader.Record] {
    let folder = try TemporaryFolder()
    var reader = try CSVReader(path: try folder.write(bytes, to: "table.csv"))
    var records: [CSVReader.Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }

  static let tables: [(text: String, fields: [[String]])] = [
    ("", []), ("\n", []), ("\n\n  \r\n", []), ("a", [["a"]]), ("a\n", [["a"]]),
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]), ("a\r1\r2\r", [["a"], ["1"], ["2"]]),
    ("a,b\n1,2\n\n\n", [["a", "b"], ["1", "2"]]), ("a\n1\r\n\r\n \n", [["a"], ["1"]]),
    ("a,\n", [["a", ""]]), (",", [["", ""]]), (",,\n,,\n", [["", "", ""], ["", "", ""]]),
    ("a\n\nb\n", [["a"], [""], ["b"]]), (" a , b \n", [[" a ", " b "]]),
    ("\"a\",\"b\"\n", [["a", "b"]]), ("\"a,b\",c\n", [["a,b", "c"]]), ("\"\",x\n", [["", "x"]]),
    ("\"say \"\"so\"\"\",1\n", [["say \"so\"", "1"]]), ("\"\"\"\"\n", [["\""]]),
    ("\"two\nlines\",1\r\n\"two\r\nlines\",2\n", [["two\nlines", "1"], ["two\r\nlines", "2"]]),
    ("\"a\"\r\n\"b\"", [["a"], ["b"]]), ("π,é😀\n", [["π", "é😀"]]),
    ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]), ("\u{FEFF}\"a\"\n", [["a"]]),
    ("\u{FEFF}", []), ("a,\u{301}b\n", [["a", "\u{301}b"]]),
  ]

  @Test(arguments: tables)
  func tablesAreRead(text: String, fields: [[String]]) throws {
    let actual = try Self.records(text.utf8).map(\.fields)
    // As bytes: text that only looks the same is not the same.
    #expect(actual.map { $0.map { Array($0.utf8) } } == fields.map { $0.map { Array($0.utf8) } })
  }

  @Test func recordsKnowTheirLines() throws {
    let lines = try Self.records("h,x\n\"a\nb\",1\nc,2\r\n\r\n".utf8).map(\.line)
    #expect(lines == [1, 2, 4])
  }

  static let malformed: [(text: String, line: Int, reason: String)] = [
    ("a,b\n1\n", 2, "1 field where line 1 has 2"), ("a\n1,2\n", 2, "2 fields where line 1 has 1"),
    ("a,b\n1,2\n1,2,3\n", 3, "3 fields where line 1 has 2"),
    ("a,b\n\n1,2\n", 2, "1 field where line 1 has 2"), ("a\n\"b\n", 2, "a quote is not closed"),
    ("\"", 1, "a quote is not closed"), ("a\n\"b\nc\nd", 2, "a quote is not closed"),
    ("\"a\"b\n", 1, "text after a closing quote"), ("a\n\"b\" \n", 2, "text after a closing quote"),
    ("a\n\"b\nc\"d\n", 3, "text after a closing quote"),
  ]

  @Test(arguments: malformed)
  func malformedTablesAreRefused(text: String, line: Int, reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "bad.csv")
    var reader = try CSVReader(path: path)
    #expect(throws: InputError.malformed(path: path, line: line, reason: reason)) {
      while try reader.next() != nil {}
    }
  }

  static let notUTF8: [[UInt8]] = [
    [0x61, 0xFF], [0x22, 0xC3, 0x22], [0x61, 0x0A, 0xED, 0xA0, 0x80],
  ]

  @Test(arguments: notUTF8)
  func whatIsNotUTF8IsRefused(bytes: [UInt8]) throws {
    let error = #expect(throws: InputError.self) { try Self.records(bytes) }
    let line = bytes.count { $0 == 0x0A } + 1
    guard case .malformed(_, line, "not UTF-8 text") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func absentFilesAreMissing() throws {
    let folder = try TemporaryFolder()
    let path = folder("none.csv")
    #expect(throws: InputError.missing(path: path)) { try CSVReader(path: path) }
    let below = try folder.write("x", to: "file") + "/none.csv"
    #expect(throws: InputError.missing(path: below)) { try CSVReader(path: below) }
  }

  @Test func foldersCannotBeRead() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InputError.self) { try CSVReader(path: folder.path) }
    guard case .unreadable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// Bytes at random: records or an error, and an end.
  @Test(arguments: 1...200)
  func anyBytesAreReadOrRefused(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let alphabet = Array("\"\",\n\r 1a\u{FEFF}\0".utf8)
    let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
      alphabet[Int.random(in: alphabet.indices, using: &generator)]
    }
    do {
      let records = try Self.records(bytes)
      #expect(Set(records.map(\.fields.count)).count <= 1)
      #expect(zip(records, records.dropFirst()).allSatisfy { $0.line < $1.line })
    } catch let error as InputError {
      #expect(!error.description.isEmpty)
    }
  }
}

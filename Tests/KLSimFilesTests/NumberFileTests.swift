// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Synchronization
import Testing

/// Columns of numbers, and what is wrong with files that have none.
@Suite struct NumberFileTests {
  static let columns: [(text: String, column: String, numbers: [Double])] = [
    ("1\n2\n", "", [1, 2]), ("1", "", [1]), ("p\n1\n2\n", "", [1, 2]), ("p\n1\n", "p", [1]),
    ("0.5\r\n-1e-3\r\n", "", [0.5, -1e-3]), (" 1\t\n 2 \n", "", [1, 2]),
    ("a,b\n1,2\n3,4\n", "b", [2, 4]), (" a , b \n1,2\n", "b", [2]),
    ("\"a,b\",c\n1,2\n", "a,b", [1]),
    ("token,p\nthe,0.5\nof,0.5\n", "p", [0.5, 0.5]), ("\u{FEFF}p\n1\n", "p", [1]),
    ("\u{FEFF}1\n2\n", "", [1, 2]), ("\"1\"\n\"2\"\n", "", [1, 2]), ("p\n1\n\n\n", "", [1]),
    ("p\ninf\n-inf\n", "", [.infinity, -.infinity]), ("p\n0x1p-1\n", "", [0.5]),
    ("p\n1e400\n", "", [.infinity]), ("1\n1\n1\n", "", [1, 1, 1]),
  ]

  @Test(arguments: columns)
  func columnsAreRead(text: String, column: String, numbers: [Double]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "numbers.csv")
    #expect(try NumberFile().numbers(NumberSource(path: path, name: column)) == numbers)
  }

  /// What is not a number at all is for the caller to judge, too.
  @Test func notANumberIsRead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("p\nnan\n", to: "numbers.csv")
    #expect(try NumberFile().numbers(NumberSource(path: path)).map(\.isNaN) == [true])
  }

  static let malformed: [(text: String, column: String, line: Int, reason: String)] = [
    ("", "", 0, "the file is empty"), ("\n \n", "", 0, "the file is empty"),
    ("\u{FEFF}", "", 0, "the file is empty"),
    ("p\n", "", 0, "there is no number below the header"),
    ("p\n1\nx\n", "", 3, "'x' is not a number"),
    ("1\n2\n1.5.2\n", "", 3, "'1.5.2' is not a number"),
    ("p\n1\n\n2\n", "", 3, "'' is not a number"), ("p\n1 2\n", "", 2, "'1 2' is not a number"),
    ("p\n\"1,5\"\n", "", 2, "'1,5' is not a number"),
    ("a,b\n1,2\n3,x\n", "b", 3, "'x' is not a number"),
    ("a,b\n\"1\n\",2\n3,x\n", "b", 4, "'x' is not a number"),
    (
      "1,2\n", "", 1,
      "2 columns without a header; name them in the first line"
    ),
    ("a,b\n1,2\n", "c", 1, "no column 'c'; there is 'a', 'b'"),
    ("a\n1\n", "A", 1, "no column 'A'; there is 'a'"),
    ("a,b,a\n1,2,3\n", "a", 1, "several columns 'a'; there is 'a', 'b', 'a'"),
    ("a,b\n1\n", "a", 2, "1 field where line 1 has 2"),
    ("p\n\"1\n", "", 2, "a quote is not closed"),
  ]

  @Test(arguments: malformed)
  func malformedFilesAreRefused(text: String, column: String, line: Int, reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "numbers.csv")
    let error = InputError.malformed(path: path, line: line, reason: reason)
    #expect(throws: error) { try NumberFile().numbers(NumberSource(path: path, name: column)) }
    #expect(
      error.description == (line > 0 ? "\(path), line \(line): \(reason)" : "\(path): \(reason)"))
  }

  @Test func oneOfSeveralColumnsMustBeNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a,b\n1,2\n", to: "numbers.csv")
    let error = InputError.ambiguous(path: path, part: .column, names: "'a', 'b'")
    #expect(throws: error) { try NumberFile().numbers(NumberSource(path: path)) }
    #expect(
      error.description
        == "\(path), line 1: there are several columns, 'a', 'b'; name the one to read by column=…")
  }

  /// A named column needs a header to be named in.
  @Test func withoutAHeaderThereAreNoNames() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("1\n2\n", to: "numbers.csv")
    #expect(throws: InputError.self) {
      try NumberFile().numbers(NumberSource(path: path, name: "p"))
    }
  }

  /// A text whose name says that it holds arrays is read for what it is, and the user is told.
  @Test func textInPlaceOfArraysIsTold() throws {
    let folder = try TemporaryFolder()
    let notes = Mutex<[String]>([])
    let reader = NumberFile { note in notes.withLock { $0.append(note) } }
    let path = try folder.write("1\n2\n", to: "p.npy")
    #expect(try reader.numbers(NumberSource(path: path)) == [1, 2])
    #expect(
      notes.withLock { $0 } == [
        "\(path): it is text, not an NPY, NPZ or safetensors file, and is read as CSV"
      ])
  }

  @Test func absentFilesAreMissing() throws {
    let path = try TemporaryFolder()("none.csv")
    #expect(throws: InputError.missing(path: path)) {
      try NumberFile().numbers(NumberSource(path: path))
    }
  }

  @Test func specialFilesAreReadAsWhatTheyHold() {
    #expect(throws: InputError.malformed(path: "/dev/null", line: 0, reason: "the file is empty")) {
      try NumberFile().numbers(NumberSource(path: "/dev/null"))
    }
  }
}

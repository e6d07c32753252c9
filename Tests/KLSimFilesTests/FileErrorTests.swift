// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimNumerics
import KLSimTestSupport
import Testing

/// The categories of errors with files, and messages in terms of files alone.
@Suite struct FileErrorTests {
  @Test(
    arguments: [
      (InputError.missing(path: "p"), .missingInput),
      (.unreadable(path: "p", reason: "it is a folder"), .inputOutput),
      (.malformed(path: "p", line: 2, reason: "not a number"), .badData),
      (.ambiguous(path: "p", part: .column, names: "'a', 'b'"), .badData),
    ] as [(InputError, ErrorCategory)])
  func inputs(error: InputError, category: ErrorCategory) {
    #expect(error.category == category)
    #expect(error.description.hasPrefix("p"))
    #expect(!namesAnOption(error.description))
  }

  @Test(
    arguments: [
      (OutputError.cannotCreate(path: "p", reason: "it is a folder"), .cannotCreate),
      (.cannotCreate(path: "", reason: "it is a folder"), .cannotCreate),
      (.cannotWrite(path: "p", reason: "no space left"), .inputOutput),
      (.closedPipe, .closedPipe),
    ] as [(OutputError, ErrorCategory)])
  func outputs(error: OutputError, category: ErrorCategory) {
    #expect(error.category == category)
    #expect(!namesAnOption(error.description))
  }

  /// Whatever is wrong with a table, what is said of it is said in terms of the table.
  @Test(arguments: [
    "", "p\n", "p\nx\n", "1,2\n", "a,b\n1,2\n", "p\n1,2\n", "p\n\"1\n", "p\n\"1\"2\n",
    "context,token\n1,2\n", "context,token,p\n0,-1,1\n", "context,token,p\n0,1,1\n",
    "context,token,p\n0,0,1\n0,0,1\n",
  ])
  func tables(text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "p.csv")
    let error = #expect(throws: InputError.self) {
      try NumberFile().contexts(NumberSource(path: path))
    }
    #expect(error?.category == .badData)
    #expect(error.map { namesAnOption($0.description) } == false)
  }

  /// A line may be as long as the file, and a table have any number of columns.
  @Test(arguments: [
    ("p\n\(String(repeating: "x", count: 100_000))y\n", "y' is not a number"),
    ((0..<20_000).map { "c\($0)" }.joined(separator: ",") + ",c7\n", "there is no number below"),
    ("\(String(repeating: "\u{301}", count: 100_000))\nx\n", "'x' is not a number"),
  ])
  func longTextsAreCut(text: String, says: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "p.csv")
    let error = #expect(throws: InputError.self) { try NumberFile().table(path: path) }
    let description = try #require(error?.description)
    #expect(description.contains(says) && description.unicodeScalars.count < 4000)
  }
}

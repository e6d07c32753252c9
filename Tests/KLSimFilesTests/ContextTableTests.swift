// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// Contexts in CSV, one number a line.
@Suite struct ContextTableTests {
  private func rows(
    _ text: String, column: String = ""
  ) throws -> (rows: [[Double]], labels: [String]) {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "t.csv")
    let rows = try NumberFile().contexts(path: path, column: column)
    return ((0..<rows.count).map { rows.row($0) }, rows.labels)
  }

  @Test func linesAreSortedIntoContexts() throws {
    let text = "context,token,p\nb,1,0.75\na,0,1\nb,0,0.25\na,1,0\n"
    let (rows, labels) = try rows(text)
    #expect(rows == [[0.25, 0.75], [1, 0]])
    #expect(labels == ["b", "a"])
  }

  @Test func columnsStandInAnyOrder() throws {
    let text = "p,note,token,context\n0.5,x,1,0\n2,y,0,0\n"
    #expect(try rows(text, column: "p").rows == [[2, 0.5]])
    #expect(throws: InputError.self) { try rows(text) }
  }

  /// Without both columns it is one context, as ever.
  @Test func otherTablesAreOneContext() throws {
    #expect(try rows("1\n2\n").rows == [[1, 2]])
    #expect(try rows("token,p\n0,1\n1,2\n", column: "p").rows == [[1, 2]])
    #expect(try rows("context,p\n0,1\n1,2\n", column: "p").rows == [[1, 2]])
    #expect(try rows("1\n2\n").labels.isEmpty)
  }

  @Test(arguments: [
    ("context,token,p\n0,0,1\n0,0,2\n", "line 3: context '0' has token 0 already"),
    ("context,token,p\n0,0,1\n1,1,2\n", "context '0' has no line for token 1"),
    ("context,token,p\nx,0,1\nx,2,2\n", "context 'x' has no line for token 1"),
    ("context,token,p\n0,-1,1\n", "line 2: '-1' is not a token index"),
    ("context,token,p\n0,16777216,1\n", "'16777216' is not a token index"),
    ("context,token,p\n0,one,1\n", "'one' is not a token index"),
    ("context,token,p\n0,0,x\n", "line 2: 'x' is not a number"),
    ("context,token\n0,0\n", "no column besides"),
    ("context,token,p,q\n0,0,1,2\n", "several columns, 'p', 'q'; name the one to read by column=…"),
  ])
  func whatIsIncompleteIsRefused(text: String, reason: String) throws {
    let error = #expect(throws: InputError.self) { try rows(text) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }
}

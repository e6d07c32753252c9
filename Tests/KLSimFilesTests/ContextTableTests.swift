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
    let rows = try NumberFile().contexts(NumberSource(path: path, name: column))
    return ((0..<rows.count).map { rows.row($0) }, rows.labels)
  }

  @Test func linesAreSortedIntoContexts() throws {
    let text = "context,token,p\nb,1,0.75\n a,0,1\n b\t,0,0.25\na,1,0\n"
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

  @Test func someTokensAreListed() throws {
    let folder = try TemporaryFolder()
    let text = "p,context,token,logprob\n1,b,7,-2\n1,a,0,-1\n1,b,3,-0.5\n"
    let path = try folder.write(text, to: "t.csv")
    let lists = try NumberFile().lists(NumberSource(path: path))
    #expect(
      lists.lists == [
        TokenLists.List(tokens: [3, 7], values: [-0.5, -2]),
        TokenLists.List(tokens: [0], values: [-1]),
      ])
    #expect(lists.labels == ["b", "a"])
    #expect((lists.name, lists.width) == ("logprob", 8))
    #expect(try NumberFile().lists(NumberSource(path: path, name: "p")).lists[1].values == [1])
  }

  @Test func oneContextNeedsNoName() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("token,logprob\n4,-1\n2,-2\n", to: "t.csv")
    let lists = try NumberFile().lists(NumberSource(path: path))
    #expect(lists.lists == [TokenLists.List(tokens: [2, 4], values: [-2, -1])])
    #expect(lists.labels.isEmpty)
  }

  @Test(arguments: [
    ("logprob\n-1\n", "needs the columns or arrays token and logprob"),
    ("token,logprob\n1,-1\n1,-2\n", "line 3: context 0 has token 1 already"),
    ("token,logprob\n-100,-1\n", "line 2: '-100' is not a token index"),
    ("token,p,q\n1,1,1\n", "several columns, 'p', 'q'"),
  ])
  func whatIsNoListIsRefused(text: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "t.csv")
    let error = #expect(throws: InputError.self) {
      try NumberFile().lists(NumberSource(path: path))
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  /// Arrays of an archive stand for columns; without `context` each row is one.
  @Test func arraysAreTables() throws {
    func archive(_ arrays: [(name: String, numbers: [Double])]) -> [UInt8] {
      ZIPArchiveTests.archive(
        arrays.map { ZIPArchiveTests.Entry("\($0.name).npy", ZIPArchiveTests.npy($0.numbers)) })
    }
    let folder = try TemporaryFolder()
    let (tokens, values) = (("token", [1.0, 0, 2]), ("logprob", [-1.0, -2, -3]))
    let one = try folder.write(archive([tokens, values]), to: "one.npz")
    #expect(
      try NumberFile().lists(NumberSource(path: one)).lists
        == [TokenLists.List(tokens: [0, 1, 2], values: [-2, -1, -3])])
    #expect(try NumberFile().lists(NumberSource(path: one)).labels.isEmpty)
    let two = try folder.write(archive([tokens, values, ("context", [9, 4, 9])]), to: "two.npz")
    let lists = try NumberFile().lists(NumberSource(path: two))
    #expect(lists.labels == ["9", "4"])
    #expect(lists.lists.map(\.tokens) == [[1, 2], [0]])
    for (arrays, reason) in [
      ([tokens, ("logprob", [-1.0])], "'logprob' has the shape [1] and 'token' [3]"),
      ([("token", [0.5]), ("logprob", [-1])], "'token' has 0.5 at index 0"),
      ([("token", [-1]), ("logprob", [-1])], "'token' has -1.0 at index 0"),
      ([("token", [.nan]), ("logprob", [-1])], "'token' has nan at index 0"),
      ([("token", [1, 1]), ("logprob", [-1, -2])], "context 0 has token 1 already"),
      (
        [("token", [1, 1]), ("logprob", [-1, -2]), ("context", [7, 7])],
        "context '7' has token 1 already"
      ),
      ([tokens], "no array besides 'token' float64 [3]"),
      (
        [tokens, ("p", [0, 0, 1]), ("q", [0, 0, 1])],
        "several arrays, 'p' float64 [3], 'q' float64 [3]; name"
      ),
    ] as [([(String, [Double])], String)] {
      let path = try folder.write(archive(arrays), to: "bad.npz")
      let error = #expect(throws: InputError.self) {
        try NumberFile().lists(NumberSource(path: path))
      }
      #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }
  }

  /// The numbers are those named `logprob`, else those of the only other name, in columns and in arrays,
  /// in tables of all tokens and of some.
  @Test(arguments: [
    (["context", "token", "p"], "p"), (["p", "logprob", "context", "token"], "logprob"),
    (["token", "context", "logprob", "rank"], "logprob"),
  ])
  func theNumbersAreFoundByTheSameRule(names: [String], expected: String) throws {
    let folder = try TemporaryFolder()
    func number(_ name: String, _ line: Int) -> Double {
      name == "context" ? 5 : name == "token" ? Double(line) : name == expected ? 7 : 9
    }
    let lines = (0..<2).map { line in
      names.map { "\(Int(number($0, line)))" }.joined(separator: ",") + "\n"
    }
    let csv = try folder.write(names.joined(separator: ",") + "\n" + lines.joined(), to: "t.csv")
    let npz = try folder.write(
      ZIPArchiveTests.archive(
        names.map { name in
          ZIPArchiveTests.Entry(
            "\(name).npy", ZIPArchiveTests.npy((0..<2).map { number(name, $0) }))
        }), to: "t.npz")
    for path in [csv, npz] {
      let (rows, lists) = (
        try NumberFile().contexts(NumberSource(path: path)),
        try NumberFile().lists(NumberSource(path: path))
      )
      #expect((rows.name, rows.labels, rows.row(0)) == (expected, ["5"], [7, 7]))
      #expect((lists.name, lists.labels, lists.lists[0].values) == (expected, ["5"], [7, 7]))
    }
  }
}

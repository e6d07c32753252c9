// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimFiles

@Suite struct TableTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func table(
    _ text: String, numbers: Set<String> = ["x"], texts: Set<String> = []
  ) throws -> Table {
    try Table(path: folder.write(text, to: "t.csv"), numbers: numbers, texts: texts)
  }

  @Test func columnsAreReadAsTheirKind() throws {
    let table = try table("a,x,b\nu,1.5,7\nv,,8\nu,inf,7\n")
    #expect(table.rowCount == 3)
    #expect(table.names == ["a", "x", "b"])
    #expect(try table.labels("a").texts == ["u", "v"])
    #expect(try table.labels("a").codes == [0, 1, 0])
    #expect(try table.numbers("b") == [7, 8, 7])
    let x = try table.numbers("x")
    #expect(x[0] == 1.5 && x[1].isNaN && x[2] == .infinity)
  }

  @Test(arguments: ["", "..", "../t.csv", "a/../../t.csv", "/t.csv", "t.csv\0"])
  func aDataPackageListsFilesOfItsFolder(path: String) throws {
    try folder.write("a,x\nu,1\n", to: "t.csv")
    try FileManager.default.createDirectory(
      atPath: folder("package"), withIntermediateDirectories: true)
    let resource = JSON.object([("path", .string(path))])
    try folder.write(
      JSON.object([("resources", .array([resource]))]).line, to: "package/datapackage.json")
    let error = #expect(throws: InputError.self) {
      try TableFiles(folder("package"), for: "a test") { _ in true }
    }
    #expect(error?.description.contains("one within the folder was expected") == true)
  }

  @Test func quotedFieldsAreUnquoted() throws {
    let table = try table("a\n\"say \"\"hi\"\", twice\"\n\"two\nlines\"\nplain\n")
    #expect(try table.labels("a").texts == ["say \"hi\", twice", "two\nlines", "plain"])
    let error = table.malformed(2, "wrong")
    #expect(error.description.hasSuffix("t.csv, line 5: wrong"))
  }

  @Test(
    arguments: [
      ("", "the file is empty"),
      ("a,x\n", "no row below the header"),
      ("a,a\n1,2\n", "several columns 'a'"),
      ("a,x\nu,1\nv\n", "line 3: 1 field where line 1 has 2"),
      ("a,x\nu,1\nv,2.", "line 3: the line does not end"),
      ("a,x\nu,1\nv,two\n", "line 3: x is 'two', which is not a number"),
      ("a,x\nu,1\n\"v,2\n", "line 3: a quote is not closed"),
    ])
  func badFilesAreRefused(text: String, reason: String) throws {
    let error = #expect(throws: InputError.self) { try table(text) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func resultsThatNobodyAsksForAreNotReadButNamed() throws {
    let text = "a,tvd,x\nu,not a number,1\n"
    let table = try table(text)
    #expect(!table.has("tvd") && table.has("x"))
    #expect(table.keys == ["a", "x"])
    #expect(try self.table(text, texts: ["tvd"]).labels("tvd").texts == ["not a number"])
    let error = #expect(throws: InputError.self) { try table.require(["z"], for: "it") }
    #expect(error?.description.hasSuffix("it needs the column z; there is a, tvd, x") == true)
  }

  @Test func rowsAreSelectedByTextOrNumber() throws {
    let table = try table("a,x\nu,1\nv,2\nw,1.0\n")
    func rows(_ selections: (String, String)...) throws -> [String] {
      let chosen = try table.selecting(selections.map { .init(column: $0.0, value: $0.1) })
      return try chosen.labels("a").texts
    }
    #expect(try rows(("a", "v")) == ["v"])
    #expect(try rows(("x", "1")) == ["u", "w"])
    #expect(try rows(("a", "v"), ("a", "w")) == ["v", "w"])
    #expect(try rows(("a", "w"), ("x", "1e0")) == ["w"])
    #expect(throws: InputError.self) { try rows(("a", "u"), ("x", "2")) }
    let error = #expect(throws: InputError.self) { try rows(("a", "q")) }
    #expect(error?.description.hasSuffix("no row has a=q; there is u, v, w") == true)
  }

  @Test func groupsAreThePartitionByTheColumns() throws {
    var random = SplitMix64(seed: 1)
    let keys = (0..<200).map { _ in
      (Int.random(in: 0..<4, using: &random), Bool.random(using: &random))
    }
    let table = Table(
      source: "memory",
      columns: [
        "a": .numbers(keys.map { Double($0.0) }), "b": .texts(keys.map { "\($0.1)" }),
      ])
    let groups = try table.groups(by: ["a", "b"])
    for (row, key) in keys.enumerated() {
      let first = groups.firstRows[groups.ofRow[row]]
      #expect(keys.firstIndex { $0 == key } == first)
    }
    #expect(groups.firstRows == groups.firstRows.sorted())
    #expect(try table.groups(by: []).count == 1)
  }

  /// Of any size: a million comparisons of each column or line with all others would take minutes.
  @Test func manyColumnsAndEmptyLinesAreRead() throws {
    let names = (0..<20_000).map { "c\($0)" }
    let error = #expect(throws: InputError.self) {
      try table((names + ["c7"]).joined(separator: ",") + "\n")
    }
    #expect(error?.description.hasSuffix("several columns 'c7'") == true)
    #expect(try table("a\n\(String(repeating: "\n", count: 300_000))b\n\n").rowCount == 300_001)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimStudies

@Suite struct TextTableTests {
  private let table = TextTable(
    header: ["name", "first", "b"], rows: [["one", "1", "22"], ["three", "10", "2"]])

  @Test func keysStandLeftAndValuesRight() {
    #expect(
      table.lines(width: 80) == [
        "name   first   b",
        "one        1  22",
        "three     10   2",
      ])
  }

  @Test func aTableAsWideAsTheWidthStays() {
    #expect(table.lines(width: 16).count == 3)
    #expect(table.lines(width: 15).count != 3)
  }

  /// Of many columns and few rows, the columns become rows.
  @Test func wideTablesTurn() {
    let wide = TextTable(header: ["k", "aa", "bb", "cc", "dd"], rows: [["x", "1", "2", "3", "4"]])
    #expect(wide.lines(width: 8) == ["k   x", "aa  1", "bb  2", "cc  3", "dd  4"])
  }

  /// What fits in neither way is cut into blocks, each with its keys.
  @Test func whatDoesNotFitIsCutIntoBlocks() {
    let square = TextTable(
      header: ["k", "aaa", "bbb"], rows: [["xxx", "1", "2"], ["yyy", "3", "4"]])
    #expect(
      square.lines(width: 8) == [
        "k    aaa", "xxx    1", "yyy    3", "", "k    bbb", "xxx    2", "yyy    4",
      ]
    )
  }

  @Test(arguments: 1...30)
  func linesFitAndNoCellIsLost(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let keyCount = Int.random(in: 1...2, using: &random)
    let columnCount = keyCount + Int.random(in: 1...8, using: &random)
    // Every cell is another, of 3 to 9 characters.
    var next = 99
    let rows = (0...Int.random(in: 1...8, using: &random)).map { _ in
      (0..<columnCount).map { _ in
        next += 1
        return "\(next)" + String(repeating: "x", count: Int.random(in: 0...6, using: &random))
      }
    }
    let table = TextTable(header: rows[0], rows: Array(rows.dropFirst()), keyCount: keyCount)
    for width in [31, 45, 60, 120] {
      let lines = table.lines(width: width)
      #expect(lines.allSatisfy { $0.count <= width && $0.last != " " })
      let words = Set(lines.flatMap { $0.split(separator: " ").map(String.init) })
      #expect(words == Set(rows.joined()))
    }
  }

  @Test func titlesBreakBetweenWords() {
    #expect(TextTable.title(["aa", "bb", "cc"], width: 80) == ["aa · bb · cc"])
    #expect(TextTable.title(["aa", "bb", "cc"], width: 7) == ["aa · bb", "  cc"])
    #expect(TextTable.title(["long word"], width: 3) == ["long word"])
  }
}

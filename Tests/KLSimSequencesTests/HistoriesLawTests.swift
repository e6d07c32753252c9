// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import Testing

@testable import KLSimSequences

/// Laws of the numbering of histories.
@Suite struct HistoriesLawTests {
  static let shapes = (2...4).flatMap { size in (0...4).map { (size, $0) } }

  /// Every list of at most k tokens, the shorter ones first, then in the order of their values in base V.
  private static func lists(_ size: Int, _ order: Int) -> [[Int]] {
    var (level, lists): ([[Int]], [[Int]]) = ([[]], [[]])
    for _ in 0..<order {
      level = level.flatMap { list in (0..<size).map { list + [$0] } }
      lists += level
    }
    return lists
  }

  @Test(arguments: shapes)
  func numbersAreThoseOfTheLists(_ size: Int, _ order: Int) throws {
    let histories = try Histories(vocabularySize: size, order: order)
    let lists = Self.lists(size, order)
    #expect(histories.count == lists.count)
    for (history, tokens) in lists.enumerated() {
      #expect(histories.tokens(of: history) == tokens)
      #expect(histories.history(of: tokens) == history)
      #expect(histories.length(of: history) == tokens.count)
      #expect(histories.range(after: tokens.count).contains(history))
    }
    #expect(histories.range(after: order + 3) == histories.range(after: order))
  }

  @Test(arguments: shapes)
  func successorsForgetTheOldestToken(_ size: Int, _ order: Int) throws {
    let histories = try Histories(vocabularySize: size, order: order)
    for (history, tokens) in Self.lists(size, order).enumerated() {
      for token in 0..<size {
        let next = Array((tokens + [token]).suffix(order))
        #expect(histories.tokens(of: histories.successor(of: history, token)) == next)
      }
    }
  }

  @Test(arguments: shapes, 0...4)
  func suffixesAreTheLastTokens(_ shape: (Int, Int), _ lower: Int) throws {
    let (size, order) = shape
    guard lower <= order else { return }
    let histories = try Histories(vocabularySize: size, order: order)
    let other = try Histories(vocabularySize: size, order: lower)
    for (history, tokens) in Self.lists(size, order).enumerated() {
      let suffix = histories.suffix(of: history, in: other)
      #expect(other.tokens(of: suffix) == Array(tokens.suffix(lower)))
      for token in 0..<size {
        #expect(
          histories.suffix(of: histories.successor(of: history, token), in: other)
            == other.successor(of: suffix, token))
      }
    }
  }

  @Test func tooManyAreRefused() {
    #expect(throws: SetupError.self) { try Histories(vocabularySize: 2, order: 24) }
    #expect(throws: SetupError.self) { try Histories(vocabularySize: 1 << 16, order: 8) }
    #expect(throws: Never.self) { try Histories(vocabularySize: 2, order: 22) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The states of a model that looks back on at most k tokens: every history of 0…k tokens.
///
/// A history c of t tokens has the number `(V^t − 1)/(V − 1)` + the value of c in base V, first token most
/// significant; so those of one length stand together. With k = T − 1 the states are the prefixes of
/// sequences of length T.
package struct Histories: Hashable, Sendable {
  /// The number of tokens, V ≥ 2.
  package let vocabularySize: Int
  /// The number of tokens of the longest histories, k ≥ 0.
  package let order: Int
  /// The number of the first history of each length, 0…k + 1; the last one is the number of histories.
  private let firsts: [Int]

  /// The most pairs of a history and a token that are possible.
  package static let maximumTransitions = 1 << 25

  /// - Parameters:
  ///   - vocabularySize: V, at least 2.
  ///   - order: k, at least 0.
  /// - Throws: `SetupError` if there are too many.
  package init(vocabularySize: Int, order: Int) throws(SetupError) {
    precondition(vocabularySize >= 2 && order >= 0, "at least two tokens")
    var firsts = [0]
    for _ in 0...order {
      let next = (firsts.last ?? 0).multipliedReportingOverflow(by: vocabularySize)
      guard !next.overflow, next.partialValue < Self.maximumTransitions / vocabularySize else {
        throw SetupError(
          "the histories of order \(order) over \(vocabularySize) tokens, times the tokens, are more than"
            + " \(Self.maximumTransitions); take a lower order, a shorter length or fewer tokens")
      }
      firsts.append(next.partialValue + 1)
    }
    (self.vocabularySize, self.order, self.firsts) = (vocabularySize, order, firsts)
  }

  /// The number of histories.
  package var count: Int { firsts[order + 1] }

  /// The histories that a sequence can have after some tokens: those of that length, or the longest.
  package func range(after length: Int) -> Range<Int> {
    let length = min(length, order)
    return firsts[length]..<firsts[length + 1]
  }

  /// The number of tokens of a history.
  package func length(of history: Int) -> Int {
    firsts.dropFirst().firstIndex { history < $0 }.map { $0 - 1 } ?? order
  }

  /// The history after one more token; of the oldest ones, a token beyond k is forgotten.
  package func successor(of history: Int, _ token: Int) -> Int {
    let child = history * vocabularySize + 1 + token
    guard child >= count else { return child }
    let longest = count - firsts[order]
    return firsts[order] + (child - count) % longest
  }

  /// The last tokens of a history, as the history of a model of lower or equal order.
  package func suffix(of history: Int, in other: Histories) -> Int {
    let length = length(of: history)
    guard length > other.order else { return history }
    let longest = other.count - other.firsts[other.order]
    return other.firsts[other.order] + (history - firsts[length]) % longest
  }

  /// The tokens of a history.
  package func tokens(of history: Int) -> [Int] {
    let length = length(of: history)
    var value = history - firsts[length]
    var tokens: [Int] = []
    for _ in 0..<length {
      tokens.append(value % vocabularySize)
      value /= vocabularySize
    }
    return tokens.reversed()
  }

  /// The history of some tokens, at most k.
  package func history(of tokens: some Sequence<Int>) -> Int {
    tokens.reduce(0) { $0 * vocabularySize + 1 + $1 }
  }
}

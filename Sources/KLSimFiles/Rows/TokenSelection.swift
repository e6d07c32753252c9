// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import RealModule

/// A choice of tokens by the teacher's rank: `all`, `top=k` or `log=k`.
package enum TokenSelection: Equatable, Sendable {
  /// Every token.
  case all
  /// The k most probable ones.
  case top(Int)
  /// k ranks that are about evenly spread on a logarithmic scale, with the first and the last.
  case log(Int)

  /// Reads a selection.
  ///
  /// - Throws: `SpecificationError` for anything else.
  package init(parsing text: String) throws(SpecificationError) {
    let parts = text.split(separator: "=", maxSplits: 1)
    let count = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    switch parts.first {
    case "all" where parts.count == 1: self = .all
    case "top" where count > 0: self = .top(count)
    case "log" where count > 0: self = .log(count)
    default:
      throw SpecificationError.unreadable(
        text, expected: "a selection of tokens: all, top=k or log=k, with k above 0")
    }
  }

  /// How many tokens of a vocabulary are selected.
  package func count(of size: Int) -> Int {
    switch self {
    case .all: size
    case .top(let count), .log(let count): min(count, size)
    }
  }

  /// The ranks that are selected, from 0, ascending.
  ///
  /// - Parameter size: the size of the vocabulary.
  /// - Returns: as many ranks as `count` says.
  package func ranks(of size: Int) -> [Int] {
    let count = count(of: size)
    guard case .log = self, count < size else { return Array(0..<count) }
    guard count > 1 else { return [0] }
    // Counted from 1; where a step would be less than a rank, the later ones become wider.
    var ranks = [1]
    for left in (1..<count).reversed() {
      let rank = Double(ranks[ranks.count - 1])
      let next = rank * Double.pow(Double(size) / rank, 1 / Double(left))
      ranks.append(max(Int(rank) + 1, Int(next.rounded())))
    }
    return ranks.map { $0 - 1 }
  }
}

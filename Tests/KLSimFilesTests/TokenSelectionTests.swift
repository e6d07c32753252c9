// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

@testable import KLSimFiles

@Suite struct TokenSelectionTests {
  @Test(arguments: [1, 2, 3, 10, 400, 5000], [1, 2, 7, 400, 5001, 151_936])
  func ranksAreAsManyAsAskedFor(count: Int, size: Int) {
    for selection in [TokenSelection.all, .top(count), .log(count)] {
      let ranks = selection.ranks(of: size)
      #expect(ranks.count == selection.count(of: size))
      #expect(ranks.count == (selection == .all ? size : min(count, size)))
      #expect(ranks.first == 0 && zip(ranks, ranks.dropFirst()).allSatisfy { $0 < $1 })
      #expect(ranks.allSatisfy { $0 < size })
    }
    #expect(TokenSelection.top(count).ranks(of: size) == Array(0..<min(count, size)))
  }

  @Test func logarithmicRanksHaveBothEnds() {
    #expect(TokenSelection.log(4).ranks(of: 1000) == [0, 9, 99, 999])
    // Neighbours at first, then by a ratio.
    let ranks = TokenSelection.log(100).ranks(of: 1 << 17)
    #expect(ranks.prefix(5) == [0, 1, 2, 3, 4] && ranks.last == (1 << 17) - 1)
    let late = ranks.suffix(40).map { Double($0 + 1) }
    let ratios = zip(late, late.dropFirst()).map { $1 / $0 }
    #expect((ratios.max() ?? 0) - (ratios.min() ?? 1) < 0.01)
  }

  @Test func textsAreRead() throws {
    #expect(try TokenSelection(parsing: "all") == .all)
    #expect(try TokenSelection(parsing: "top=1000") == .top(1000))
    #expect(try TokenSelection(parsing: "log=400") == .log(400))
    for text in ["", "al", "all=3", "top", "top=0", "top=-1", "log=x", "log=1.5", "4", "top=3,4"] {
      #expect(throws: SpecificationError.self) { try TokenSelection(parsing: text) }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimStudies

/// How the parts of a need add up.
@Suite struct MemoryNeedTests {
  private static var need: MemoryNeed {
    var need = MemoryNeed()
    need.shared = [.tokens: 1]
    need.item = [.tokens: 10, .samples: 5]
    need.result = [.records: 100]
    need.statistics = [.statistics: 1000]
    need.rows = [.records: 2000]
    need.waiting = [.records: 10_000]
    need.summary = [.seeds: 100_000]
    need.chunk = [.tokens: 1_000_000]
    need.itemCount = 5
    return need
  }

  /// One result of one item at a time; with more, as many again wait, but no more than there are.
  @Test(arguments: [(1, 1), (2, 4), (3, 5), (5, 5), (100, 5)])
  func resultsThatWait(jobs: Int, results: Int) {
    let parts: [Double] = [
      1, 15 * Double(min(jobs, 5)), 100 * Double(results), 1000, 2000, 10_000, 100_000,
    ]
    #expect(Self.need.parts(jobs: jobs, isSwept: false).total == parts.reduce(0, +))
  }

  /// Chunks have statistics, rows and teachers of their own, and no summary.
  @Test func chunksOfASweep() {
    // Shared, three items, five results, and three chunks.
    let parts: [Double] = [1, 3 * 15, 5 * 100, 3 * 1_003_000]
    #expect(Self.need.parts(jobs: 3, isSwept: true).total == parts.reduce(0, +))
  }

  @Test func theLargestPartsAreNamedFirst() {
    let limit = MemoryLimit(bytes: 1, source: .option, used: 0, jobs: 1)
    var need = MemoryNeed()
    need.itemCount = 1
    need.item = [.tokens: 50, .samples: 100, .snapshots: 10]
    let error = #expect(throws: MemoryError.self) { try limit.check(need) }
    #expect(error?.remedies == ["fewer `samples`", "fewer tokens"])
    #expect(error?.needed == 160)
    #expect(error?.fewer == nil)
  }

  @Test func fewerJobsThatFit() {
    let limit = MemoryLimit(bytes: 1100, source: .option, used: 100, jobs: 8)
    var need = MemoryNeed()
    (need.item, need.itemCount) = ([.tokens: 300], 6)
    let error = #expect(throws: MemoryError.self) { try limit.check(need) }
    #expect(error?.jobs == 6)
    #expect(error?.fewer?.jobs == 3)
    #expect(error?.fewer?.needed == 1000)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import KLSimStudies

/// Parallel work in order, with bounds on what runs and on what waits.
@Suite struct OrderedMapTests {
  @Test(arguments: [0, 1, 2, 50], [1, 2, 8])
  func itemsComeInOrder(count: Int, jobs: Int) async throws {
    var items: [Int] = []
    try await orderedMap(
      count: count, jobs: jobs, work: { $0 * $0 }, consume: { items.append($0) })
    #expect(items == (0..<count).map { $0 * $0 })
  }

  /// Blocks of seven that are worked on backwards come in order, and no more of them wait than a block.
  @Test(arguments: [1, 2, 8])
  func anotherOrderOfWorkIsPutRight(jobs: Int) async throws {
    var items: [Int] = []
    let done = Mutex<[Int]>([])
    try await orderedMap(
      count: 49, jobs: jobs, lead: 7, order: { $0 / 7 * 7 + 6 - $0 % 7 },
      work: { index in
        done.withLock { $0.append(index) }
        return index
      },
      consume: { item in
        items.append(item)
        #expect(done.withLock { $0.count } - items.count <= 7 + 2 * jobs)
      })
    #expect(items == Array(0..<49))
    if jobs == 1 { #expect(done.withLock { $0 }.prefix(3) == [6, 5, 4]) }
  }

  /// The error of the lowest index is thrown, whichever comes first.
  @Test(arguments: [1, 4])
  func theFirstErrorIsThrown(jobs: Int) async throws {
    struct Failure: Error, Equatable { let index: Int }
    await #expect(throws: Failure(index: 3)) {
      try await orderedMap(
        count: 10, jobs: jobs, lead: 10, order: { 9 - $0 },
        work: { if $0 >= 3 { throw Failure(index: $0) } }, consume: { _ in })
    }
  }

  @Test(arguments: [1, 2, 8])
  func jobsAndWaitingItemsAreBounded(jobs: Int) async throws {
    struct Counts {
      var (running, maximumRunning, started, consumed, maximumAhead) = (0, 0, 0, 0, 0)
    }
    let counts = Mutex(Counts())
    // Of one job at a time the next starts when it has been consumed.
    let limit = jobs == 1 ? 1 : 2 * jobs
    try await orderedMap(
      count: 200, jobs: jobs,
      work: { index in
        counts.withLock {
          $0.running += 1
          $0.started += 1
          $0.maximumRunning = max($0.maximumRunning, $0.running)
          $0.maximumAhead = max($0.maximumAhead, $0.started - $0.consumed)
        }
        // The first waits a while for more to start than may, and is overtaken by those that may.
        var patience = index == 0 ? 500_000 : 0
        while patience > 0, counts.withLock({ $0.started <= limit }) { patience -= 1 }
        counts.withLock { $0.running -= 1 }
      },
      consume: { counts.withLock { $0.consumed += 1 } })
    counts.withLock {
      #expect($0.started == 200 && $0.consumed == 200)
      #expect($0.maximumRunning <= jobs)
      #expect($0.maximumAhead <= limit)
    }
  }
}

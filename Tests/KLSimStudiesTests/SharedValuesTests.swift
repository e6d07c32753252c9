// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import KLSimStudies

/// Values are made once for all uses, and let go after the last.
@Suite struct SharedValuesTests {
  private final class Token: Sendable {}

  private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  @Test func aValueIsMadeOnceForAllItsUses() throws {
    let values = SharedValues<Int, Int>()
    var made = 0
    for round in 1...3 {
      for _ in 0..<4 {
        let value = try values.value(7, uses: 4) {
          made += 1
          return made
        }
        #expect(value == round)
      }
    }
    #expect(made == 3)
  }

  @Test func nothingIsKeptAfterTheLastUse() throws {
    let values = SharedValues<Int, Token>()
    weak let kept = try values.value(1, uses: 2) { Token() }
    #expect(kept != nil)
    _ = try values.value(1, uses: 2) { Token() }
    #expect(kept == nil)
  }

  @Test func whatHasNoRoomIsMadeEachTime() throws {
    let values = SharedValues<Int, Int>(capacity: 10)
    var made = 0
    func use(_ key: Int, size: Int) throws {
      _ = try values.value(key, uses: 2, size: size) {
        made += 1
        return made
      }
    }
    try use(1, size: 8)
    try use(2, size: 3)
    #expect(made == 2)
    try use(1, size: 8)
    // There is room now; but the second and last use of 2 keeps nothing.
    try use(2, size: 3)
    #expect(made == 3)
    try use(3, size: 10)
    try use(3, size: 10)
    #expect(made == 4)
  }

  @Test func whoComesWhileItIsMadeWaits() async throws {
    let values = SharedValues<Int, Int>()
    let made = Counter()
    await withTaskGroup(of: Int?.self) { group in
      for _ in 0..<8 {
        group.addTask { try? values.value(1, uses: 8) { made.next() } }
      }
      for await value in group { #expect(value == 1) }
    }
  }

  @Test func anErrorIsNotKept() throws {
    struct Failure: Error {}
    let values = SharedValues<Int, Int>()
    #expect(throws: Failure.self) { try values.value(1, uses: 3) { throw Failure() } }
    #expect(try values.value(1, uses: 3) { 5 } == 5)
  }
}

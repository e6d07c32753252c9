// SPDX-License-Identifier: GPL-3.0-or-later

/// Computes items in parallel and consumes them in order.
///
/// No more than `jobs` are computed at a time, and no more than twice as many wait.
///
/// - Parameters:
///   - count: how many items.
///   - jobs: how many at a time, at least 1.
///   - work: computes an item.
///   - consume: takes the items one at a time, by ascending index.
/// - Throws: the error of the first item that has one, or what `consume` throws.
package func orderedMap<Item: Sendable>(
  count: Int, jobs: Int, work: @escaping @Sendable (Int) throws -> Item,
  consume: (Item) throws -> Void
) async throws {
  if jobs == 1 {
    // No handing over between threads.
    for index in 0..<count { try consume(work(index)) }
    return
  }
  try await withThrowingTaskGroup(of: (index: Int, item: Result<Item, any Error>).self) { group in
    var started = 0
    var consumed = 0
    var running = 0
    var waiting: [Int: Result<Item, any Error>] = [:]
    while consumed < count {
      while started < count, running < jobs, started - consumed < 2 * jobs {
        let index = started
        group.addTask { (index, Result { try work(index) }) }
        started += 1
        running += 1
      }
      guard let done = try await group.next() else { break }
      running -= 1
      waiting[done.index] = done.item
      while let next = waiting.removeValue(forKey: consumed) {
        try consume(next.get())
        consumed += 1
      }
    }
  }
}

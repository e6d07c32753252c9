// SPDX-License-Identifier: GPL-3.0-or-later

/// A kind of study: its items of work, and how to run one.
///
/// To add a kind of experiment, conform to this; `StudyRunner` does the rest.
public protocol StudyKind: Sendable {
  /// A piece of work.
  associatedtype Item: WorkItem
  /// Its result.
  associatedtype Result: Sendable

  /// The number of items.
  var itemCount: Int { get }

  /// An item.
  ///
  /// - Parameter index: its index in the order in which results are handed over.
  /// - Returns: the item.
  func item(_ index: Int) -> Item

  /// The item that is run in a place of the order of work, a permutation.
  ///
  /// Items that share what is costly to prepare are run one after the other; their results wait until
  /// they are handed over.
  ///
  /// - Parameter place: in 0..<itemCount.
  /// - Returns: the index of the item.
  func index(at place: Int) -> Int

  /// The maximum number of items that are run before one of a lower index.
  var maximumLead: Int { get }

  /// Runs an item; may be called from several threads.
  ///
  /// - Throws: an error of the item, or `CancellationError`.
  func run(_ item: Item) throws -> Result
}

extension StudyKind {
  /// Items are run in the order in which they are handed over.
  public func index(at place: Int) -> Int { place }

  public var maximumLead: Int { 0 }
}

/// A piece of work of a study.
public protocol WorkItem: Sendable {
  /// Everything that determines the result, in canonical words: equal words, equal results.
  var words: [String] { get }
}

extension WorkItem {
  /// The identity of the item, the same in every study and on every machine.
  public var identity: ItemIdentity { ItemIdentity(of: words) }
}

/// The hash of an item's words: FNV-1a of 128 bits over UTF-8, with a zero byte after each word.
///
/// Source: draft-eastlake-fnv.
public struct ItemIdentity: Hashable, Sendable, CustomStringConvertible {
  private let hash: UInt128

  /// The identity of some words.
  public init(of words: [String]) {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for word in words {
      for byte in Array(word.utf8) + [0] {
        hash ^= UInt128(byte)
        hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
      }
    }
    self.hash = hash
  }

  /// 32 hexadecimal digits.
  public var description: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}

/// Runs the items of a study in parallel and hands over the results in order.
///
/// Memory is bounded by the number of jobs and the study's `maximumLead`, not by the number of items.
public struct StudyRunner: Sendable {
  private let jobs: Int

  /// A runner.
  ///
  /// - Parameter jobs: the number of items at a time, at least 1.
  public init(jobs: Int) {
    precondition(jobs > 0, "at least one job")
    self.jobs = jobs
  }

  /// Runs a study.
  ///
  /// - Parameters:
  ///   - study: the study.
  ///   - digest: turns a result into what is handed over; runs in parallel.
  ///   - consume: takes the digests one at a time, in the order of the items.
  /// - Throws: the first error in the order of the items, or an error of `consume`.
  public func run<Kind: StudyKind, Digest: Sendable>(
    _ study: Kind, digest: @escaping @Sendable (Kind.Result) throws -> Digest,
    consume: (Digest) throws -> Void
  ) async throws {
    try await orderedMap(
      count: study.itemCount, jobs: jobs, lead: study.maximumLead, order: study.index(at:),
      work: { try digest(study.run(study.item($0))) }, consume: consume)
  }
}

/// Computes items in parallel and consumes them in order.
///
/// At most `jobs` items are computed at a time, and at most `lead` and twice as many are kept.
///
/// - Parameters:
///   - count: the number of items.
///   - jobs: the number of items at a time, at least 1.
///   - lead: the maximum number of items that `order` puts before one of a lower index.
///   - order: the index of the item that is computed in a place of the order, a permutation.
///   - work: computes an item.
///   - consume: takes the items one at a time, by ascending index.
/// - Throws: the error of the first item with one, or an error of `consume`.
package func orderedMap<Item: Sendable>(
  count: Int, jobs: Int, lead: Int = 0, order: (Int) -> Int = { $0 },
  work: @escaping @Sendable (Int) throws -> Item, consume: (Item) throws -> Void
) async throws {
  // No machine runs more at a time, and twice as many can be counted.
  let jobs = min(jobs, count, 1 << 16)
  var waiting: [Int: Result<Item, any Error>] = [:]
  var consumed = 0
  func handOver(_ item: Result<Item, any Error>, index: Int) throws {
    waiting[index] = item
    while let next = waiting.removeValue(forKey: consumed) {
      try consume(next.get())
      consumed += 1
    }
  }
  if jobs == 1 {
    // On this thread: a task would cost time.
    for place in 0..<count {
      let index = order(place)
      try handOver(Result { try work(index) }, index: index)
    }
    return
  }
  try await withThrowingTaskGroup(of: (index: Int, item: Result<Item, any Error>).self) { group in
    var started = 0
    var running = 0
    while consumed < count {
      while started < count, running < jobs, started - consumed < 2 * jobs + lead {
        let index = order(started)
        group.addTask { (index, Result { try work(index) }) }
        started += 1
        running += 1
      }
      guard let done = try await group.next() else { break }
      running -= 1
      try handOver(done.item, index: done.index)
    }
  }
}

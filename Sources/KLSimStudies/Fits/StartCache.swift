// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import Synchronization

/// Initial logits that several objectives or optimizers share, up to a maximum of memory.
///
/// Beyond it they are drawn again, with the same values.
final class StartCache: Sendable {
  /// Everything that determines the initial logits of a batch.
  struct Key: Hashable, Sendable {
    /// The choices on the axes that determine it.
    let choices: [String]
    let contexts: Range<Int>
    let firstSeed: UInt64

    init(_ setup: Setup, _ contexts: Range<Int>, firstSeed: UInt64) {
      self.contexts = contexts
      choices = setup.specifications { $0.decidesStart }
      self.firstSeed = firstSeed
    }
  }

  private struct Entry {
    let start: [Double]
    var usesLeft: Int
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var count = 0
  }

  /// The maximum number of values that are kept: 16 MiB.
  private static let capacity = 1 << 21

  private let state = Mutex(State())

  /// The initial parameters of a key, drawn if they are not kept.
  ///
  /// - Parameters:
  ///   - key: what determines them.
  ///   - uses: the total number of calls with this key; after the last they are dropped.
  ///   - draw: draws them.
  /// - Returns: runs × parameters.
  /// - Throws: an error of `draw`.
  func start(_ key: Key, uses: Int, draw: () throws -> [Double]) rethrows -> [Double] {
    guard uses > 1 else { return try draw() }
    if let kept = state.withLock({ Self.take(key, from: &$0) }) { return kept }
    let start = try draw()
    state.withLock { state in
      guard state.entries[key] == nil, state.count + start.count <= Self.capacity else { return }
      state.entries[key] = Entry(start: start, usesLeft: uses - 1)
      state.count += start.count
    }
    return start
  }

  private static func take(_ key: Key, from state: inout State) -> [Double]? {
    guard var entry = state.entries[key] else { return nil }
    entry.usesLeft -= 1
    state.entries[key] = entry.usesLeft > 0 ? entry : nil
    if entry.usesLeft == 0 { state.count -= entry.start.count }
    return entry.start
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Keeps values that several threads and items of work need, each until its last use.
///
/// Two that ask for the same value at the same time do not make it twice: the second one waits.
final class SharedValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private final class Entry: Sendable {
    let value = Mutex<Value?>(nil)
  }

  private struct State {
    /// Without an entry where there was no room for the value.
    var entries: [Key: (entry: Entry?, size: Int, usesLeft: Int)] = [:]
    var size = 0
  }

  private let capacity: Int
  private let state = Mutex(State())

  /// Keeps nothing yet.
  ///
  /// - Parameter capacity: the sum of the sizes that it may keep at a time.
  init(capacity: Int = .max) {
    self.capacity = capacity
  }

  /// The value of a key, made if it is not there.
  ///
  /// - Parameters:
  ///   - key: what decides the value.
  ///   - uses: how often it is asked for in all.
  ///   - size: its size in the unit of the capacity; where there is no room, it is made each time.
  ///   - make: makes it.
  /// - Returns: the value.
  /// - Throws: what `make` throws.
  func value(_ key: Key, uses: Int, size: Int = 0, make: () throws -> Value) throws -> Value {
    guard uses > 1, let entry = entry(key, uses: uses, size: size) else { return try make() }
    return try entry.value.withLock { kept in
      if let kept { return kept }
      let value = try make()
      kept = value
      return value
    }
  }

  private func entry(_ key: Key, uses: Int, size: Int) -> Entry? {
    state.withLock { state in
      if var known = state.entries[key] {
        known.usesLeft -= 1
        state.entries[key] = known.usesLeft > 0 ? known : nil
        if known.usesLeft == 0 { state.size -= known.size }
        return known.entry
      }
      guard state.size <= capacity - size else {
        state.entries[key] = (nil, 0, uses - 1)
        return nil
      }
      let entry = Entry()
      state.entries[key] = (entry, size, uses - 1)
      state.size += size
      return entry
    }
  }
}

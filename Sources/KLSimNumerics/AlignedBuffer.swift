// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Doubles aligned to 64 bytes, undefined until they are written; the only owner of its memory.
@safe struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  // Unchecked: the memory has one owner, and moves from thread to thread with it.
  let base: UnsafeMutablePointer<Double>
  let count: Int

  init(count: Int) {
    self.count = count
    let kept = Self.freed.withLock { freed in
      freed.lastIndex { $0.count == count }.map { freed.remove(at: $0) }
    }
    if let kept {
      unsafe base = kept.base
    } else {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
      unsafe base = memory.bindMemory(to: Double.self, capacity: count)
    }
  }

  deinit {
    let own = unsafe Freed(base: base, count: count)
    let tooMany = Self.freed.withLock { freed in
      freed.append(own)
      var (first, total) = (freed.endIndex, 0)
      while first > 0, total + freed[first - 1].count <= Self.maximumFreed {
        first -= 1
        total += freed[first].count
      }
      defer { freed.removeFirst(first) }
      return Array(freed[..<first])
    }
    for buffer in tooMany { unsafe buffer.base.deallocate() }
  }

  /// Memory kept for the next buffer of the same size: new pages cost more than the passes over them.
  @safe private struct Freed: @unchecked Sendable {
    // Unchecked: it is passed on, never shared.
    let base: UnsafeMutablePointer<Double>
    let count: Int
  }

  private static let freed = Mutex<[Freed]>([])
  /// The maximum number of doubles that are kept, 32 MiB; the latest ones are.
  private static let maximumFreed = 1 << 22

  subscript(index: Int) -> Double {
    get {
      precondition(index >= 0 && index < count)
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  mutating func fill(_ range: Range<Int>, with value: Double) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    unsafe (base + range.lowerBound).update(repeating: value, count: range.count)
  }
}

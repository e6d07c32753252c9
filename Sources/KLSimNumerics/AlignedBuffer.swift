// SPDX-License-Identifier: GPL-3.0-or-later

/// Doubles at an address that suits every vector unit: the one owner of raw memory.
///
/// The contents are undefined until they are written.
@safe struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  // Unchecked: the memory has this one owner, and moves from thread to thread with it.
  let base: UnsafeMutablePointer<Double>
  let count: Int

  /// Room for so many doubles.
  init(count: Int) {
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 8, alignment: 64)
    unsafe base = memory.bindMemory(to: Double.self, capacity: count)
  }

  deinit {
    unsafe base.deallocate()
  }

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

  /// Sets a range to one value.
  mutating func fill(_ range: Range<Int>, with value: Double) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    unsafe (base + range.lowerBound).update(repeating: value, count: range.count)
  }
}

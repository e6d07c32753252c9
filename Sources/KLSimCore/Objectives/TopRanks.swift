// SPDX-License-Identifier: GPL-3.0-or-later

extension FitState {
  /// The ranks of the k largest q, the lower tokens first among equals; nil if q is NaN.
  package func topRanks(_ count: Int) -> [Int]? {
    let logs = logProbabilities
    guard count < logs.count, !logs[0].isNaN else { return nil }
    let candidates = Self.candidates(for: count, of: logs)
    let least = (candidates?.map { logs[$0] } ?? logs).largest(count)
    var (larger, equal): ([Int], [Int]) = ([], [])
    larger.reserveCapacity(count)
    for index in candidates ?? Array(logs.indices) where logs[index] >= least {
      if logs[index] > least { larger.append(index) } else { equal.append(index) }
    }
    if equal.count > 1 {
      let tokens = teacher.tokens
      equal.sort { tokens[$0] < tokens[$1] }
    }
    return larger + equal.prefix(count - larger.count)
  }

  /// The indices of the k largest values of many and some more, usually few; nil for all.
  private static func candidates(for count: Int, of values: [Double]) -> [Int]? {
    guard values.count >= 2048 else { return nil }
    // The k-th largest is hardly ever below this one of a sample.
    let sample = stride(from: 0, to: values.count, by: values.count / 1024).map { values[$0] }
    let expected = Double(count) * Double(sample.count) / Double(values.count)
    let place = Int(expected + 3 * expected.squareRoot()) + 2
    guard place <= sample.count else { return nil }
    let bound = sample.largest(place)
    let candidates = values.indices.filter { values[$0] >= bound }
    return candidates.count >= count ? candidates : nil
  }
}

extension [Double] {
  /// The `count`-th largest element; none is NaN.
  fileprivate func largest(_ count: Int) -> Double {
    // Hoare's selection. GSL's takes up to five times as long on values that are nearly in order, such as
    // the logits by rank of a trained student.
    var values = self
    var (low, high) = (0, values.count - 1)
    while low < high {
      let pivot = values[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while values[left] > pivot { left += 1 }
        while values[right] < pivot { right -= 1 }
        guard left <= right else { break }
        values.swapAt(left, right)
        left += 1
        right -= 1
      }
      if count - 1 <= right {
        high = right
      } else if count - 1 >= left {
        low = left
      } else {
        break
      }
    }
    return values[count - 1]
  }
}

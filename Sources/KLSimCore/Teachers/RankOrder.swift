// SPDX-License-Identifier: GPL-3.0-or-later

/// The tokens by descending probability; ties by descending logarithm, then ascending token.
///
/// Large vocabularies are first sorted by the leading bits of p: comparison alone is several times
/// slower, and would dominate the cost of a teacher.
///
/// - Parameters:
///   - probabilities: p by token, finite and at least 0.
///   - logProbabilities: `log p` by token.
/// - Returns: the token of each rank.
func rankOrder(_ probabilities: [Double], _ logProbabilities: [Double]) -> [Int] {
  func precedes(_ first: Int, _ second: Int) -> Bool {
    (probabilities[first], logProbabilities[first], second)
      > (probabilities[second], logProbabilities[second], first)
  }
  guard probabilities.count >= 1024 else { return probabilities.indices.sorted(by: precedes) }
  // The bits of numbers of at least 0 ascend with them; adding 0 turns -0 into 0.
  let keys = probabilities.map { ~($0 + 0).bitPattern >> RadixDigit.firstBit }
  var tokens = Array(probabilities.indices)
  for digit in RadixDigit.all { tokens = digit.sort(tokens, keys) }
  var start = 0
  while start < tokens.count {
    let key = keys[tokens[start]]
    var end = start + 1
    var isSorted = true
    while end < tokens.count, keys[tokens[end]] == key {
      isSorted = isSorted && precedes(tokens[end - 1], tokens[end])
      end += 1
    }
    if !isSorted { tokens[start..<end].sort(by: precedes) }
    start = end
  }
  return tokens
}

/// One of three digits of 11 bits.
private struct RadixDigit {
  /// Lower bits are left to the comparison.
  static let firstBit = 31
  static let all = [0, 11, 22].map(RadixDigit.init)

  let shift: Int

  func sort(_ tokens: [Int], _ keys: [UInt64]) -> [Int] {
    var places = [Int](repeating: 0, count: 1 << 11)
    for key in keys { places[value(key)] += 1 }
    guard !places.contains(keys.count) else { return tokens }
    var sum = 0
    for value in places.indices {
      (places[value], sum) = (sum, sum + places[value])
    }
    var sorted = tokens
    for token in tokens {
      let value = value(keys[token])
      sorted[places[value]] = token
      places[value] += 1
    }
    return sorted
  }

  private func value(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key >> shift) & 0x7ff }
}

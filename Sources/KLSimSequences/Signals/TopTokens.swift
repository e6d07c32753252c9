// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension World {
  /// Finds the k most probable tokens after every history; of equal ones those with the lower numbers.
  ///
  /// - Parameter count: k, at least 1.
  /// - Returns: whether a token is one of them, histories × V.
  /// - Throws: `SetupError` if there are fewer tokens.
  func areAmongTop(_ count: Int) throws(SetupError) -> [Bool] {
    let size = vocabularySize
    guard count <= size else {
      throw SetupError("k=\(count) is more than the teacher's \(size) tokens")
    }
    var areTop = [Bool](repeating: false, count: probabilities.count)
    for first in stride(from: 0, to: probabilities.count, by: size) {
      let order = (first..<first + size).sorted {
        (probabilities[$1], $0) < (probabilities[$0], $1)
      }
      for place in order.prefix(count) { areTop[place] = true }
    }
    return areTop
  }
}

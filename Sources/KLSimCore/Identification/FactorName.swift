// SPDX-License-Identifier: GPL-3.0-or-later

/// What a factor between a loss and an objective can come from.
package struct FactorName: Equatable, Sendable {
  private var isNegative = false
  /// The quantities above and below the line, such as `V` and `T²`.
  private var (above, below): ([String], [String]) = ([], [])
  private var value = 1.0
  private var complexity = 0

  private init() {}

  /// What a factor can be called.
  ///
  /// - Parameters:
  ///   - factor: c.
  ///   - vocabulary: V, nil if the points differ in it.
  ///   - points: N.
  ///   - temperature: T of the objective, nil for 1.
  ///   - tolerance: the relative difference that is allowed.
  /// - Returns: the simplest names; none if it is a plain number.
  package static func names(
    of factor: Double, vocabulary: Int?, points: Int, temperature: Double?, tolerance: Double
  ) -> [FactorName] {
    var all = [FactorName()]
    func multiply(_ name: String, _ value: Double, powers: [Int]) {
      let products = all.flatMap { base in powers.map { base.times(name, value, power: $0) } }
      all += products
    }
    multiply("2", 2, powers: [1, -1])
    if let temperature { multiply("T", temperature, powers: [-2, -1, 1, 2]) }
    if let vocabulary { multiply("V", Double(vocabulary), powers: [-2, -1, 1]) }
    if points > 1 { multiply("N", Double(points), powers: [-1, 1]) }
    let matching = all.filter { abs(abs(factor) / $0.value - 1) <= tolerance }
    let least = matching.map(\.complexity).min()
    return matching.filter { $0.complexity == least }.map { match in
      var named = match
      named.isNegative = factor < 0
      return named
    }
  }

  /// The name, such as `1/V`, `-1` or `V/T²/N`.
  package var text: String {
    (isNegative ? "-" : "") + (above.isEmpty ? "1" : above.joined(separator: "·"))
      + below.map { "/\($0)" }.joined()
  }

  private func times(_ name: String, _ number: Double, power: Int) -> FactorName {
    var product = self
    for _ in 0..<abs(power) {
      product.value = power > 0 ? product.value * number : product.value / number
    }
    let quantity = abs(power) == 1 ? name : "\(name)²"
    if power > 0 { product.above.append(quantity) } else { product.below.append(quantity) }
    product.complexity += 1
    return product
  }

  /// What it says about a loss; nil if there is nothing to say.
  package var meaning: String? {
    let said =
      (isNegative ? ["the sign is turned, the loss climbs the objective"] : [])
      + (above + below.map { "/\($0)" }).compactMap { Self.meanings[$0] }
    let isMean = below.contains("V") && below.contains("N")
    return said.isEmpty
      ? nil : said.joined(separator: "; ") + (isMean ? "; so does reduction='mean'" : "")
  }

  private static let meanings = [
    "T²": "T² is there twice", "T": "one T more than T²", "/T": "one T of T² is missing",
    "/T²": "T² is missing", "V": "a sum over the vocabulary of what is one already",
    "/V": "a mean over the vocabulary where the objective sums",
    "/V²": "a mean over the vocabulary, twice", "N": "a sum over the points of what is one already",
    "/N": "a mean over the points",
  ]
}

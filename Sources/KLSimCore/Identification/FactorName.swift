// SPDX-License-Identifier: GPL-3.0-or-later

/// What a factor between a loss and an objective can come from.
package struct FactorName {
  private let text: String
  private let value: Double
  private let complexity: Int

  /// What a factor can be called.
  ///
  /// - Parameters:
  ///   - factor: c.
  ///   - vocabulary: V, nil if the points differ in it.
  ///   - points: N.
  ///   - temperature: T of the objective, nil for 1.
  ///   - tolerance: the relative difference that is allowed.
  /// - Returns: the simplest names, such as `1/V`; none if it is a plain number.
  package static func names(
    of factor: Double, vocabulary: Int?, points: Int, temperature: Double?, tolerance: Double
  ) -> [String] {
    var all = [FactorName(text: "1", value: 1, complexity: 0)]
    func multiply(_ name: String, _ value: Double, powers: [Int]) {
      let products = all.flatMap { base in powers.map { base.times(name, value, power: $0) } }
      all += products
    }
    all.append(FactorName(text: "2", value: 2, complexity: 1))
    all.append(FactorName(text: "1/2", value: 0.5, complexity: 1))
    if let temperature { multiply("T", temperature, powers: [-2, -1, 1, 2]) }
    if let vocabulary { multiply("V", Double(vocabulary), powers: [-2, -1, 1]) }
    if points > 1 { multiply("N", Double(points), powers: [-1, 1]) }
    let matching = all.filter { abs(abs(factor) / $0.value - 1) <= tolerance }
    let least = matching.map(\.complexity).min()
    return matching.filter { $0.complexity == least }.map { (factor < 0 ? "-" : "") + $0.text }
  }

  private func times(_ name: String, _ number: Double, power: Int) -> FactorName {
    let exponent = abs(power) == 1 ? "" : "²"
    let factor = (0..<abs(power)).reduce(1.0) { value, _ in
      power > 0 ? value * number : value / number
    }
    let base = text == "1" ? "" : text
    let joined =
      power < 0
      ? "\(base.isEmpty ? "1" : base)/\(name)\(exponent)"
      : base.isEmpty ? "\(name)\(exponent)" : "\(base)·\(name)\(exponent)"
    return FactorName(text: joined, value: value * factor, complexity: complexity + 1)
  }

  /// What a name says about a loss; nil if there is nothing to say.
  package static func meaning(of name: String) -> String? {
    let isTurned = name.hasPrefix("-")
    let parts = name.drop { $0 == "-" }.split(separator: "/").map(String.init)
    let above = parts.first?.split(separator: "·").map(String.init) ?? []
    let below = parts.dropFirst().map { "/\($0)" }
    let said =
      (isTurned ? ["the sign is turned, the loss climbs the objective"] : [])
      + (above + below).compactMap { meanings[$0] }
    let isMean = below.contains("/V") && below.contains("/N")
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

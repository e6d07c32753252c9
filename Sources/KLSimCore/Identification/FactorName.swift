// SPDX-License-Identifier: GPL-3.0-or-later

/// What a factor between a loss and an objective can come from.
package struct FactorName {
  private let text: String
  private let value: Double
  private let complexity: Int

  /// The simplest names of a factor, such as `1/V`; none if it is a plain number.
  ///
  /// - Parameters:
  ///   - factor: c.
  ///   - vocabulary: V, nil if the points differ in it.
  ///   - points: N.
  ///   - temperature: T of the objective, nil for 1.
  ///   - tolerance: the relative difference that is allowed.
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

  /// What a name says about a loss.
  package static func meaning(of name: String) -> String? {
    switch name {
    case "1": nil
    case "-1": "the sign is turned: the loss climbs the objective"
    case "1/V": "a mean over the vocabulary where the objective sums"
    case "V": "a mean over the vocabulary is undone"
    case "1/N": "a mean over the points"
    case "1/V/N": "a mean over the points and over the vocabulary, as of reduction='mean'"
    case "1/T²": "T² is missing"
    case "1/T²/N": "T² is missing, and there is a mean over the points"
    case "T²": "T² is there twice"
    case "1/T": "one T of T² is missing"
    default: nil
    }
  }
}

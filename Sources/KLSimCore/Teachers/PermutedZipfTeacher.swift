// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Zipf's law with another exponent and another ranking in every context, as next-token distributions have.
///
///     p_i ∝ π(i)^−s,   s uniform on [min-exponent, max-exponent)
///
/// π is a permutation of 1…V that moves a share of the tokens, chosen and permuted at random: all of them
/// at shuffle = 1, while at 0 token i has rank i in every context.
package struct PermutedZipfTeacher: Teacher {
  package static let name = "permuted-zipf"
  package static let summary = "Zipf's law, its exponent and ranking drawn for every context"

  static let size = Parameter.size(1000)
  static let minimum = Parameter(
    "min-exponent", default: 0.8, .nonNegative, summary: "the smallest exponent s")
  static let maximum = Parameter(
    "max-exponent", default: 1.5, .nonNegative, summary: "the largest exponent s")
  static let shuffle = Parameter(
    "shuffle", default: 1.0, .range(0...1), summary: "share of the tokens whose ranks are permuted")
  package static let parameters: [any ParameterDeclaration] = [size, minimum, maximum, shuffle]

  package let size: Int
  let exponents: (low: Double, high: Double)
  let shuffle: Double
  /// `log r` of the ranks r = 1…V.
  private let logRanks: [Double]

  package init(_ values: Parameters) throws(SpecificationError) {
    size = values[Self.size]
    exponents = (values[Self.minimum], values[Self.maximum])
    guard exponents.low <= exponents.high else {
      throw .inconsistent(
        component: Self.name,
        "min-exponent=\(exponents.low) is above max-exponent=\(exponents.high)")
    }
    shuffle = values[Self.shuffle]
    logRanks = values.kernels.logarithms((1...size).map(Double.init))
  }

  package var isRandom: Bool { true }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    let exponent = stream.uniform(from: exponents.low, to: exponents.high)
    var weights = logRanks.map { -exponent * $0 }
    let moved = stream.permutation(of: size).prefix(Int((shuffle * Double(size)).rounded()))
    let ranked = moved.map { weights[$0] }
    for (place, weight) in zip(moved.sorted(), ranked) { weights[place] = weight }
    return .logarithmic(weights)
  }
}

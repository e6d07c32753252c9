// SPDX-License-Identifier: GPL-3.0-or-later

/// The first ⌈f·V⌉ ranks.
package struct RankHead: HeadRule {
  package static let name = "rank"
  package static let summary = "the first ⌈f·V⌉ ranks"

  static let fraction = Parameter<Double>(
    "rank", default: nil, .share, summary: "the fraction f of the vocabulary")
  package static let parameters: [any ParameterDeclaration] = [fraction]

  let fraction: Double

  package init(_ values: Parameters) {
    fraction = values[Self.fraction]
  }

  package func headCount(of teacher: TeacherDistribution) -> Int {
    let product = fraction * Double(teacher.size)
    // 0.07·100 is 7.000000000000001 in doubles, and means 7.
    let nearest = product.rounded()
    let count = abs(product - nearest) <= 1e-12 * product ? nearest : product.rounded(.up)
    return min(max(Int(count), 1), teacher.size)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Independent logits uniform on [low, high).
package struct UniformInitialization: Initialization {
  package static let name = "uniform"
  package static let summary = "logits uniform on [low, high)"

  static let low = Parameter("low", default: 0.0, summary: "lower end, included")
  static let high = Parameter("high", default: 1.0, summary: "upper end, excluded")
  package static let parameters: [any ParameterDeclaration] = [low, high]

  let low: Double
  let high: Double

  package init(_ values: Parameters) throws(SpecificationError) {
    (low, high) = (values[Self.low], values[Self.high])
    guard low < high, (high - low).isFinite else {
      throw .inconsistent(
        component: Self.name, "high=\(high) must be above low=\(low), by a finite number")
    }
  }

  package func logits(for teacher: TeacherDistribution, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return (0..<teacher.size).map { _ in stream.uniform(from: low, to: high) }
  }
}

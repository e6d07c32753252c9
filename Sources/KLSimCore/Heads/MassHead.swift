// SPDX-License-Identifier: GPL-3.0-or-later

/// The tokens that hold the mass μ of the teacher; the first rank is always head.
///
///     exclusive:  rank r is head iff p₀ + … + p_r ≤ μ
///     inclusive:  rank r is head iff p₀ + … + p_{r−1} < μ
///
/// μ = 1 makes every token head.
public struct MassHead: HeadRule {
  public static let name = "mass"
  public static let summary = "the most probable tokens up to the teacher mass μ"
  public static let reference =
    "Wu et al., arXiv 2404.02657, the authors' code (exclusive); DSKD, ToDi (inclusive)"

  /// What happens to the token that carries the mass across μ.
  public enum Rule: String, ParameterChoice {
    /// It is tail.
    case exclusive
    /// It is head.
    case inclusive
  }

  static let massParameter = Parameter<Double>(
    "mass", default: nil, .range(0...1), summary: "the mass μ")
  static let ruleParameter = Parameter(
    "rule", default: Rule.exclusive,
    summary: "whether the token that carries the mass across μ is head (inclusive)")
  public static let parameters: [any ParameterDeclaration] = [massParameter, ruleParameter]

  /// The mass μ, in 0…1.
  public let mass: Double
  /// What happens to the token that carries the mass across μ.
  public let rule: Rule

  public init(_ values: Parameters) {
    self.init(mass: values[Self.massParameter], rule: values[Self.ruleParameter])
  }

  /// The head of mass μ.
  ///
  /// - Parameters:
  ///   - mass: μ, in 0…1.
  ///   - rule: what happens to the token that carries the mass across μ.
  public init(mass: Double, rule: Rule = .exclusive) {
    self.mass = mass
    self.rule = rule
  }

  public func headCount(of teacher: TeacherDistribution) -> Int {
    guard mass < 1 else { return teacher.size }
    let cumulative = teacher.cumulative
    let count =
      switch rule {
      case .exclusive: cumulative.prefixCount { $0 <= mass }
      case .inclusive: cumulative.prefixCount { $0 < mass } + 1
      }
    return min(max(count, 1), teacher.size)
  }
}

extension [Double] {
  /// How many leading elements satisfy a condition that, once false, stays false.
  func prefixCount(where condition: (Double) -> Bool) -> Int {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range = condition(self[middle]) ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}

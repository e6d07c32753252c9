// SPDX-License-Identifier: GPL-3.0-or-later

/// The rule that says which tokens are head: a prefix in rank order.
///
/// Users write it as `name=value`, so its name is also the key of its first parameter.
public protocol HeadRule: Component {
  /// The number of ranks in the head, in 1…V.
  ///
  /// - Throws: `SetupError` if the teacher has no such head.
  func headCount(of teacher: TeacherDistribution) throws -> Int
}

/// The most probable tokens up to the teacher mass μ; the first rank is always head.
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

  /// Where the token at which the cumulative mass exceeds μ belongs.
  public enum Rule: String, ParameterChoice {
    /// To the tail.
    case exclusive
    /// To the head.
    case inclusive
  }

  static let mass = Parameter<Double>("mass", default: nil, .range(0...1), summary: "the mass μ")
  static let rule = Parameter(
    "rule", default: Rule.exclusive,
    summary:
      "where the token at which the cumulative mass exceeds μ belongs: tail (exclusive) or head"
      + " (inclusive)")
  public static let parameters: [any ParameterDeclaration] = [mass, rule]

  /// The mass μ, in 0…1.
  public let mass: Double
  /// Where the token at which the cumulative mass exceeds μ belongs.
  public let rule: Rule

  public init(_ values: Parameters) {
    self.init(mass: values[Self.mass], rule: values[Self.rule])
  }

  /// - Parameters:
  ///   - mass: μ, in 0…1.
  ///   - rule: where the token at which the cumulative mass exceeds μ belongs.
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

/// The first ⌈f·V⌉ ranks.
package struct RankHead: HeadRule {
  package static let name = "rank"
  package static let summary = "the first ⌈f·V⌉ ranks"

  static let fraction = Parameter<Double>(
    "rank", default: nil, .share, summary: "the fraction f of the vocabulary")
  package static let parameters: [any ParameterDeclaration] = [fraction]

  let fraction: Double

  package init(_ values: Parameters) { fraction = values[Self.fraction] }

  package func headCount(of teacher: TeacherDistribution) -> Int {
    let product = fraction * Double(teacher.size)
    // 0.07·100 is 7.000000000000001 in doubles, and means 7.
    let nearest = product.rounded()
    let count = abs(product - nearest) <= 1e-12 * product ? nearest : product.rounded(.up)
    return min(max(Int(count), 1), teacher.size)
  }
}

/// The first k ranks.
package struct CountHead: HeadRule {
  package static let name = "count"
  package static let summary = "the first k ranks"

  static let count = Parameter<Int>(
    "count", default: nil, .range(1...(1 << 24)), summary: "the number k of tokens")
  package static let parameters: [any ParameterDeclaration] = [count]

  let count: Int

  package init(_ values: Parameters) { count = values[Self.count] }

  package func headCount(of teacher: TeacherDistribution) throws(SetupError) -> Int {
    guard count <= teacher.size else {
      throw SetupError(
        "head rule count=\(count): the teacher has only \(teacher.size) tokens")
    }
    return count
  }
}

extension [Double] {
  /// The number of leading elements that satisfy a condition which, once false, stays false.
  func prefixCount(where condition: (Double) -> Bool) -> Int {
    var range = startIndex..<endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      range = condition(self[middle]) ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return range.lowerBound
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The first k ranks.
public struct CountHead: HeadRule {
  public static let name = "count"
  public static let summary = "the first k ranks"

  static let count = Parameter<Int>(
    "count", default: nil, .range(1...(1 << 24)), summary: "the number k of tokens")
  public static let parameters: [any ParameterDeclaration] = [count]

  let count: Int

  public init(_ values: Parameters) {
    count = values[Self.count]
  }

  public func headCount(of teacher: TeacherDistribution) throws(HeadRuleError) -> Int {
    guard count <= teacher.size else {
      throw HeadRuleError(
        description: "head rule count=\(count): the teacher has only \(teacher.size) tokens")
    }
    return count
  }
}

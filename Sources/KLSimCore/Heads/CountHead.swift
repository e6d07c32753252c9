// SPDX-License-Identifier: GPL-3.0-or-later

/// The first k ranks.
package struct CountHead: HeadRule {
  package static let name = "count"
  package static let summary = "the first k ranks"

  static let count = Parameter<Int>(
    "count", default: nil, .range(1...(1 << 24)), summary: "the number k of tokens")
  package static let parameters: [any ParameterDeclaration] = [count]

  let count: Int

  package init(_ values: Parameters) {
    count = values[Self.count]
  }

  package func headCount(of teacher: TeacherDistribution) throws(HeadRuleError) -> Int {
    guard count <= teacher.size else {
      throw HeadRuleError(
        description: "head rule count=\(count): the teacher has only \(teacher.size) tokens")
    }
    return count
  }
}

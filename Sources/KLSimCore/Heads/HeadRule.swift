// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What counts as head: a prefix of the tokens in rank order.
///
/// A user writes the rule as `name=value`; so its name is also the key of its first parameter.
public protocol HeadRule: Component {
  /// How many ranks are head, at least 1 and at most V.
  ///
  /// - Throws: `HeadRuleError` if the teacher has no such head.
  func headCount(of teacher: TeacherDistribution) throws -> Int
}

/// A head that a teacher does not have.
public struct HeadRuleError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .badData }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Choices that do not suit each other, such as a head of 100 tokens and a teacher of 80, or a file that
/// does not suit a teacher.
public struct SetupError: CategorizedError, Equatable {
  public let description: String
  /// `usage` of choices, `badData` where a file or the teacher's probabilities do not suit them.
  public let category: ErrorCategory

  /// An error.
  ///
  /// - Parameters:
  ///   - description: what does not suit what, and what would.
  ///   - category: `usage`, or `badData` for the contents of a file or of a teacher.
  public init(_ description: String, category: ErrorCategory = .usage) {
    self.description = description
    self.category = category
  }
}

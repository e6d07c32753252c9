// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Where a softmax student starts.
public protocol Initialization: Component {
  /// The initial logits by token index.
  ///
  /// - Parameters:
  ///   - teacher: the teacher, whose size says how many.
  ///   - seed: the experiment's seed; draws come from the stream seeded with the seed itself.
  /// - Returns: z.
  /// - Throws: `InitializationError` if there are no such logits for this teacher.
  func logits(for teacher: TeacherDistribution, seed: UInt64) throws -> [Double]
}

/// Initial logits that cannot be had for a teacher.
public struct InitializationError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .badData }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A study that cannot be run.
///
/// The description has the keys of the study in backticks, so that a command can name its options instead.
public struct StudyError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .usage }

  package init(_ description: String) {
    self.description = description
  }

  /// The keys that the description names, in its order.
  package var keys: [String] {
    description.split(separator: "`", omittingEmptySubsequences: false).enumerated().compactMap {
      $0.offset.isMultiple(of: 2) ? nil : String($0.element)
    }
  }

  /// The description with other names for the keys.
  ///
  /// - Parameter name: the name for a key, such as `--epochs`.
  /// - Returns: the text without backticks.
  public func description(naming name: (String) -> String) -> String {
    description.split(separator: "`", omittingEmptySubsequences: false).enumerated().map {
      $0.offset.isMultiple(of: 2) ? String($0.element) : name(String($0.element))
    }.joined()
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
public import KLSimNumerics

/// A study that cannot be run.
///
/// The text has the names of a study's keys in backticks, so that a command can name its options instead.
public struct StudyError: CategorizedError, Equatable {
  public let description: String

  public var category: ErrorCategory { .usage }

  package init(_ description: String) {
    self.description = description
  }

  /// The text with the keys named otherwise.
  ///
  /// - Parameter name: gives what to write for a key, such as `--epochs`.
  /// - Returns: the text without backticks.
  public func description(naming name: (String) -> String) -> String {
    description.split(separator: "`", omittingEmptySubsequences: false).enumerated().map {
      $0.offset.isMultiple(of: 2) ? String($0.element) : name(String($0.element))
    }.joined()
  }
}

/// Makes components of specifications and refuses the same one twice.
///
/// - Parameters:
///   - texts: the specifications.
///   - key: what they are of, for the error.
///   - make: makes one.
/// - Returns: the components, in the same order.
/// - Throws: `StudyError`, or what `make` throws.
package func distinct<Choice>(
  _ texts: [String], of key: String, make: (String) throws -> Chosen<Choice>
) throws -> [Chosen<Choice>] {
  var chosen: [Chosen<Choice>] = []
  for text in texts {
    let choice = try make(text)
    guard !chosen.contains(where: { $0.specification == choice.specification }) else {
      throw StudyError(
        "`\(key)`: \(choice.specification) is given twice; its rows would be duplicates")
    }
    chosen.append(choice)
  }
  return chosen
}

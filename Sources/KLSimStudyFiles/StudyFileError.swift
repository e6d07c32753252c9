// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A study file that cannot be read, or whose study cannot be run.
package struct StudyFileError: CategorizedError {
  /// The file.
  package let path: String
  /// Where the cause stands, nil for the whole file.
  package let place: YAMLPlace?
  /// The key at the top of the file that the cause belongs to, nil if it belongs to none.
  package let key: String?
  /// What is wrong, and what was expected.
  package let reason: String
  package let category: ErrorCategory
  /// The error of the study, nil if the file says none.
  package let cause: (any Error)?

  init(
    path: String, at place: YAMLPlace?, key: String? = nil, _ reason: String,
    category: ErrorCategory = .badData, cause: (any Error)? = nil
  ) {
    (self.path, self.place, self.key, self.reason) = (path, place, key, reason)
    (self.category, self.cause) = (category, cause)
  }

  package var description: String {
    let place = place.map { ", line \($0.line), column \($0.column)" } ?? ""
    // A reason that begins with the key needs no other.
    let named = key.flatMap { reason.hasPrefix("\($0) ") ? nil : "\($0): " } ?? ""
    return "\(path)\(place): \(named)\(reason)"
  }
}

/// A place in a text, counted from 1; columns are Unicode scalars.
package struct YAMLPlace: Equatable, Sendable {
  package let line: Int
  package let column: Int
}

/// A text of a file in quotes, for a message: at most 60 characters of it.
func quoted(_ text: String) -> String {
  text.count > 60 ? "'\(text.prefix(60))…'" : "'\(text)'"
}

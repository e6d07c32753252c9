// SPDX-License-Identifier: GPL-3.0-or-later

/// How a choice on an axis is written, for schemas of files; a text may have one of several forms.
package enum ChoiceForm: Sendable {
  /// The specification of a component.
  case component(any Kind)
  /// A number of at least a minimum, and below a bound if there is one.
  case number(from: Double, below: Double? = nil)
  /// A whole number of at least a minimum.
  case wholeNumber(from: Int)
  /// One of some words.
  case words([String])
  /// One of some words, `=`, and a number.
  case numbered([String])
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The kind of failure, which decides the command's exit code.
public enum ErrorCategory: Sendable, CaseIterable {
  /// The request is invalid: an unknown name, a value out of range, choices that exclude each other.
  case usage
  /// Data are invalid, or do not suit the request.
  case badData
  /// An input file does not exist.
  case missingInput
  /// A program that klsim runs is not installed.
  case missingProgram
  /// A library or an algorithm failed on valid input.
  case internalFault
  /// An output cannot be created.
  case cannotCreate
  /// Reading or writing failed.
  case inputOutput
  /// The reader of a pipe has closed it.
  case closedPipe
}

/// An error that states its category.
///
/// The description says what is wrong, where, and what was expected. It speaks of the module's own
/// terms, not of the command's options.
public protocol CategorizedError: Error, CustomStringConvertible {
  /// What kind of failure it is.
  var category: ErrorCategory { get }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// What kind of failure an error is, whatever its type.
public enum ErrorCategory: Sendable, CaseIterable {
  /// The request is invalid: an unknown name, a value out of range, choices that exclude each other.
  case usage
  /// Data are invalid, or do not fit what is to be done with them.
  case badData
  /// An input file does not exist.
  case missingInput
  /// A program to be run as a child process is not installed.
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
/// The description says what is wrong, where, and what was expected, in the terms of the module that
/// throws it; options of the command are no such terms.
public protocol CategorizedError: Error, CustomStringConvertible {
  /// What kind of failure it is.
  var category: ErrorCategory { get }
}

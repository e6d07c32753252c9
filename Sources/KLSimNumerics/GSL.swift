// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// The GNU Scientific Library, which supplies variates, statistics, linear algebra and
/// differential equations.
package enum GSL {
  /// The version of the linked library, such as `2.7.1`.
  package static var version: String {
    guard let text = unsafe cgsl_version() else { return "unknown" }
    return unsafe String(cString: text)
  }

  /// Turns off GSL's default error handler, which would end the process.
  ///
  /// It runs once; code in this module that calls GSL reads it first.
  static let withoutAborting: Void = { _ = unsafe gsl_set_error_handler_off() }()
}

/// An error that GSL reports.
package struct GSLError: CategorizedError, Equatable {
  /// The code, as `gsl_errno.h` numbers it.
  package let code: Int

  package var category: ErrorCategory { .internalFault }

  package var description: String {
    guard let text = unsafe gsl_strerror(Int32(code)) else { return "GSL error \(code)" }
    return unsafe "GSL: \(String(cString: text))"
  }

  /// Turns a status into an error unless it is success.
  static func check(_ code: Int32) throws(GSLError) {
    guard code == GSL_SUCCESS else { throw GSLError(code: Int(code)) }
  }
}

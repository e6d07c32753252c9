// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// The GNU Scientific Library: variates, statistics, linear algebra and differential equations.
package enum GSL {
  /// The version of the linked library, such as `2.7.1`.
  package static var version: String {
    unsafe cgsl_version().map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// Turns off GSL's default error handler, which would end the process.
  ///
  /// It runs once; code in this module reads it before it calls GSL.
  static let withoutAborting: Void = { _ = unsafe gsl_set_error_handler_off() }()
}

/// An error that GSL reports.
package struct GSLError: CategorizedError, Equatable {
  /// The code, as `gsl_errno.h` numbers it.
  package let code: Int

  package var category: ErrorCategory { .internalFault }

  package var description: String {
    unsafe gsl_strerror(Int32(code)).map { unsafe "GSL: \(String(cString: $0))" }
      ?? "GSL error \(code)"
  }
}

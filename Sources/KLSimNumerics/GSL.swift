// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// The GNU Scientific Library, which supplies variates and statistics.
public enum GSL {
  /// The version of the linked library, such as `2.7.1`.
  public static var version: String {
    guard let text = unsafe cgsl_version() else { return "unknown" }
    return unsafe String(cString: text)
  }

  /// Turns off GSL's default error handler, which would end the process.
  ///
  /// Everything in this module that calls GSL reads it first; it runs once.
  static let withoutAborting: Void = { _ = unsafe gsl_set_error_handler_off() }()
}

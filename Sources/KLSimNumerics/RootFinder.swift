// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// Roots of functions of one number.
package enum RootFinder {
  /// The root of a continuous function by the method of Brent and Dekker.
  ///
  /// - Parameters:
  ///   - low: one end of the bracket.
  ///   - high: the other, above `low`.
  ///   - function: its values at the ends are 0 or of different signs.
  /// - Returns: the root, to 4 units in the last place or where the bracket cannot shrink further.
  /// - Throws: `GSLError` if the signs are the same, or a value is not a number.
  package static func root(
    from low: Double, to high: Double, of function: @escaping (Double) -> Double
  ) throws(GSLError) -> Double {
    _ = GSL.withoutAborting
    guard let solver = unsafe cgsl_new_brent() else { throw GSLError(code: GSL_ENOMEM) }
    defer { unsafe gsl_root_fsolver_free(solver) }
    var function = function
    let status = unsafe withUnsafeMutablePointer(to: &function) { function in
      var problem = unsafe gsl_function(
        function: { x, function in
          guard
            let function = unsafe function?.assumingMemoryBound(to: ((Double) -> Double).self)
          else { return .nan }
          return unsafe function.pointee(x)
        }, params: function)
      return unsafe withUnsafeMutablePointer(to: &problem) { problem in
        var status = unsafe gsl_root_fsolver_set(solver, problem, low, high)
        guard Int(status) == GSL_SUCCESS else { return status }
        for _ in 0..<200 {
          status = unsafe gsl_root_fsolver_iterate(solver)
          guard Int(status) == GSL_SUCCESS else { return status }
          let (low, high) = unsafe (
            gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver)
          )
          // GSL's own test of the width never holds at a root of 0.
          guard low != high else { return status }
          status = gsl_root_test_interval(low, high, 0, 4 * .ulpOfOne)
          if Int(status) != GSL_CONTINUE { break }
        }
        return status
      }
    }
    guard Int(status) == GSL_SUCCESS else { throw GSLError(code: Int(status)) }
    return unsafe gsl_root_fsolver_root(solver)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// The beta distribution with the density `x^(a−1) (1−x)^(b−1) / B(a, b)` on [0, 1].
struct BetaDistribution {
  private let a: Double
  private let b: Double

  init(_ a: Double, _ b: Double) {
    self.a = a
    self.b = b
  }

  /// The quantile of a probability.
  ///
  /// It is found as a root of GSL's distribution function, because GSL's own quantile function
  /// (`gsl_cdf_beta_Pinv`, 2.7) does not converge for some a and b above 30.
  ///
  /// - Parameter probability: in (0, 1).
  /// - Returns: the quantile, to about 1e-15.
  /// - Throws: `StatisticsError` if GSL fails.
  func quantile(_ probability: Double) throws(StatisticsError) -> Double {
    _ = GSL.withoutAborting
    var problem = (a: a, b: b, probability: probability)
    guard let solver = unsafe cgsl_new_brent() else {
      throw StatisticsError(description: "no memory for a root finder")
    }
    defer { unsafe gsl_root_fsolver_free(solver) }
    let status = unsafe withUnsafeMutablePointer(to: &problem) { problem in
      var function = unsafe gsl_function(
        function: { x, problem in
          guard
            let problem = unsafe problem?.assumingMemoryBound(
              to: (a: Double, b: Double, probability: Double).self)
          else { return .nan }
          return unsafe gsl_cdf_beta_P(x, problem.pointee.a, problem.pointee.b)
            - problem.pointee.probability
        }, params: problem)
      return unsafe Self.solve(solver, &function)
    }
    guard Int(status) == GSL_SUCCESS else {
      throw StatisticsError(
        description: "GSL finds no quantile of the beta distribution with a = \(a), b = \(b)")
    }
    return unsafe gsl_root_fsolver_root(solver)
  }

  private static func solve(
    _ solver: UnsafeMutablePointer<gsl_root_fsolver>, _ function: inout gsl_function
  ) -> Int32 {
    var status = unsafe gsl_root_fsolver_set(solver, &function, 0, 1)
    var isOpen = Int(status) == GSL_SUCCESS
    var steps = 0
    while isOpen, steps < 200 {
      status = unsafe gsl_root_fsolver_iterate(solver)
      guard Int(status) == GSL_SUCCESS else { return status }
      status = unsafe gsl_root_test_interval(
        gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 0, 4 * .ulpOfOne)
      isOpen = Int(status) == GSL_CONTINUE
      steps += 1
    }
    return status
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// Least squares by GSL.
package enum LeastSquares {
  /// The weights of columns whose sum is nearest to a vector, by a singular value decomposition.
  ///
  /// - Parameters:
  ///   - columns: at least one, of one length, which is at least their number.
  ///   - target: the vector, as long.
  /// - Returns: one weight a column.
  /// - Throws: `GSLError`.
  package static func weights(
    of columns: [[Double]], nearestTo target: [Double]
  ) throws(GSLError) -> [Double] {
    _ = GSL.withoutAborting
    let (rows, width) = (target.count, columns.count)
    guard let matrix = unsafe gsl_matrix_alloc(rows, width),
      let right = unsafe gsl_vector_alloc(rows), let solution = unsafe gsl_vector_alloc(width),
      let covariance = unsafe gsl_matrix_alloc(width, width),
      let workspace = unsafe gsl_multifit_linear_alloc(rows, width)
    else { throw GSLError(code: Int(GSL_ENOMEM)) }
    defer {
      unsafe gsl_matrix_free(matrix)
      unsafe gsl_vector_free(right)
      unsafe gsl_vector_free(solution)
      unsafe gsl_matrix_free(covariance)
      unsafe gsl_multifit_linear_free(workspace)
    }
    for row in 0..<rows {
      unsafe gsl_vector_set(right, row, target[row])
      for (column, values) in columns.enumerated() {
        unsafe gsl_matrix_set(matrix, row, column, values[row])
      }
    }
    var squares = 0.0
    let status = unsafe gsl_multifit_linear(
      matrix, right, solution, covariance, &squares, workspace)
    guard Int(status) == GSL_SUCCESS else { throw GSLError(code: Int(status)) }
    return (0..<width).map { unsafe gsl_vector_get(solution, $0) }
  }

  /// A point near a start where the sum of squared residuals is least, by a trust region with derivatives from
  /// central differences.
  ///
  /// - Parameters:
  ///   - start: the unknowns, at least one.
  ///   - count: the number of residuals, at least as many.
  ///   - iterations: the most steps that are taken.
  ///   - residuals: the residuals at a point; nil where there are none.
  /// - Returns: the best of the points that were looked at; the start if it has no residuals.
  /// - Throws: `GSLError` if there is no memory.
  package static func minimum(
    from start: [Double], count: Int, iterations: Int,
    of residuals: @escaping ([Double]) -> [Double]?
  ) throws(GSLError) -> [Double] {
    _ = GSL.withoutAborting
    let size = start.count
    guard let solver = unsafe cgsl_new_trust_region(count, size),
      let first = unsafe gsl_vector_alloc(size)
    else { throw GSLError(code: Int(GSL_ENOMEM)) }
    defer {
      unsafe gsl_multifit_nlinear_free(solver)
      unsafe gsl_vector_free(first)
    }
    for (index, value) in start.enumerated() { unsafe gsl_vector_set(first, index, value) }
    var search = Search(best: start, residuals: residuals)
    unsafe withUnsafeMutablePointer(to: &search) { search in
      var problem = unsafe gsl_multifit_nlinear_fdf()
      unsafe problem.f = { unknowns, search, result in
        guard let search = unsafe search?.assumingMemoryBound(to: Search.self) else {
          return Int32(GSL_EFAULT)
        }
        let point = unsafe LeastSquares.numbers(of: unknowns)
        guard let values = unsafe search.pointee.values(at: point) else { return Int32(GSL_EDOM) }
        for (index, value) in values.enumerated() { unsafe gsl_vector_set(result, index, value) }
        return Int32(GSL_SUCCESS)
      }
      // GSL's own differences have steps in proportion to the unknowns, which vanish beside 0.
      unsafe problem.df = { unknowns, search, result in
        guard let search = unsafe search?.assumingMemoryBound(to: Search.self) else {
          return Int32(GSL_EFAULT)
        }
        let point = unsafe LeastSquares.numbers(of: unknowns)
        for column in point.indices {
          let step = 6e-6 * max(1, abs(point[column]))
          guard let after = unsafe search.pointee.values(at: point, moving: column, by: step),
            let before = unsafe search.pointee.values(at: point, moving: column, by: -step)
          else { return Int32(GSL_EDOM) }
          for row in after.indices {
            unsafe gsl_matrix_set(result, row, column, (after[row] - before[row]) / (2 * step))
          }
        }
        return Int32(GSL_SUCCESS)
      }
      unsafe problem.n = count
      unsafe problem.p = size
      unsafe problem.params = UnsafeMutableRawPointer(search)
      unsafe withUnsafeMutablePointer(to: &problem) { problem in
        guard Int(unsafe gsl_multifit_nlinear_init(first, problem, solver)) == GSL_SUCCESS else {
          return
        }
        for _ in 0..<iterations {
          let before = unsafe search.pointee.least
          guard Int(unsafe gsl_multifit_nlinear_iterate(solver)) == GSL_SUCCESS,
            unsafe search.pointee.least < before * 0.98
          else { return }
        }
      }
    }
    return search.best
  }

  fileprivate static func numbers(of vector: UnsafePointer<gsl_vector>?) -> [Double] {
    guard let vector = unsafe vector else { return [] }
    return unsafe (0..<vector.pointee.size).map { unsafe gsl_vector_get(vector, $0) }
  }

  /// The best point that was looked at.
  private struct Search {
    var best: [Double]
    var least = Double.infinity
    let residuals: ([Double]) -> [Double]?

    mutating func values(at point: [Double]) -> [Double]? {
      guard let values = residuals(point), values.allSatisfy(\.isFinite) else { return nil }
      let squares = values.reduce(0) { $0 + $1 * $1 }
      if squares < least { (best, least) = (point, squares) }
      return values
    }

    mutating func values(
      at point: [Double], moving column: Int, by step: Double
    ) -> [Double]? {
      var moved = point
      moved[column] += step
      return values(at: moved)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// A symmetric matrix, positive semidefinite up to rounding.
package struct SymmetricMatrix: Sendable {
  private let size: Int
  /// Row by row.
  private let elements: [Double]

  /// The sum of `wᵢ vᵢ vᵢᵀ` over samples i.
  ///
  /// - Parameters:
  ///   - components: the vectors v, one list per component, with one value per sample.
  ///   - weights: w, one per sample.
  package init(sumOfSquaresOf components: [[Double]], weights: [Double]) {
    precondition(components.allSatisfy { $0.count == weights.count }, "one value per sample")
    size = components.count
    elements = components.flatMap { row in
      components.map { column in
        weights.indices.reduce(0) { $0 + weights[$1] * row[$1] * column[$1] }
      }
    }
  }

  /// Solves `(A + λ I) x = b` by the eigenvalues of A.
  ///
  ///     x = Σₖ vₖ (vₖᵀ b) / (max(aₖ, 0) + λ)
  ///
  /// An eigenvalue that rounding has made negative counts as 0, so that nothing is divided by less
  /// than λ.
  ///
  /// - Parameters:
  ///   - right: b.
  ///   - damping: λ, above 0.
  /// - Returns: x; NaN throughout if an element of A or b is not finite.
  /// - Throws: `GSLError`.
  package func solve(_ right: [Double], damping: Double) throws(GSLError) -> [Double] {
    precondition(right.count == size && damping > 0)
    guard size > 0 else { return [] }
    guard elements.allSatisfy(\.isFinite), right.allSatisfy(\.isFinite) else {
      return [Double](repeating: .nan, count: size)
    }
    let (values, vectors) = try eigen()
    var solution = [Double](repeating: 0, count: size)
    for k in 0..<size {
      var projection = 0.0
      for row in 0..<size { projection += vectors[row * size + k] * right[row] }
      let scale = projection / (max(values[k], 0) + damping)
      for row in 0..<size { solution[row] += scale * vectors[row * size + k] }
    }
    return solution
  }

  /// The eigenvalues, and the eigenvectors as columns.
  private func eigen() throws(GSLError) -> (values: [Double], vectors: [Double]) {
    GSL.withoutAborting
    var source = elements
    var values = [Double](repeating: 0, count: size)
    var vectors = elements
    guard let workspace = unsafe gsl_eigen_symmv_alloc(size) else {
      throw GSLError(code: GSL_ENOMEM)
    }
    defer { unsafe gsl_eigen_symmv_free(workspace) }
    let status = unsafe source.withUnsafeMutableBufferPointer { source in
      unsafe values.withUnsafeMutableBufferPointer { values in
        unsafe vectors.withUnsafeMutableBufferPointer { vectors in
          var a = unsafe gsl_matrix_view_array(source.baseAddress, size, size)
          var e = unsafe gsl_vector_view_array(values.baseAddress, size)
          var v = unsafe gsl_matrix_view_array(vectors.baseAddress, size, size)
          return unsafe gsl_eigen_symmv(&a.matrix, &e.vector, &v.matrix, workspace)
        }
      }
    }
    guard status == GSL_SUCCESS else { throw GSLError(code: Int(status)) }
    return (values, vectors)
  }
}

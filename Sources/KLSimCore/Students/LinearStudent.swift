// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Logits linear in d parameters, `z = Φθ`: an exponential family.
///
/// Forward KL matches the features' means, `Φᵀ q = Φᵀ p`. The features are
///
///     polynomial  Chebyshev polynomials T₁…T_d of the position, scaled to [−1, 1]
///     random      independent draws from N(0, 1/d), the same for every seed of a run
///     file        a table of V rows and d columns
///
/// It starts at θ = 0, the uniform distribution, plus noise of standard deviation `spread`.
package struct LinearStudent: Student {
  package static let name = "linear"
  package static let summary = "logits linear in few parameters, z = Φθ"
  package static let formula = "z = Φθ"

  package enum Features: String, ParameterChoice {
    case polynomial
    case random
    case file
  }

  static let features = Parameter(
    "features", default: Features.polynomial, summary: "the source of Φ")
  static let dimension = Parameter(
    "dimension", default: 4, .range(1...4096), summary: "number d of polynomial or random features")
  static let featureSeed = Parameter(
    "feature-seed", default: 1, .range(0...Int(UInt32.max)), summary: "seed of random features")
  static let path = Parameter(
    "path", default: "", summary: "the table of features=file, CSV with a header or NPY")
  package static let parameters: [any ParameterDeclaration] = [
    features, dimension, featureSeed, path, startSpread,
  ]

  private let values: Parameters
  /// The rows of the file, by token.
  private let table: [[Double]]

  package init(_ values: Parameters) throws {
    self.values = values
    let features = values[Self.features]
    for (key, choice) in [
      (Self.featureSeed.name, Features.random), (Self.path.name, .file),
    ] where features != choice && values.isChanged(key) {
      throw SpecificationError.inconsistent(
        component: Self.name, "\(key)=… goes with features=\(choice.rawValue) only")
    }
    table = features == .file ? try Self.table(values) : []
  }

  /// The number of features.
  private var features: Int { table.first?.count ?? values[Self.dimension] }

  private static func table(_ values: Parameters) throws -> [[Double]] {
    let path = values[path]
    guard !path.isEmpty else {
      throw SpecificationError.missing(
        component: name, key: Self.path.name, expected: "the table of features=file")
    }
    guard !values.isChanged(dimension.name) else {
      throw SpecificationError.inconsistent(
        component: name, "features=file takes its dimension from the table; leave out dimension=…")
    }
    let rows = try values.reader.table(path: path)
    return try (0..<rows.count).map { token in
      let row = rows.row(token)
      if let bad = row.first(where: { !$0.isFinite }) {
        throw SetupError(
          "\(path): token \(token) has the feature \(bad), not a finite number", category: .badData)
      }
      return row
    }
  }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    // The features by token, an array each, and by rank, and the centred columns of the Jacobian.
    let count = features
    return StudentSize(
      parameters: contexts * count, working: (count + 8 + contexts * count) * size,
      workingPerContext: (count + 1) * size)
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) throws -> any StudentModel {
    let rows = try rows(positions())
    let zeros = rows[0].map { _ in 0.0 }
    return perContext(teachers) { teacher in
      LinearModel(
        name: Self.name,
        features: zeros.indices.map { column in teacher.tokens.map { rows[$0][column] } },
        start: zeros, spread: values[startSpread])
    }
  }

  /// Φ by token.
  private func rows(_ positions: [Double]) throws(SetupError) -> [[Double]] {
    let dimension = values[Self.dimension]
    switch values[Self.features] {
    case .polynomial:
      let range = PositionRange(positions)
      return positions.map { position in
        let x = 2 * (position - range.first) / range.length - 1
        var polynomials = [1, x]
        while polynomials.count <= dimension {
          let degree = polynomials.count
          polynomials.append(2 * x * polynomials[degree - 1] - polynomials[degree - 2])
        }
        return Array(polynomials[1...dimension])
      }
    case .random:
      var stream = RandomStream(seed: UInt64(values[Self.featureSeed]), purpose: "features")
      let sigma = (1 / Double(dimension)).squareRoot()
      return positions.map { _ in
        (0..<dimension).map { _ in stream.normal(sigma: sigma) }
      }
    case .file:
      guard table.count == positions.count else {
        throw SetupError(
          "\(values[Self.path]): \(table.count) rows of features for a teacher of"
            + " \(positions.count) tokens", category: .badData)
      }
      return table
    }
  }
}

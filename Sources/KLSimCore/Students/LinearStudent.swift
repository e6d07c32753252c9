// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Logits linear in d parameters, `z = Φθ`: an exponential family.
///
/// Forward KL matches the features' means, `Φᵀ q = Φᵀ p`. The features are
///
///     polynomial  Chebyshev polynomials T₁…T_d of the position, which is scaled to [−1, 1]
///     random      independent draws of N(0, 1/d), the same for every seed of a run
///     file        a table of V rows and d columns
///
/// It starts at θ = 0, the uniform distribution, but for `spread`.
package struct LinearStudent: Student {
  package static let name = "linear"
  package static let summary = "logits linear in few parameters, z = Φθ"
  package static let formula = "z = Φθ"

  /// Where Φ comes from.
  package enum Features: String, ParameterChoice {
    case polynomial
    case random
    case file
  }

  static let features = Parameter(
    "features", default: Features.polynomial, summary: "where Φ comes from")
  static let dimension = Parameter(
    "dimension", default: 4, .range(1...4096), summary: "number d of polynomial or random features")
  static let featureSeed = Parameter(
    "feature-seed", default: 1, .range(0...Int(UInt32.max)), summary: "seed of random features")
  static let path = Parameter(
    "path", default: "", summary: "the table of features=file, CSV with a header or NPY")
  package static let parameters: [any ParameterDeclaration] = [
    features, dimension, featureSeed, path, startSpread,
  ]

  let features: Features
  let dimension: Int
  let seed: UInt64
  let path: String
  /// The rows of the file, by token.
  let table: [[Double]]
  let spread: Double

  package init(_ values: Parameters) throws {
    features = values[Self.features]
    dimension = values[Self.dimension]
    seed = UInt64(values[Self.featureSeed])
    path = values[Self.path]
    spread = values[startSpread]
    for (key, choice) in [
      (Self.featureSeed.name, Features.random), (Self.path.name, .file),
    ] where features != choice && values.isChanged(key) {
      throw SpecificationError.inconsistent(
        component: Self.name, "\(key)=… goes with features=\(choice.rawValue) only")
    }
    table = features == .file ? try Self.table(values) : []
  }

  private static func table(_ values: Parameters) throws -> [[Double]] {
    let path = values[path]
    guard !path.isEmpty else {
      throw SpecificationError.missing(
        component: name, key: Self.path.name, expected: "the table of features=file")
    }
    guard !values.isChanged(dimension.name) else {
      throw SpecificationError.inconsistent(
        component: name, "the table of features=file has its dimension; leave dimension out")
    }
    let rows = try values.reader.table(path: path)
    return try (0..<rows.count).map { token in
      let row = rows.row(token)
      if let bad = row.first(where: { !$0.isFinite }) {
        throw StudentError(
          description: "\(path): token \(token) has a feature \(bad), not a finite number")
      }
      return row
    }
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) throws -> any StudentModel {
    let rows = try rows(positions())
    let count = rows[0].count
    return perContext(teachers) { teacher in
      LinearModel(
        name: Self.name,
        features: rows[0].indices.map { column in teacher.tokens.map { rows[$0][column] } },
        start: [Double](repeating: 0, count: count), spread: spread)
    }
  }

  /// Φ by token.
  private func rows(_ positions: [Double]) throws(StudentError) -> [[Double]] {
    switch features {
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
      var stream = RandomStream(seed: seed, purpose: "features")
      let sigma = (1 / Double(dimension)).squareRoot()
      var rows: [[Double]] = []
      for _ in positions {
        var row: [Double] = []
        for _ in 0..<dimension { row.append(stream.normal(sigma: sigma)) }
        rows.append(row)
      }
      return rows
    case .file:
      guard table.count == positions.count else {
        throw StudentError(
          description: "\(path): \(table.count) rows of features for a teacher of"
            + " \(positions.count) tokens")
      }
      return table
    }
  }
}

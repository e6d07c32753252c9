// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A teacher with logits of its own at every prefix: random, or from a file.
package struct TabularWorld: SequenceTeacher {
  package static let name = "tabular"
  package static let summary = "a row of logits for every prefix: random, or from a file"
  package static let formula = "p(·|c) = softmax(sigma · n_c), n_c standard normal"

  static let size = WorldParameters.size(3)
  static let path = Parameter(
    "path", default: "",
    summary:
      "a file of p(v|c), CSV with a header or NPY: a row of V numbers a prefix, first the empty one, then"
      + " those of one token in order, of two, …")
  package static let parameters: [any ParameterDeclaration] = [
    size, WorldParameters.length, WorldParameters.sigma, path,
  ]

  private let histories: Histories
  private let length: Int
  private let sigma: Double
  private let weights: [Double]?

  package var isRandom: Bool { weights == nil && sigma > 0 }

  package init(_ values: Parameters) throws {
    length = values[WorldParameters.length]
    sigma = values[WorldParameters.sigma]
    let size = values[Self.size]
    histories = try Histories(vocabularySize: size, order: length - 1)
    let path = values[Self.path]
    guard path.isEmpty || !values.isChanged(WorldParameters.sigma.name) else {
      throw SpecificationError.inconsistent(
        component: Self.name, "sigma=… goes with random rows, not with path=…")
    }
    weights =
      path.isEmpty ? nil : try WorldFile.logWeights(path, rows: histories.count, size: size, values)
  }

  package func world(drawnWith stream: inout RandomStream) -> World {
    World(
      histories: histories, length: length,
      logWeights: weights
        ?? stream.normals(histories.count * histories.vocabularySize, sigma: sigma))
  }
}

extension RandomStream {
  /// Normal variates of mean 0.
  mutating func normals(_ count: Int, sigma: Double) -> [Double] {
    (0..<count).map { _ in normal(sigma: sigma) }
  }
}

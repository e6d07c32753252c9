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

  package let histories: Histories
  package let length: Int
  private let sigma: Double
  private let weights: [Double]?

  package var isRandom: Bool { weights == nil && sigma > 0 }

  package init(_ values: Parameters) throws {
    sigma = values[WorldParameters.sigma]
    let path = values[Self.path]
    guard path.isEmpty || !values.isChanged(WorldParameters.sigma.name) else {
      throw SpecificationError.inconsistent(
        component: Self.name, "sigma=… goes with random rows, not with path=…")
    }
    guard !path.isEmpty else {
      length = values[WorldParameters.length]
      histories = try Histories(vocabularySize: values[Self.size], order: length - 1)
      weights = nil
      return
    }
    let file = try WorldFile(path, reader: values.reader)
    (histories, length) = (file.histories, file.histories.order + 1)
    for (key, own) in [
      (Self.size.name, file.histories.vocabularySize), (WorldParameters.length.name, length),
    ]
    where values.isChanged(key)
      && values[key == WorldParameters.length.name ? WorldParameters.length : Self.size] != own
    {
      throw SetupError(
        "\(path): the file's \(key) is \(own); leave out \(key)=…", category: .badData)
    }
    weights = values.kernels.logarithms(file.probabilities)
  }

  package func world(drawnWith stream: inout RandomStream) throws -> World {
    World(
      histories: histories, length: length,
      logWeights: try weights
        ?? stream.normals(histories.count * histories.vocabularySize, sigma: sigma))
  }
}

extension RandomStream {
  /// Normal variates of mean 0.
  ///
  /// - Throws: `SetupError` if one exceeds the range of doubles.
  mutating func normals(_ count: Int, sigma: Double) throws(SetupError) -> [Double] {
    let values = (0..<count).map { _ in normal(sigma: sigma) }
    guard values.allSatisfy(\.isFinite) else {
      throw SetupError(
        "sigma=\(sigma): a random number exceeds the range of doubles; take a smaller sigma=…",
        category: .badData)
    }
    return values
  }
}

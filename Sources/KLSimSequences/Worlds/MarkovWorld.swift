// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A teacher that looks back on k tokens: random, or estimated from a text.
///
/// The rows of histories shorter than k, at the start of a sequence, are those of a model that looks back
/// that far.
package struct MarkovWorld: SequenceTeacher {
  package static let name = "markov"
  package static let summary =
    "a row of logits for every history of at most k tokens: random, or from a text"
  package static let formula = "p(·|c) = softmax(sigma · n_c), or the n-gram estimates of ngram"
  package static let reference = "Chen, Goodman, Computer Speech & Language 13, 1999, for texts"

  /// Where the rows come from.
  enum Source: String, ParameterChoice {
    case random, file, alice
  }

  static let order = Parameter(
    "order", default: 1, .range(0...8), summary: "k: the number of tokens it looks back on")
  static let size = Parameter(
    "size", default: 4, .range(2...(1 << 16)),
    summary: "number of tokens; of a text those kept, the most frequent: all others become one more"
  )
  static let source = Parameter(
    "text", default: Source.random,
    summary: "random rows, the text of the file at path, or Alice's Adventures in Wonderland")
  package static let parameters: [any ParameterDeclaration] =
    [order, size, WorldParameters.length, WorldParameters.sigma, source] + NGramModel.parameters

  package let histories: Histories
  package let length: Int
  private let sigma: Double
  /// The rows of a text; nil if they are random.
  private let weights: [Double]?
  package let tokens: TextTokens?

  package var isRandom: Bool { weights == nil && sigma > 0 }

  package init(_ values: Parameters) throws {
    length = values[WorldParameters.length]
    sigma = values[WorldParameters.sigma]
    let (order, size) = (values[Self.order], values[Self.size])
    let hasPath = !values[NGramModel.path].isEmpty
    let source = values[Self.source] == .random && hasPath ? .file : values[Self.source]
    guard let text = TextSource(rawValue: source.rawValue) else {
      for key in NGramModel.parameters.map(\.name) where values.isChanged(key) {
        throw SpecificationError.inconsistent(
          component: Self.name, "\(key)=… goes with a text; add text=alice, or path=… of a file")
      }
      histories = try Histories(vocabularySize: size, order: order)
      (weights, tokens) = (nil, nil)
      return
    }
    guard hasPath == (text == .file) else {
      throw SpecificationError.inconsistent(
        component: Self.name,
        hasPath
          ? "text=\(text.rawValue) has no file; leave out path=…"
          : "text=file needs path=…, the text's file; text=alice needs none")
    }
    guard !values.isChanged(WorldParameters.sigma.name) else {
      throw SpecificationError.inconsistent(
        component: Self.name, "sigma=… goes with random rows, not with a text")
    }
    let model = try NGramModel(source: text, order: order + 1, size: size, values)
    let histories = try Histories(vocabularySize: model.vocabularySize, order: order)
    weights = values.kernels.logarithms(
      try (0..<histories.count).flatMap { try Self.weights(of: $0, histories, model) })
    self.histories = histories
    tokens = model.tokens
  }

  private static func weights(
    of history: Int, _ histories: Histories, _ model: NGramModel
  ) throws(SetupError) -> [Double] {
    let tokens = histories.tokens(of: history)
    let weights = model.weights(after: tokens)
    guard weights.contains(where: { $0 > 0 }) else {
      throw SetupError(
        "the text has no token after '\(model.text(of: tokens))', so k=0 gives no probabilities there; take k"
          + " above 0, or estimator=kneser-ney", category: .badData)
    }
    return weights
  }

  package func world(drawnWith stream: inout RandomStream) throws -> World {
    World(
      histories: histories, length: length,
      logWeights: try weights
        ?? stream.normals(histories.count * histories.vocabularySize, sigma: sigma))
  }
}

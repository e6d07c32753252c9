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
  static let source = Parameter(
    "text", default: Source.random,
    summary: "random rows, the text of the file at path, or Alice's Adventures in Wonderland")
  package static let parameters: [any ParameterDeclaration] =
    [order, WorldParameters.length, WorldParameters.sigma, source] + NGramModel.parameters

  private let histories: Histories
  private let length: Int
  private let sigma: Double
  /// The rows of a text; nil if they are random.
  private let weights: [Double]?

  package var isRandom: Bool { weights == nil && sigma > 0 }

  package init(_ values: Parameters) throws {
    length = values[WorldParameters.length]
    sigma = values[WorldParameters.sigma]
    let order = values[Self.order]
    let hasPath = !values[NGramModel.path].isEmpty
    let source = values[Self.source] == .random && hasPath ? .file : values[Self.source]
    guard source == .file || !hasPath else {
      throw SpecificationError.inconsistent(
        component: Self.name, "text=\(source.rawValue) has no file; leave out path=…")
    }
    guard let text = TextSource(rawValue: source.rawValue) else {
      let size = values.isChanged(NGramModel.size.name) ? values[NGramModel.size] : 4
      guard size >= 2 else {
        throw SpecificationError.inconsistent(component: Self.name, "size=1: two tokens are needed")
      }
      histories = try Histories(vocabularySize: size, order: order)
      weights = nil
      return
    }
    guard !hasPath || text == .file, hasPath || text != .file else {
      throw SpecificationError.inconsistent(
        component: Self.name, "path=… names the text's file; text=alice needs none")
    }
    let model = try NGramModel(source: text, order: order + 1, values)
    let histories = try Histories(vocabularySize: model.vocabularySize, order: order)
    let rows = (0..<histories.count).flatMap { model.weights(after: histories.tokens(of: $0)) }
    weights = values.kernels.logarithms(rows)
    self.histories = histories
  }

  package func world(drawnWith stream: inout RandomStream) -> World {
    World(
      histories: histories, length: length,
      logWeights: weights
        ?? stream.normals(histories.count * histories.vocabularySize, sigma: sigma))
  }
}

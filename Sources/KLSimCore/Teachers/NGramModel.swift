// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The n-gram model of a text: the weights of the tokens that follow a history, by the formulas of
/// `NGramTeacher`.
package struct NGramModel: Sendable {
  let grams: NGrams
  let vocabulary: TextVocabulary
  private let estimator: NGramTeacher.Estimator
  private let k: Double
  private let discount: Double
  /// The tokens of the text.
  package let tokens: TextTokens
  private let isOfWords: Bool
  /// By sequence; empty for add-k, which does not use them.
  private let predecessors: [Int]

  /// The keys that say how a text is read and its counts are smoothed.
  package static let parameters: [any ParameterDeclaration] = [
    NGramTeacher.path, NGramTeacher.unit, NGramTeacher.keepCase, NGramTeacher.estimator,
    NGramTeacher.k, NGramTeacher.discount,
  ]

  /// The key of the text's file.
  package static var path: Parameter<String> { NGramTeacher.path }

  /// Refuses values of `parameters` that do not go together.
  static func check(_ values: Parameters) throws(SpecificationError) {
    for (key, choice) in [
      (NGramTeacher.k.name, NGramTeacher.Estimator.addK), (NGramTeacher.discount.name, .kneserNey),
    ] where values[NGramTeacher.estimator] != choice && values.isChanged(key) {
      throw .inconsistent(
        component: values.component, "\(key)=… goes with estimator=\(choice.rawValue) only")
    }
  }

  /// Counts the sequences of a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - order: n; a history has at most n − 1 tokens.
  ///   - size: the number of tokens kept; all others become one.
  ///   - values: the values of `parameters`.
  init(of text: String, order: Int, size: Int, _ values: Parameters) {
    vocabulary = TextVocabulary(
      text, unit: values[NGramTeacher.unit], keepsCase: values[NGramTeacher.keepCase],
      limit: size)
    tokens = TextTokens(
      vocabulary, unit: values[NGramTeacher.unit], keepsCase: values[NGramTeacher.keepCase])
    grams = NGrams(vocabulary.sequence, order: order)
    estimator = values[NGramTeacher.estimator]
    (k, discount) = (values[NGramTeacher.k], values[NGramTeacher.discount])
    isOfWords = values[NGramTeacher.unit] == .words
    predecessors = estimator == .kneserNey ? grams.predecessorCounts() : []
  }

  /// The model of a built-in text, or of a file.
  ///
  /// - Parameters:
  ///   - source: the name of a built-in text, or `file`.
  ///   - order: n.
  ///   - size: the number of tokens kept; all others become one.
  ///   - values: the values of `parameters`.
  /// - Throws: `SpecificationError` for values that do not go together, the error of a file, or `SetupError`
  ///   for a text that is too short.
  package init(source: TextSource, order: Int, size: Int, _ values: Parameters) throws {
    try Self.check(values)
    let path = values[NGramTeacher.path]
    self.init(
      of: try source.text(path: path, reader: values.reader), order: order, size: size, values)
    guard vocabulary.sequence.count >= order, vocabulary.size >= 2 else {
      throw SetupError(
        "\(source == .file ? path : source.rawValue): \(vocabulary.sequence.count)"
          + " \(values[NGramTeacher.unit].rawValue) are too few", category: .badData)
    }
  }

  /// The tokens of a history as text.
  package func text(of history: [Int]) -> String {
    history.map { vocabulary.tokens.indices.contains($0) ? vocabulary.tokens[$0] : "…" }
      .joined(separator: isOfWords ? " " : "")
  }

  /// The number of tokens, V.
  package var vocabularySize: Int { vocabulary.size }

  /// The weights of the tokens that follow a history.
  ///
  /// - Parameter history: at most n − 1 tokens.
  /// - Returns: one weight a token, not all 0 unless the history does not occur and k is 0.
  package func weights(after history: [Int]) -> [Double] {
    switch estimator {
    case .addK:
      var weights = [Double](repeating: k, count: vocabulary.size)
      for child in grams.node(of: history).map({ grams.children[$0] }) ?? [] {
        weights[child.token] += Double(grams.counts[child.node])
      }
      return weights
    case .kneserNey:
      return discounted(history[...], by: grams.counts)
    }
  }

  /// `p(w|h)` by Kneser and Ney, interpolated.
  private func discounted(_ history: ArraySlice<Int>, by counts: [Int]) -> [Double] {
    let lower =
      history.isEmpty
      ? [Double](repeating: 1 / Double(vocabulary.size), count: vocabulary.size)
      : discounted(history.dropFirst(), by: predecessors)
    guard let node = grams.node(of: history) else { return lower }
    let followers = grams.children[node].filter { counts[$0.node] > 0 }
    let total = Double(followers.reduce(0) { $0 + counts[$1.node] })
    guard total > 0 else { return lower }
    let left = discount * Double(followers.count) / total
    var probabilities = lower.map { left * $0 }
    for follower in followers {
      probabilities[follower.token] += (Double(counts[follower.node]) - discount) / total
    }
    return probabilities
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The next-token distributions of an n-gram model of a text: what follows a history.
///
///     add-k        p(w|h) = (c(hw) + k)/(c(h) + kV)
///     kneser-ney   p(w|h) = (c(hw) − d)⁺/c(h) + d N(h)/c(h) · p(w|h′)
///
/// c(h) is how often h is followed by a token, N(h) the number of different tokens that follow it, and h′
/// is h without its first token. Below the highest order, Kneser–Ney's c(hw) is the number of different
/// tokens before hw; the lowest order is interpolated with 1/V. The text is one sequence, without
/// sentence boundaries.
package struct NGramTeacher: ContextTeacher {
  package static let name = "ngram"
  package static let summary = "next-token distributions of a text"
  package static let formula = """
    add-k: p(w|h) = (c(hw) + k)/(c(h) + kV)
    kneser-ney: p(w|h) = (c(hw) - d)⁺/c(h) + d N(h)/c(h) p(w|h')
    """
  package static let reference = "Chen, Goodman, Computer Speech & Language 13, 1999"

  /// How probabilities are estimated from counts.
  enum Estimator: String, ParameterChoice {
    case addK = "add-k"
    case kneserNey = "kneser-ney"
  }

  static let path = Parameter("path", default: "", summary: "the text's file, in UTF-8")
  static let text = Parameter(
    "text", default: TextSource.file,
    summary: "the file at path, or Alice's Adventures in Wonderland, which needs no path")
  static let order = Parameter(
    "order", default: 2, .range(1...8), summary: "n: a history has n-1 tokens")
  static let unit = Parameter(
    "unit", default: TextVocabulary.Unit.words, summary: "what a token is")
  static let keepCase = Parameter(
    "keep-case", default: false, summary: "whether upper and lower case are distinguished")
  static let size = Parameter(
    "size", default: 1000, .range(1...(1 << 24)),
    summary: "number of tokens kept, the most frequent; all others become one, the last")
  static let estimator = Parameter(
    "estimator", default: Estimator.addK, summary: "how probabilities are estimated from counts")
  static let k = Parameter("k", default: 0.01, .nonNegative, summary: "k of add-k")
  static let discount = Parameter(
    "discount", default: 0.75, .range(0...1), summary: "d of kneser-ney")
  static let histories = Parameter(
    "histories", default: 1, .range(1...(1 << 20)),
    summary: "number of contexts: the most frequent histories, weighted by their frequency")
  static let history = Parameter(
    "history", default: "", summary: "a single history instead, such as 'of the'")
  package static let parameters: [any ParameterDeclaration] = [
    path, text, order, unit, keepCase, size, estimator, k, discount, histories, history,
  ]

  package private(set) var contexts = TeacherContexts.one
  private let model: NGramModel
  private let values: Parameters
  private var grams: NGrams { model.grams }
  private var vocabulary: TextVocabulary { model.vocabulary }
  package var size: Int { model.vocabularySize }
  /// The tokens of the text.
  package var tokens: TextTokens { model.tokens }

  package init(_ values: Parameters) throws {
    try Self.check(values)
    let source = values[Self.text]
    let path = source == .file ? values[Self.path] : source.rawValue
    model = NGramModel(
      of: try source.text(path: path, reader: values.reader), order: values[Self.order],
      size: values[Self.size], values)
    self.values = values
    do throws(DistributionError) {
      contexts = contexts(of: try histories())
    } catch {
      throw TeacherError(teacher: path, reason: error)
    }
  }

  package func others(atMost count: Int) -> NGramTeacher? {
    let own = Set(contexts.histories)
    let others = rankedHistories().filter { !own.contains($0) }.prefix(count)
    guard !others.isEmpty else { return nil }
    var teacher = self
    teacher.contexts = contexts(of: Array(others))
    return teacher
  }

  private func contexts(of histories: [[Int]]) -> TeacherContexts {
    TeacherContexts(
      count: histories.count,
      weights: histories.map { Double(grams.node(of: $0).map(grams.followerCount) ?? 0) },
      labels: histories.map(model.text), histories: histories)
  }

  /// Refuses values that do not go together.
  private static func check(_ values: Parameters) throws(SpecificationError) {
    guard (values[text] == .file) == !values[path].isEmpty else {
      throw .inconsistent(
        component: name,
        values[path].isEmpty
          ? "path=… names the text's file; text=alice needs none"
          : "text=\(values[text].rawValue) has no file; leave out path=…")
    }
    try NGramModel.check(values)
    guard values[history].isEmpty || values[histories] == 1 else {
      throw .inconsistent(component: name, "history=… is a single one; leave out histories=…")
    }
    guard values[order] > 1 || values[histories] == 1 && values[history].isEmpty else {
      throw .inconsistent(
        component: name, "order=1 has no history; leave out history=… and histories=…")
    }
  }

  /// The histories of the contexts.
  private func histories() throws(DistributionError) -> [[Int]] {
    let (length, given) = (values[Self.order] - 1, values[Self.history])
    let unit = values[Self.unit]
    guard vocabulary.sequence.count > length else {
      throw .text(
        "\(vocabulary.sequence.count) \(unit.rawValue) are too few for order=\(length + 1)")
    }
    guard given.isEmpty else {
      let numbers = vocabulary.numbers(
        of: given, unit: unit, keepsCase: values[Self.keepCase])
      guard numbers.count == length else {
        throw .text(
          "the history '\(given)' has \(numbers.count) \(unit.rawValue);"
            + " order=\(length + 1) needs \(length)")
      }
      let known = numbers.compactMap { $0 }
      guard known.count == length, let node = grams.node(of: known),
        grams.followerCount(node) > 0
      else { throw .text("nothing follows '\(given)' in the text, or it is not in the vocabulary") }
      return [known]
    }
    guard length > 0 else { return [[]] }
    let (ranked, wanted) = (rankedHistories(), values[Self.histories])
    guard ranked.count >= wanted else {
      throw .text(
        "the text has only \(ranked.count) histories of \(length) kept tokens, not"
          + " histories=\(wanted)")
    }
    return Array(ranked.prefix(wanted))
  }

  /// The histories of kept tokens that something follows, by descending frequency; none of order 1.
  private func rankedHistories() -> [[Int]] {
    let length = values[Self.order] - 1
    guard length > 0 else { return [] }
    let candidates = grams.sequences(of: length).map { tokens, node in
      (tokens: tokens, count: grams.followerCount(node))
    }
    return candidates.filter { history in
      history.count > 0 && !history.tokens.contains { $0 == vocabulary.other }
    }.sorted { first, second in
      first.count != second.count
        ? first.count > second.count : first.tokens.lexicographicallyPrecedes(second.tokens)
    }.map(\.tokens)
  }

  package func weights(
    of context: Int, drawnWith stream: inout RandomStream
  ) -> TeacherWeights {
    .linear(model.weights(after: contexts.histories[context]))
  }
}

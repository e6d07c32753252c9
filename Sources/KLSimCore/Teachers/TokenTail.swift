// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Where the mass `r = 1 − Σ p` goes that a list of some tokens leaves out.
///
///     drop     p / Σ p on the listed tokens, 0 elsewhere
///     bucket   one more token, the last, has r; 0 on the others that are not listed
///     uniform  r / (V − k) on each of the V − k tokens that are not listed
package enum TokenTail: String, ParameterChoice {
  /// Every token must be listed.
  case none
  case drop
  case bucket
  case uniform
}

/// Teachers that are given by lists of some tokens.
struct ListedTokens: Sendable {
  private let source: TokenLists
  private let tail: TokenTail
  /// V, without the bucket.
  private let vocabulary: Int
  private let kind: FileTeacher.Values
  private let kernels: VectorKernels

  /// The teachers of some lists.
  ///
  /// - Parameters:
  ///   - source: the lists.
  ///   - tail: where the rest of the mass goes; not `none`.
  ///   - vocabulary: V; 0 for the largest token listed and one.
  ///   - kind: what the numbers are.
  ///   - kernels: the kernels for logarithms and exponentials.
  init(
    _ source: TokenLists, tail: TokenTail, vocabulary: Int, kind: FileTeacher.Values,
    kernels: VectorKernels
  ) {
    self.source = source
    self.tail = tail
    self.vocabulary = vocabulary == 0 ? source.width : vocabulary
    self.kind = kind
    self.kernels = kernels
  }

  /// The number of tokens, with the bucket.
  var size: Int { vocabulary + (tail == .bucket ? 1 : 0) }

  /// The weights of a context, one a token; a bucket is the last.
  ///
  /// - Throws: `DistributionError` for a token beyond the vocabulary, or probabilities that sum to
  ///   more than 1.
  func weights(of context: Int) throws(DistributionError) -> TeacherWeights {
    let (tokens, values) = (source.lists[context].tokens, source.lists[context].values)
    if let token = tokens.last, token >= vocabulary {
      throw .beyondVocabulary(token: token, size: vocabulary)
    }
    let tolerance = kind.tolerance(ofSumOf: values.count, source.precision, kernels)
    try kind.checkSign(values, of: tokens, tolerance: tolerance)
    let isLogarithmic = kind.isLogarithmic
    var weights = [Double](repeating: isLogarithmic ? -.infinity : 0, count: size)
    for (token, value) in zip(tokens, values) { weights[token] = value }
    if tail != .drop {
      let unlisted = tokensUnlisted(besides: tokens)
      let rest = try massLeft(by: context, tolerance: tolerance)
      guard !unlisted.isEmpty || rest <= tolerance else { throw .notNormalised(sum: 1 - rest) }
      let share = rest / Double(max(1, unlisted.count))
      let weight = isLogarithmic ? kernels.logarithms([share])[0] : share
      for token in unlisted { weights[token] = weight }
    }
    return isLogarithmic ? .logarithmic(weights) : .linear(weights)
  }

  /// The number of listed tokens of a context.
  func count(of context: Int) -> Int { source.lists[context].tokens.count }

  /// Whether there is a context whose listed tokens leave nothing for others, as after renormalisation.
  var leaveNothing: Bool {
    source.lists.indices.contains { count(of: $0) < vocabulary && mass(of: $0) >= 1 }
  }

  /// The vocabulary, if it was not given, and the mass that is listed, unless the rest is dropped.
  ///
  /// - Parameter isGuessed: whether V is up to the largest token listed.
  /// - Returns: sentences without the file's name.
  func notes(isGuessed: Bool) -> [String] {
    var notes: [String] = []
    if isGuessed {
      notes.append(
        "the vocabulary is taken to be \(vocabulary) tokens, because the largest listed is"
          + " \(vocabulary - 1); set vocabulary=… if there are more")
    }
    guard tail != .drop else { return notes }
    let masses = source.lists.indices.map { min(1, (1000 * mass(of: $0)).rounded() / 1000) }
    let (least, most) = (masses.min() ?? 0, masses.max() ?? 0)
    let range = least < most ? "\(least) to \(most)" : "\(least)"
    return notes + [least == 1 ? Self.nothingLeft : "the listed tokens hold \(range) of the mass"]
  }

  /// What is true if the listed tokens leave nothing.
  static let nothingLeft =
    "the listed tokens already hold all the mass, so that nothing is left for the others"

  /// The tokens that get what the listed ones leave.
  private func tokensUnlisted(besides tokens: [Int]) -> [Int] {
    switch tail {
    case .none, .drop: return []
    case .bucket: return [vocabulary]
    case .uniform:
      var isListed = [Bool](repeating: false, count: vocabulary)
      for token in tokens { isListed[token] = true }
      return isListed.indices.filter { !isListed[$0] }
    }
  }

  /// `Σ p` over the listed tokens of a context.
  private func mass(of context: Int) -> Double {
    let values = source.lists[context].values
    return (kind.isLogarithmic ? kernels.exponentials(values) : values).reduce(0, +)
  }

  /// `1 − Σ p`, or 0 where rounding has made it negative.
  private func massLeft(
    by context: Int, tolerance: Double
  ) throws(DistributionError) -> Double {
    let sum = mass(of: context)
    guard sum <= 1 + tolerance || sum.isNaN else { throw .listedExcess(sum: sum) }
    return max(0, 1 - sum)
  }
}

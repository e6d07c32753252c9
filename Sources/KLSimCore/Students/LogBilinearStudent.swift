// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// One student of all histories of tokens that generalises to histories it was not fitted to.
///
///     h = Σⱼ Eⱼ[wⱼ],   z = W h + b,   θ = (E₁ … E_{n−1}, W, b)
///
/// for the history w₁ … w_{n−1}. Every position j has its own word vectors Eⱼ, V × r; W is V × r, b has
/// V elements. E and W start small and random, because E = W = 0 is a stationary point; b starts at 0.
package struct LogBilinearStudent: SharedStudent {
  package static let name = "log-bilinear"
  package static let summary = "word vectors of a history, added, meet those of the next token"
  package static let formula = "z = W (E₁[w₁] + … + E_{n-1}[w_{n-1}]) + b"
  package static let reference =
    "Mnih, Hinton, ICML 2007, with one matrix a position that is not factored"

  package static let parameterOrder =
    "E₁ … E_{n-1}, V × r each, then Wᵀ, r × V, then b if there is one, V"

  static let rank = Parameter(
    "rank", default: 16, .range(1...4096), summary: "number r of a word vector's elements")
  static let bias = Parameter("bias", default: true, summary: "whether there is a bias b")
  static let spread = Parameter(
    "spread", default: 0.1, .positive, summary: "standard deviation of the initial E and W")
  package static let parameters: [any ParameterDeclaration] = [rank, bias, spread]

  private let values: Parameters

  package init(_ values: Parameters) { self.values = values }

  /// A history of one token is a context of its own word vector.
  package func generalises(fromHistoriesOf length: Int) -> Bool { length > 1 }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    let (rank, hasBias) = (values[Self.rank], values[Self.bias])
    return StudentSize(
      parameters: (length + 1) * size * rank + (hasBias ? size : 0),
      workingPerContext: size + 2 * rank)
  }

  package func model(of contexts: StudentContexts) throws -> any StudentModel {
    guard let length = contexts.histories.first?.count, length > 0 else {
      throw SetupError(
        "\(Self.name) reads the tokens of a history, and the teacher's contexts have"
          + " none; choose a teacher of histories, such as ngram:text=alice:order=3:histories=100, or the"
          + " student \(LowRankStudent.name)")
    }
    return LogBilinearModel(
      contexts: contexts, length: length, rank: values[Self.rank], hasBias: values[Self.bias],
      spread: values[Self.spread])
  }
}

/// The log-bilinear student of some histories.
///
/// θ is E₁ … E_{n−1}, each V × r, then Wᵀ, r × V, then b.
struct LogBilinearModel: StudentModel {
  let contexts: StudentContexts
  /// The number of tokens of a history, n − 1.
  let length: Int
  let rank: Int
  let hasBias: Bool
  let spread: Double

  private var vocabularySize: Int { contexts.orders.vocabularySize }
  private var firstOfW: Int { length * vocabularySize * rank }
  private var firstOfBias: Int { firstOfW + vocabularySize * rank }
  /// Wᵀ in the parameters.
  private var output: MatrixLayout {
    MatrixLayout(rows: rank, columns: vocabularySize, at: firstOfW)
  }

  var parameterCount: Int { firstOfBias + (hasBias ? vocabularySize : 0) }

  var sharedParameters: Range<Int> { 0..<parameterCount }

  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    try StudentInitialization.check(initialization, of: LogBilinearStudent.name)
    var stream = RandomStream(seed: seed)
    return (0..<parameterCount).map { $0 < firstOfBias ? stream.normal(sigma: spread) : 0 }
  }

  /// The index of the word vector of a context's token.
  private func vector(of token: Int, at position: Int) -> Int {
    (position * vocabularySize + token) * rank
  }

  /// h of some contexts, contexts × r.
  private func hidden(_ some: [Int], of parameters: [Double]) -> [Double] {
    var hidden = [Double](repeating: 0, count: some.count * rank)
    for (place, context) in some.enumerated() {
      for (position, token) in contexts.histories[context].enumerated() {
        let first = vector(of: token, at: position)
        for k in 0..<rank { hidden[place * rank + k] += parameters[first + k] }
      }
    }
    return hidden
  }

  func computeLogits(
    _ logits: inout [Double], contexts some: [Int], of parameters: [Double],
    kernels: VectorKernels
  ) {
    let shape = MatrixLayout(rows: some.count, columns: vocabularySize)
    var byToken: [Double] = []
    if hasBias {
      byToken.reserveCapacity(some.count * vocabularySize)
      for _ in some { byToken += parameters[firstOfBias..<firstOfBias + vocabularySize] }
    } else {
      byToken = [Double](repeating: 0, count: some.count * vocabularySize)
    }
    kernels.multiply(
      hidden(some, of: parameters), MatrixLayout(rows: some.count, columns: rank), by: parameters,
      output, into: &byToken, shape, adds: hasBias)
    contexts.orders.rank(byToken, of: some, into: &logits)
  }

  func pullBack(
    _ logitGradients: [Double], contexts some: [Int], at parameters: [Double],
    into parameterGradient: inout [Double], kernels: VectorKernels
  ) {
    let shape = MatrixLayout(rows: some.count, columns: vocabularySize)
    let hiddenShape = MatrixLayout(rows: some.count, columns: rank)
    var byToken = logitGradients
    contexts.orders.unrank(logitGradients, of: some, into: &byToken)
    kernels.multiply(
      hidden(some, of: parameters), hiddenShape.transposed, by: byToken, shape,
      into: &parameterGradient, output, adds: true)
    if hasBias {
      for place in some.indices {
        for token in 0..<vocabularySize {
          parameterGradient[firstOfBias + token] += byToken[place * vocabularySize + token]
        }
      }
    }
    var slopes = [Double](repeating: 0, count: some.count * rank)
    kernels.multiply(byToken, shape, by: parameters, output.transposed, into: &slopes, hiddenShape)
    for (place, context) in some.enumerated() {
      for (position, token) in contexts.histories[context].enumerated() {
        let first = vector(of: token, at: position)
        for k in 0..<rank { parameterGradient[first + k] += slopes[place * rank + k] }
      }
    }
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    computeLogits(&logits, contexts: [context], of: parameters, kernels: .best)
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    pullBack(
      logitGradient, contexts: [context], at: parameters, into: &parameterGradient, kernels: .best)
  }
}

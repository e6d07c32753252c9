// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// One student of all contexts whose logits are a matrix of low rank: the softmax bottleneck.
///
///     Z = U Wᵀ + 1 bᵀ,   U contexts × r,  W tokens × r,  θ = (U, W, b)
///
/// With the bias, and r ≥ min(C, V) − 1 for C contexts, it can represent every teacher of full support.
/// U and W start small and random, because U = W = 0 is a stationary point; b starts at 0.
package struct LowRankStudent: SharedStudent {
  package static let name = "low-rank"
  package static let summary = "one student of all contexts with logits of rank r, Z = U Wᵀ + b"
  package static let formula = "Z = U Wᵀ + 1 bᵀ"
  package static let reference = "Yang et al., arXiv 1711.03953 (softmax bottleneck)"

  package static let parameterOrder = "U, contexts × r, then W, V × r, then b if there is one, V"

  package static let rank = Parameter(
    "rank", default: 8, .range(1...4096), summary: "rank r of the logits without the bias")
  static let bias = Parameter("bias", default: true, summary: "whether there is a bias b")
  static let spread = Parameter(
    "spread", default: 0.1, .positive, summary: "standard deviation of the initial U and W")
  package static let parameters: [any ParameterDeclaration] = [rank, bias, spread]

  package let rank: Int
  let bias: Bool
  let spread: Double

  package init(_ values: Parameters) {
    (rank, bias, spread) = (values[Self.rank], values[Self.bias], values[Self.spread])
  }

  package func generalises(fromHistoriesOf length: Int) -> Bool { false }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    StudentSize(
      parameters: (contexts + size) * rank + (bias ? size : 0), workingPerContext: 2 * size)
  }

  package func model(of contexts: StudentContexts) -> any StudentModel {
    LowRankModel(contexts: contexts, rank: rank, hasBias: bias, spread: spread)
  }
}

/// The low-rank student of some contexts.
struct LowRankModel: StudentModel {
  let contexts: StudentContexts
  let rank: Int
  let hasBias: Bool
  let spread: Double

  private var vocabularySize: Int { contexts.orders.vocabularySize }
  private var firstOfW: Int { contexts.orders.count * rank }
  private var firstOfBias: Int { firstOfW + vocabularySize * rank }

  var parameterCount: Int { firstOfBias + (hasBias ? vocabularySize : 0) }

  var sharedParameters: Range<Int> { firstOfW..<parameterCount }

  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    try StudentInitialization.check(initialization, of: LowRankStudent.name)
    var stream = RandomStream(seed: seed)
    return (0..<parameterCount).map { $0 < firstOfBias ? stream.normal(sigma: spread) : 0 }
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    precondition(parameters.count == parameterCount)
    let (orders, firstOfW, firstOfBias) = (contexts.orders, firstOfW, firstOfBias)
    let own = context * rank
    unsafe parameters.withUnsafeBufferPointer { parameters in
      for place in logits.indices {
        let token = orders.token(rank: place, of: context)
        var sum = hasBias ? unsafe parameters[firstOfBias + token] : 0
        let row = firstOfW + token * rank
        for k in 0..<rank { unsafe sum += parameters[own + k] * parameters[row + k] }
        logits[place] = sum
      }
    }
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    precondition(
      parameters.count == parameterCount && parameterGradient.count == parameterCount)
    let (orders, firstOfW, firstOfBias) = (contexts.orders, firstOfW, firstOfBias)
    let own = context * rank
    unsafe parameterGradient.withUnsafeMutableBufferPointer { sums in
      unsafe parameters.withUnsafeBufferPointer { parameters in
        for place in logitGradient.indices {
          let token = orders.token(rank: place, of: context)
          let slope = logitGradient[place]
          let row = firstOfW + token * rank
          for k in 0..<rank {
            unsafe sums[own + k] += slope * parameters[row + k]
            unsafe sums[row + k] += slope * parameters[own + k]
          }
          if hasBias { unsafe sums[firstOfBias + token] += slope }
        }
      }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The student whose parameters are its logits: `q = softmax(z)`, θ = z.
///
/// It can represent every teacher of full support.
public struct SoftmaxStudent: Student {
  public static let name = "softmax"
  public static let summary = "free logits, one a token: q = softmax(z)"

  public init(_ values: Parameters) {}

  public func parameterCount(vocabularySize: Int) -> Int { vocabularySize }

  public func computeLogits(_ logits: inout [Double], of parameters: Span<Double>) {
    for rank in logits.indices { logits[rank] = parameters[rank] }
  }

  public func pullBack(
    _ logitGradient: [Double], at parameters: Span<Double>,
    into parameterGradient: inout [Double]
  ) {
    // Element by element: sharing the storage would make the next gradient a copy.
    for rank in parameterGradient.indices { parameterGradient[rank] = logitGradient[rank] }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// Every recorded number but the loss, from p and q alone.
public struct ReferenceMetrics: Sendable {
  /// FKL, RKL, TVD and entropy.
  public let standard: [Double]
  /// Head error, tail error, head mass error and AKL's weight of FKL.
  public let split: [Double]
  /// The optional metrics by name.
  public let extras: [String: [Double?]]

  /// The names of the optional metrics for which there is a reference.
  public static let names = ["js", "log-ratio", "top1"]

  /// The numbers of two distributions by token, and a head.
  public init(p: [Double], q: [Double], head: Set<Int>) {
    let state = ReferenceState(p: p, q: q)
    let tail = state.tokens.subtracting(head)
    standard = [state.forwardKL, state.reverseKL, state.totalVariation, state.entropy].map {
      Double($0)
    }
    let headError = state.error(over: head)
    let tailError = state.error(over: tail)
    let total = headError + tailError
    let weight = total == 0 ? 0.5 : headError / total
    split = [headError, tailError, state.massError(over: head), weight].map { Double($0) }
    extras = [
      "js": [Double(state.jensenShannon)],
      "log-ratio": [head, tail].map { state.meanLogRatio(over: $0).map { Double($0) } },
      "top1": [Self.largestToken(p) == Self.largestToken(q) ? 1 : 0],
    ]
  }

  private static func largestToken(_ values: [Double]) -> Int? {
    values.firstIndex(of: values.reduce(-.infinity, max))
  }
}

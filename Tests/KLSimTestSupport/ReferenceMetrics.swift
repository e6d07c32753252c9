// SPDX-License-Identifier: GPL-3.0-or-later

/// Every recorded number but the loss, from p, q and the gradient alone.
public struct ReferenceMetrics: Sendable {
  /// FKL, RKL, TVD and entropy.
  public let standard: [Double]
  /// Head error, tail error, head mass error and AKL's weight of FKL.
  public let split: [Double]
  /// The optional metrics by name.
  public let extras: [String: [Double?]]

  /// The names of the optional metrics for which there is a reference.
  public static let names = [
    "js", "log-ratio", "top1", "mode-mass", "nucleus", "relative-error", "progress",
    "gradient-share", "void-mass",
  ]

  /// The numbers of two distributions by token, and a head.
  ///
  /// - Parameters:
  ///   - p: the teacher.
  ///   - q: the student.
  ///   - head: the tokens of the head.
  ///   - start: q at epoch 0; the same if there is none.
  ///   - gradient: `∂L/∂z` by token; 0 if there is none.
  public init(
    p: [Double], q: [Double], head: Set<Int>, start: [Double]? = nil, gradient: [Double] = []
  ) {
    let state = ReferenceState(p: p, q: q)
    let startState = ReferenceState(p: p, q: start ?? q)
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
      "mode-mass": Self.modeMass(p, q),
      "nucleus": Self.nucleus(q),
      "relative-error": [head, tail].map {
        state.meanRelativeError(over: $0).map { Double($0) }
      },
      "progress": [head, tail].map { tokens in
        let error = startState.error(over: tokens)
        return error == 0 ? nil : Double(state.error(over: tokens) / error)
      },
      "gradient-share": Self.gradientShares(gradient, head: head),
      "void-mass": [Double(state.voidMass(beyond: 0.95))],
      "top1": [Self.largestToken(p) == Self.largestToken(q) ? 1 : 0],
    ]
  }

  /// Walks up from every token to the mode it leads to; a valley belongs to the mode after it.
  private static func modeMass(_ p: [Double], _ q: [Double]) -> [Double?] {
    func climb(_ token: Int) -> Int {
      // The next and the last token with another probability, on either side.
      let after = p[token...].first { $0 != p[token] }
      let before = p[..<token].last { $0 != p[token] }
      if let after, after > p[token], let next = p[token...].firstIndex(of: after) {
        return climb(next)
      }
      if let before, before > p[token], let next = p[..<token].lastIndex(of: before) {
        return climb(next)
      }
      return p[..<token].lastIndex { $0 != p[token] }.map { $0 + 1 } ?? 0
    }
    var masses: [Int: (teacher: Wide, student: Wide)] = [:]
    for token in p.indices {
      masses[climb(token), default: (0, 0)].teacher += Wide(p[token])
      masses[climb(token), default: (0, 0)].student += Wide(q[token])
    }
    return [
      masses.values.map { Double(abs($0.student - $0.teacher)) }.max(),
      masses.values.map { Double($0.student / $0.teacher) }.min(),
    ]
  }

  /// The shares of the gradient's absolute values on head and tail, by token; none of a gradient of 0.
  public static func gradientShares(_ gradient: [Double], head: Set<Int>) -> [Double?] {
    let total = compensatedSum(gradient.map { abs(Wide($0)) })
    guard total > 0 else { return [nil, nil] }
    return [true, false].map { isHead in
      let part = gradient.indices.filter { head.contains($0) == isHead }
      return Double(compensatedSum(part.map { abs(Wide(gradient[$0])) }) / total)
    }
  }

  private static func nucleus(_ q: [Double]) -> [Double?] {
    let sorted = q.sorted(by: >)
    let count = (1...q.count).first { sorted.prefix($0).reduce(Wide(0)) { $0 + Wide($1) } >= 0.9 }
    return [sorted[0], count.map(Double.init)]
  }

  private static func largestToken(_ values: [Double]) -> Int? {
    values.firstIndex(of: values.reduce(-.infinity, max))
  }
}

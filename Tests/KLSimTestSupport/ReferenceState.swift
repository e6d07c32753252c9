// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Teacher and student worked out slowly from the definitions, by token.
public struct ReferenceState: Sendable {
  public let logP: [Wide]
  public let logQ: [Wide]
  public let p: [Wide]
  public let q: [Wide]
  /// What `rounded` was given, if this came of it.
  private var roundingSeed: UInt64?

  /// The state of a teacher's weights and a student's logits.
  public init(_ weights: TeacherWeights, logits: [Double]) {
    switch weights {
    case .linear(let values): logP = logNormalized(logarithms(values))
    case .logarithmic(let values): logP = logNormalized(values.map { Wide($0) })
    }
    logQ = logNormalized(logits.map { Wide($0) })
    p = exponentials(logP)
    q = exponentials(logQ)
  }

  /// The state of two distributions.
  public init(p: [Double], q: [Double]) {
    self.p = p.map { Wide($0) }
    self.q = q.map { Wide($0) }
    logP = logarithms(p)
    logQ = logarithms(q)
  }

  /// The state of two lists of logarithms, which need not be of distributions exactly.
  init(logP: [Wide], logQ: [Wide], roundingSeed: UInt64? = nil) {
    (self.logP, self.logQ) = (logP, logQ)
    self.roundingSeed = roundingSeed
    p = exponentials(logP)
    q = exponentials(logQ)
  }

  /// `softmax(t/T)` and `softmax(z/T)`.
  func softened(by temperature: Wide) -> ReferenceState {
    let softened = ReferenceState(
      logP: logNormalized(logP.map { $0 / temperature }),
      logQ: logNormalized(logQ.map { $0 / temperature }))
    return roundingSeed.map { softened.rounded(seed: $0 + 1000) } ?? softened
  }

  /// The same after one rounding, up or down, of every log p and log q.
  func rounded(seed: UInt64) -> ReferenceState {
    var generator = SplitMix64(seed: seed)
    func rounded(_ logarithms: [Wide]) -> [Wide] {
      logarithms.map {
        let rounding = (1 + abs($0)) * 0x1p-53
        return $0.isFinite ? $0 + (Bool.random(using: &generator) ? rounding : -rounding) : $0
      }
    }
    return ReferenceState(logP: rounded(logP), logQ: rounded(logQ), roundingSeed: seed)
  }

  func sum(_ term: (Int) -> Wide) -> Wide { compensatedSum(p.indices.map(term)) }

  /// `Σ a (log a − log b)`, a term of a = 0 being 0.
  func divergence(_ a: [Wide], _ logA: [Wide], _ logB: [Wide]) -> Wide {
    sum { a[$0] == 0 ? 0 : a[$0] * (logA[$0] - logB[$0]) }
  }

  /// `KL(p‖q)`.
  public var forwardKL: Wide { divergence(p, logP, logQ) }
  /// `KL(q‖p)`.
  public var reverseKL: Wide { divergence(q, logQ, logP) }
  /// `½ Σ |p − q|`.
  public var totalVariation: Wide { sum { abs(p[$0] - q[$0]) } / 2 }
  /// `H(q)`.
  public var entropy: Wide { -sum { q[$0] == 0 ? 0 : q[$0] * logQ[$0] } }
  /// `H(p)`.
  public var teacherEntropy: Wide { -sum { p[$0] == 0 ? 0 : p[$0] * logP[$0] } }
  /// `½ KL(p‖m) + ½ KL(q‖m)`.
  public var jensenShannon: Wide {
    let logM = logarithmsOfMeans
    return (divergence(p, logP, logM) + divergence(q, logQ, logM)) / 2
  }

  private var logarithmsOfMeans: [Wide] {
    p.indices.map { logNormalizer(logP[$0], logQ[$0]) }
  }

  /// `log (eᵃ + eᵇ)/2`.
  private func logNormalizer(_ a: Wide, _ b: Wide) -> Wide {
    guard max(a, b) > -.infinity else { return -.infinity }
    // The first of a normalised pair is a − log(eᵃ + eᵇ).
    let (large, small) = (max(a, b), min(a, b))
    return large - logNormalized([large, small])[0] - logarithms([2])[0]
  }

  /// `Σ |p − q|` over some tokens.
  public func error(over tokens: Set<Int>) -> Wide {
    sum { tokens.contains($0) ? abs(p[$0] - q[$0]) : 0 }
  }

  /// `Σ (q − p)` over some tokens.
  public func massError(over tokens: Set<Int>) -> Wide {
    sum { tokens.contains($0) ? q[$0] - p[$0] : 0 }
  }

  /// The mean of `|log q − log p|` over some tokens, nil of none.
  public func meanLogRatio(over tokens: Set<Int>) -> Wide? {
    guard !tokens.isEmpty else { return nil }
    return sum { tokens.contains($0) ? abs(logQ[$0] - logP[$0]) : 0 } / Wide(tokens.count)
  }

  /// The mean of `|q − p|/p` over some tokens, nil of none.
  public func meanRelativeError(over tokens: Set<Int>) -> Wide? {
    guard !tokens.isEmpty else { return nil }
    return sum { tokens.contains($0) ? abs(exponentialMinusOne(logQ[$0] - logP[$0])) : 0 }
      / Wide(tokens.count)
  }

  /// The student's mass on the tokens that are not among the fewest with the teacher mass m.
  public func voidMass(beyond mass: Double) -> Wide {
    let ranking = ranking
    let count = (1...p.count).first { count in
      compensatedSum(ranking.prefix(count).map { p[$0] }) >= Wide(mass)
    }
    return compensatedSum(ranking.dropFirst(count ?? p.count).map { q[$0] })
  }

  /// Every token.
  public var tokens: Set<Int> { Set(p.indices) }

  /// The tokens of the teacher by descending probability, ties by ascending index.
  public var ranking: [Int] {
    p.indices.sorted { p[$0] != p[$1] ? p[$0] > p[$1] : $0 < $1 }
  }

  /// The head of mass μ.
  public func head(mu: Double, inclusive: Bool = false) -> Set<Int> {
    guard mu < 1 else { return tokens }
    var head: Set<Int> = []
    var before: Wide = 0
    for (rank, token) in ranking.enumerated() {
      let after = before + p[token]
      if rank == 0 || (inclusive ? before < Wide(mu) : after <= Wide(mu)) { head.insert(token) }
      before = after
    }
    return head
  }
}

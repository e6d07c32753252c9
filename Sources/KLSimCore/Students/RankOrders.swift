// SPDX-License-Identifier: GPL-3.0-or-later

/// The tokens of several contexts in the contexts' rank orders: two bytes a token, four where there are
/// more than 65,536.
public struct RankOrders: Sendable {
  /// The number of tokens, V.
  public let vocabularySize: Int
  /// The lower halves of the token numbers, context by context.
  private var low: [UInt16] = []
  /// The upper halves; none if all are 0.
  private var high: [UInt16] = []

  /// No context yet.
  ///
  /// - Parameters:
  ///   - vocabularySize: V, at least 1.
  ///   - capacity: how many contexts there will be.
  public init(vocabularySize: Int, capacity: Int = 1) {
    self.vocabularySize = vocabularySize
    low.reserveCapacity(vocabularySize * capacity)
    if isWide { high.reserveCapacity(vocabularySize * capacity) }
  }

  private var isWide: Bool { Self.bytesPerToken(vocabularySize: vocabularySize) > 2 }

  /// The number of bytes that a token of a context takes.
  static func bytesPerToken(vocabularySize: Int) -> Int { vocabularySize > 1 << 16 ? 4 : 2 }

  /// The number of contexts.
  public var count: Int { low.count / vocabularySize }

  /// Adds a context.
  ///
  /// - Parameter tokens: the token at each rank, V of them.
  public mutating func append(_ tokens: [Int]) {
    precondition(tokens.count == vocabularySize, "one token a rank")
    low += tokens.lazy.map { UInt16(truncatingIfNeeded: $0) }
    if isWide { high += tokens.lazy.map { UInt16(truncatingIfNeeded: $0 >> 16) } }
  }

  /// The token at a rank of a context.
  func token(rank: Int, of context: Int) -> Int { token(context * vocabularySize + rank) }

  /// The token at a place of the arrays.
  private func token(_ place: Int) -> Int {
    isWide ? Int(low[place]) | Int(high[place]) << 16 : Int(low[place])
  }

  /// The token at each rank.
  public func tokens(of context: Int) -> [Int] {
    (context * vocabularySize..<(context + 1) * vocabularySize).map(token)
  }

  /// Brings rows of values, one a context, from the order of tokens into rank order.
  ///
  /// - Parameters:
  ///   - byToken: rows × V values.
  ///   - contexts: the context of each row.
  ///   - ranked: receives them.
  public func rank(_ byToken: [Double], of contexts: [Int], into ranked: inout [Double]) {
    forEachToken(of: contexts) { place, token in ranked[place] = byToken[token] }
  }

  /// Brings rows of values from rank order into the order of tokens; otherwise as `rank(_:of:into:)`.
  public func unrank(_ ranked: [Double], of contexts: [Int], into byToken: inout [Double]) {
    forEachToken(of: contexts) { place, token in byToken[token] = ranked[place] }
  }

  /// Visits the places of rows by rank, and the place of each one's token.
  @inline(__always)
  private func forEachToken(of contexts: [Int], _ visit: (_ place: Int, _ token: Int) -> Void) {
    for (row, context) in contexts.enumerated() {
      let (first, place) = (row * vocabularySize, context * vocabularySize)
      if isWide {
        for rank in 0..<vocabularySize { visit(first + rank, first + token(place + rank)) }
      } else {
        for (rank, token) in low[place..<place + vocabularySize].enumerated() {
          visit(first + rank, first + Int(token))
        }
      }
    }
  }
}

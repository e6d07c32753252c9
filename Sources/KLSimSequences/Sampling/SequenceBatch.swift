// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Sampled sequences, step by step: of step t, one entry a sequence.
package struct SequenceBatch: Sendable {
  /// The number of sequences, n.
  package let count: Int
  /// The maximum number of tokens, T.
  package let length: Int
  /// The tokens, T × n; −1 after the end of a sequence.
  package private(set) var tokens: [Int32]
  /// The joint state before each token, T × n.
  package private(set) var states: [Int32]
  /// The number of tokens of each sequence.
  package private(set) var lengths: [Int32]

  /// How many bytes a sequence takes.
  ///
  /// - Parameter length: T.
  /// - Returns: the size of its tokens, its states and its length.
  static func bytes(length: Int) -> Double {
    Double((2 * length + 1) * MemoryLayout<Int32>.size)
  }

  /// Sequences that are drawn later.
  package init(count: Int, length: Int) {
    (self.count, self.length) = (count, length)
    tokens = [Int32](repeating: -1, count: count * length)
    states = [Int32](repeating: 0, count: count * length)
    lengths = [Int32](repeating: 0, count: count)
  }

  /// Given sequences.
  ///
  /// - Parameters:
  ///   - sequences: their tokens, at most T each.
  ///   - space: the joint states.
  package init(_ sequences: [[Int]], in space: JointSpace) {
    self.init(count: sequences.count, length: space.length)
    for (place, sequence) in sequences.enumerated() {
      var state = 0
      for (step, token) in sequence.enumerated() {
        tokens[step * count + place] = Int32(token)
        states[step * count + place] = Int32(state)
        state = Int(space.successors[state * space.vocabularySize + token])
      }
      lengths[place] = Int32(sequence.count)
    }
  }

  /// Puts the sequence that another batch has at a place in the same place.
  package mutating func replace(_ place: Int, by other: SequenceBatch) {
    for index in stride(from: place, to: tokens.count, by: count) {
      tokens[index] = other.tokens[index]
      states[index] = other.states[index]
    }
    lengths[place] = other.lengths[place]
  }

  /// Draws sequences.
  ///
  /// - Parameters:
  ///   - proposal: who writes them.
  ///   - tables: its alias tables.
  ///   - space: the joint states.
  ///   - stream: gives 32 bits a token, step by step.
  package mutating func draw(
    from proposal: Proposal, _ tables: AliasTables, in space: JointSpace,
    with stream: inout RandomStream
  ) {
    Self.draw(&tokens, &states, &lengths, from: proposal, tables, in: space, with: &stream)
  }

  private static func draw(
    _ allTokens: inout [Int32], _ allStates: inout [Int32], _ allLengths: inout [Int32],
    from proposal: Proposal, _ tables: AliasTables, in space: JointSpace,
    with stream: inout RandomStream
  ) {
    let (count, length) = (allLengths.count, space.length)
    let end = proposal.endToken.map { Int32($0) } ?? -2
    let size = space.vocabularySize
    let rows = proposal.rows ?? Array(0..<Int32(space.count))
    let next = space.successors
    // The states of the sequences that have not ended.
    var current = [Int32](repeating: 0, count: count)
    var bits = [UInt32](repeating: 0, count: count)
    for place in 0..<count { allLengths[place] = Int32(length) }
    let (rowOf, successors) = (rows.span, next.span)
    var tokens = allTokens.mutableSpan
    var states = allStates.mutableSpan
    var lengths = allLengths.mutableSpan
    var before = current.mutableSpan
    for step in 0..<length {
      let first = step * count
      stream.fill(&bits)
      let random = bits.span
      for place in 0..<count {
        let state = before[place]
        guard state >= 0 else {
          tokens[first &+ place] = -1
          states[first &+ place] = 0
          continue
        }
        let token = tables.draw(row: rowOf[Int(state)], bits: random[place])
        tokens[first &+ place] = token
        states[first &+ place] = state
        if token == end {
          before[place] = -1
          lengths[place] = Int32(truncatingIfNeeded: step &+ 1)
        } else {
          before[place] = successors[Int(state) &* size &+ Int(token)]
        }
      }
    }
  }

  /// Visits every token, step by step.
  ///
  /// - Parameter visit: gets the place of the token in `tokens`, the number of its sequence, the joint state
  ///   before it, and itself.
  @inline(__always)
  package func forEachToken(
    _ visit: (_ place: Int, _ sequence: Int, _ state: Int, _ token: Int) -> Void
  ) {
    for step in 0..<length {
      for sequence in 0..<count {
        let place = step * count + sequence
        guard tokens[place] >= 0 else { continue }
        visit(place, sequence, Int(states[place]), Int(tokens[place]))
      }
    }
  }
}

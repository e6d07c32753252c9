// SPDX-License-Identifier: GPL-3.0-or-later

/// How often each sequence of up to n tokens occurs in a text: a trie.
struct NGrams {
  /// The index of a sequence in the trie.
  typealias Node = Int
  /// The empty sequence.
  static let root: Node = 0

  /// The length of the longest sequences, n.
  let order: Int
  private(set) var counts: [Int] = [0]
  /// For each sequence, those that are one token longer, and that token.
  private(set) var children: [[(token: Int, node: Node)]] = [[]]
  private var places: [Key: Node] = [:]

  private struct Key: Hashable {
    let node: Node
    let token: Int
  }

  init(_ tokens: [Int], order: Int) {
    self.order = order
    for start in tokens.indices {
      var node = Self.root
      for token in tokens[start...].prefix(order) {
        node = grow(node, token)
        counts[node] += 1
      }
    }
  }

  private mutating func grow(_ node: Node, _ token: Int) -> Node {
    let key = Key(node: node, token: token)
    if let known = places[key] { return known }
    let child = counts.count
    places[key] = child
    counts.append(0)
    children.append([])
    children[node].append((token, child))
    return child
  }

  /// The node of a sequence, nil if it does not occur.
  func node(of tokens: some Sequence<Int>) -> Node? {
    var node = Self.root
    for token in tokens {
      guard let child = places[Key(node: node, token: token)] else { return nil }
      node = child
    }
    return node
  }

  /// The number of different tokens that precede each sequence in the text.
  func predecessorCounts() -> [Int] {
    var suffixes = [Node](repeating: Self.root, count: counts.count)
    var predecessors = [Int](repeating: 0, count: counts.count)
    // A child comes after its parent, so that the parent's suffix is known.
    for parent in children.indices {
      for child in children[parent] where parent != Self.root {
        guard let suffix = places[Key(node: suffixes[parent], token: child.token)] else { continue }
        suffixes[child.node] = suffix
        predecessors[suffix] += 1
      }
    }
    return predecessors
  }

  /// The sequences of one length.
  func sequences(of length: Int) -> [(tokens: [Int], node: Node)] {
    var level: [(tokens: [Int], node: Node)] = [([], Self.root)]
    for _ in 0..<length {
      level = level.flatMap { entry in
        children[entry.node].map { (entry.tokens + [$0.token], $0.node) }
      }
    }
    return level
  }

  /// How often some token follows a sequence.
  func followerCount(_ node: Node) -> Int {
    children[node].reduce(0) { $0 + counts[$1.node] }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of teachers: draws the weights that become a distribution.
public protocol Teacher: Component {
  /// The number of tokens, V, of every context.
  var size: Int { get }

  /// Whether the weights depend on the stream, so that every seed has its own teacher.
  var isRandom: Bool { get }

  /// The teacher before normalisation, one weight per token.
  ///
  /// - Parameter stream: the seed's stream for teachers.
  /// - Returns: the weights by token index.
  /// - Throws: if the family cannot draw them.
  func weights(drawnWith stream: inout RandomStream) throws -> TeacherWeights

  /// Where the tokens are on the family's axis, by token: 0, 1, … unless the family has a grid.
  ///
  /// - Parameter count: how many tokens there are, V.
  /// - Returns: ascending positions.
  func positions(count: Int) -> [Double]
}

extension Teacher {
  public var isRandom: Bool { false }

  public func positions(count: Int) -> [Double] { (0..<count).map(Double.init) }
}

/// A family with several teachers, one per context.
public protocol ContextTeacher: Teacher {
  /// Its contexts.
  var contexts: TeacherContexts { get }

  /// The teacher of one context before normalisation, one weight per token.
  ///
  /// - Parameters:
  ///   - context: in 0..<count.
  ///   - stream: the seed's stream for teachers of this context.
  /// - Returns: the weights by token index, the same number in every context.
  /// - Throws: if the family cannot draw them.
  func weights(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherWeights

  /// The same family with other contexts.
  ///
  /// - Parameter count: the maximum number of contexts.
  /// - Returns: contexts of which none is in `contexts`; nil if there are none.
  func others(atMost count: Int) -> Self?
}

extension ContextTeacher {
  public func others(atMost count: Int) -> Self? { nil }

  public func weights(drawnWith stream: inout RandomStream) throws -> TeacherWeights {
    try weights(of: 0, drawnWith: &stream)
  }
}

/// The number of a teacher's contexts, their weights in averages, and their labels.
public struct TeacherContexts: Equatable, Sendable {
  /// One of weight 1.
  static let one = TeacherContexts(count: 1)

  /// The number of contexts.
  public let count: Int
  /// The weights w_c, which sum to 1.
  public let weights: [Double]
  private let labels: [String]
  /// The tokens before the predicted one, one list a context; empty if the contexts are no histories.
  public let histories: [[Int]]

  /// - Parameters:
  ///   - count: the number of contexts.
  ///   - weights: their weights up to a common factor, not all 0; equal if none are given.
  ///   - labels: their names, if they have any.
  ///   - histories: the tokens before the predicted one, one list a context, if they are histories.
  init(count: Int, weights: [Double] = [], labels: [String] = [], histories: [[Int]] = []) {
    self.histories = histories
    self.count = count
    self.labels = labels
    let sum = weights.reduce(0, +)
    self.weights =
      weights.isEmpty
      ? [Double](repeating: 1 / Double(count), count: count) : weights.map { $0 / sum }
  }

  /// The label of a context; empty if it has none.
  public func label(_ context: Int) -> String { labels.isEmpty ? "" : labels[context] }

  /// What names a context in a message, such as `, context 3 ('b')`; empty for an only one.
  package func place(_ context: Int) -> String {
    let label = label(context)
    let title = label.isEmpty || label == "\(context)" ? "" : " ('\(label)')"
    return count > 1 ? ", context \(context)\(title)" : ""
  }
}

/// A family whose tokens are on the grid of the paper's notebooks, `xᵢ = i·100/V`.
protocol GridTeacher: Teacher {}

extension GridTeacher {
  public func positions(count: Int) -> [Double] { gridPositions(count) }
}

/// Unnormalised token weights.
public enum TeacherWeights: Equatable, Sendable {
  /// `p ∝ w`, w ≥ 0.
  case linear([Double])
  /// `p ∝ exp t`: exact where p itself would underflow.
  case logarithmic([Double])
}

extension Parameter where Value == Int {
  /// The `size` of a family: the number of tokens, V.
  static func size(_ defaultSize: Int) -> Self {
    Parameter("size", default: defaultSize, .range(1...(1 << 24)), summary: "vocabulary size, V")
  }
}

/// The grid of the paper's notebooks: V positions `xᵢ = i·100/V`, so that V refines one shape.
func gridPositions(_ size: Int) -> [Double] {
  (0..<size).map { Double($0) * 100 / Double(size) }
}

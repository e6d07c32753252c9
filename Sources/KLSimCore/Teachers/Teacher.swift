// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of teachers: draws the weights that become a distribution.
public protocol Teacher: Component {
  /// Whether the weights depend on the stream, so that every seed has a teacher of its own.
  static var isRandom: Bool { get }

  /// The teacher before normalisation, one weight a token.
  ///
  /// - Parameter stream: the experiment's teacher stream.
  /// - Returns: the weights by token index.
  /// - Throws: what the family cannot draw.
  func weights(drawnWith stream: inout RandomStream) throws -> TeacherWeights

  /// Where the tokens are on the family's axis, by token: 0, 1, … unless the family has a grid.
  ///
  /// - Parameter count: how many tokens there are, V.
  /// - Returns: ascending positions.
  func positions(count: Int) -> [Double]
}

extension Teacher {
  public static var isRandom: Bool { false }

  public func positions(count: Int) -> [Double] { (0..<count).map(Double.init) }
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
  /// The `size` of a family: how many tokens, V.
  static func size(_ defaultSize: Int) -> Self {
    Parameter(
      "size", default: defaultSize, .range(1...(1 << 24)), summary: "vocabulary size, V")
  }
}

/// The grid of the paper's notebooks: V positions `xᵢ = i·100/V`.
///
/// Another size refines the same shape.
func gridPositions(_ size: Int) -> [Double] {
  (0..<size).map { Double($0) * 100 / Double(size) }
}

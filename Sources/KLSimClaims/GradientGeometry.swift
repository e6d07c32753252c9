// SPDX-License-Identifier: GPL-3.0-or-later

/// Lengths and angles of gradients.
enum GradientGeometry {
  /// The Euclidean length.
  static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The cosine of the angle between two vectors; NaN if either is 0.
  static func cosine(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / (length(first) * length(second))
  }

  /// The distance between two vectors, relative to the length of the second.
  static func distance(_ vector: [Double], from other: [Double]) -> Double {
    length(zip(vector, other).map { $0 - $1 }) / length(other)
  }
}

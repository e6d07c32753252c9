// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Rows of logits, one a context, as if they were in a file.
public struct ContextRows: NumberReader {
  public let rows: [[Double]]
  /// The contexts' weights as if they were in another file.
  public let weights: [Double]

  /// The reader that always reads these.
  public init(rows: [[Double]], weights: [Double] = []) {
    (self.rows, self.weights) = (rows, weights)
  }

  /// Rows of random logits from −2 to 2.
  public static func random(contexts: Int, size: Int, weights: [Double] = []) -> ContextRows {
    var generator = SplitMix64(seed: UInt64(contexts * 100 + size))
    let rows = (0..<contexts).map { _ in
      (0..<size).map { _ in Double.random(in: -2...2, using: &generator) }
    }
    return ContextRows(rows: rows, weights: weights)
  }

  public func numbers(_ source: NumberSource) -> [Double] { weights }

  public func contexts(_ source: NumberSource) -> NumberRows {
    NumberRows(count: rows.count, width: rows[0].count, labels: []) { [rows] in rows[$0] }
  }
}

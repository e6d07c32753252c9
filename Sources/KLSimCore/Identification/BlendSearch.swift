// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A sum of up to three objectives with weights.
package struct ObjectiveBlend: Sendable {
  /// Specification and weight of each part.
  package let parts: [(specification: String, weight: Double)]
  /// `‖g − Σ w m‖/‖g‖`.
  package let residual: Double
}

/// Finds sums of objectives that have given gradients.
enum BlendSearch {
  private static let temperatures = [1.0, 2, 4]

  /// The parts: objectives without numbers of their own, at some temperatures, and skewed KLs.
  ///
  /// Blends of the two KLs are left out, whose parts are there.
  private static func parts(at states: [FitState]) -> [Chosen<ObjectiveRecipe>] {
    let size = states.map(\.teacher.size).min() ?? 1
    let targets = size <= ObjectiveForm.mostTokens ? (0..<size).map { "ce:target=\($0)" } : []
    let plain = Catalog.objectives.filter {
      ($0.parameters.isEmpty && !($0 is any KLBlend.Type) || $0.name == "fkl" || $0.name == "rkl")
        && !ObjectiveForm.quadratic.contains($0.name)
    }.flatMap { type in temperatures.map { "\(type.name):temperature=\($0)" } }
    return (plain + ["mse-logits", "skew-fkl", "skew-rkl", "ce"] + targets).compactMap {
      try? Catalog.objective($0)
    }
  }

  /// The sum of the fewest objectives that fits; nil if none of three does.
  ///
  /// All pairs and triples are ranked by their Gram matrices, and the best are solved.
  static func best(_ target: GradientTarget, tolerance: Double) -> ObjectiveBlend? {
    var columns: [(specification: String, values: [Double], norm: Double)] = []
    for part in parts(at: target.states) {
      guard let model = part.component.gradients(at: target.states) else { continue }
      let values = target.weighted(model)
      let norm = dot(values, values).squareRoot()
      // The same direction twice has no weights of its own.
      guard norm > 0,
        !columns.contains(where: { abs(dot($0.values, values)) > (1 - 1e-12) * $0.norm * norm })
      else { continue }
      columns.append((part.specification, values, norm))
    }
    let gram = columns.map { row in
      columns.map { dot(row.values, $0.values) / (row.norm * $0.norm) }
    }
    let right = columns.map { dot($0.values, target.values) / $0.norm }
    for size in 2...3 {
      let ranked = subsets(of: columns.count, size: size).map { subset in
        (subset, explained(subset, gram, right))
      }.sorted { $0.1 > $1.1 }.prefix(12)
      let solved = ranked.compactMap { solve($0.0.map { columns[$0] }, target) }
      if let best = solved.min(by: { $0.residual < $1.residual }), best.residual <= tolerance {
        return best
      }
    }
    return nil
  }

  private static func solve(
    _ columns: [(specification: String, values: [Double], norm: Double)], _ target: GradientTarget
  ) -> ObjectiveBlend? {
    guard
      let weights = try? LeastSquares.weights(
        of: columns.map { column in column.values.map { $0 / column.norm } },
        nearestTo: target.values)
    else { return nil }
    var rest = target.values
    for (column, weight) in zip(columns, weights) {
      for place in rest.indices { rest[place] -= weight / column.norm * column.values[place] }
    }
    return ObjectiveBlend(
      parts: zip(columns, weights).map { ($0.specification, $1 / $0.norm) },
      residual: (dot(rest, rest) / dot(target.values, target.values)).squareRoot())
  }

  private static func subsets(of count: Int, size: Int) -> [[Int]] {
    guard size > 0 else { return [[]] }
    return subsets(of: count, size: size - 1).flatMap { subset in
      ((subset.last ?? -1) + 1..<max(count, (subset.last ?? -1) + 1)).map { subset + [$0] }
    }
  }

  /// `bᵀ G⁻¹ b` of a subset, by elimination.
  private static func explained(_ subset: [Int], _ gram: [[Double]], _ right: [Double]) -> Double {
    var (rows, values) = (
      subset.map { row in subset.map { gram[row][$0] } }, subset.map { right[$0] }
    )
    var sum = 0.0
    for pivot in subset.indices {
      guard rows[pivot][pivot] > 1e-14 else { return 0 }
      sum += values[pivot] * values[pivot] / rows[pivot][pivot]
      for row in subset.indices.dropFirst(pivot + 1) {
        let ratio = rows[row][pivot] / rows[pivot][pivot]
        for column in subset.indices { rows[row][column] -= ratio * rows[pivot][column] }
        values[row] -= ratio * values[pivot]
      }
    }
    return sum
  }

  private static func dot(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
  }
}

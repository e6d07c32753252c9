// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// An objective with its learning rate.
struct RatedObjective: Hashable, Sendable {
  let objective: String
  let learningRate: Double
}

/// The learning rate of a grid with the smallest median total error; of several contexts, those trained on
/// count.
enum BestRates {
  /// The last seeds, so that rates are not tuned on the seeds that are asked.
  private static let seeds = Array((UInt64.max - 16)..<UInt64.max)

  /// The best rates by objective and epoch.
  ///
  /// - Throws: the error of a run.
  static func find(
    of objectives: [String], among grid: [Double], at compared: [Double], epochs: Int,
    under condition: Condition, _ kernels: VectorKernels
  ) throws -> [String: [Double: Double]] {
    var best: [String: [Double: Double]] = [:]
    for objective in objectives {
      let runs = try PairedRuns(
        condition, objectives: grid.map { _ in objective }, learningRates: grid, epochs: epochs,
        heads: [], recordedAt: compared)
      let seeds = try runs(seeds, kernels)
      for epoch in compared {
        let errors = grid.indices.map { place in
          let errors = seeds.map { $0[place].record(epoch).totalVariation }
          return Statistics.quantile(0.5, of: errors.map { $0.isNaN ? .infinity : $0 }) ?? .infinity
        }
        best[objective, default: [:]][epoch] = zip(errors, grid).min { $0.0 < $1.0 }?.1
      }
    }
    return best
  }
}

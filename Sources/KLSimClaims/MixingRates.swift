// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// At which learning rates a mixture is compared with forward KL.
enum MixingRates: String, Sendable {
  /// Both at the condition's.
  case common
  /// At η/κ each, η the condition's and κ the curvature near the teacher; under gradient descent.
  case curvature
  /// Each at the one of several that has the smallest median error at that epoch; under Adam.
  case best

  static let summary =
    "common: both at the condition's rate; curvature: at the condition's rate by kappa; best: each at"
    + " that of 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 with the smallest median total error at that epoch over 16"
    + " other seeds"

  /// How a sentence names it.
  var words: String {
    switch self {
    case .common: "both at one rate"
    case .curvature: "at rates by curvature"
    case .best: "each at its own best rate"
    }
  }

  /// A mixture and forward KL at an epoch, each with its learning rate.
  struct Comparison: Sendable {
    let rates: MixingRates
    let epoch: Int
    let mixture: PairedRuns.Choice
    let forward: PairedRuns.Choice
  }

  private static let grid = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
  /// Seeds at the far end, so that no one chooses a rate by the seeds that are asked.
  private static let tuningSeeds = Array((UInt64.max - 16)..<UInt64.max)

  /// All comparisons under a condition.
  ///
  /// - Throws: what a run throws.
  static func comparisons(
    of mixtures: [String], epochs: [Int], under condition: Condition, _ kernels: VectorKernels
  ) throws -> [Comparison] {
    func comparisons(
      _ rates: MixingRates, _ mixtures: [String],
      _ rate: (_ objective: String, _ epoch: Int) -> Double
    ) -> [Comparison] {
      mixtures.flatMap { mixture in
        epochs.map { epoch in
          func choice(_ objective: String) -> PairedRuns.Choice {
            PairedRuns.Choice(objective: objective, learningRate: rate(objective, epoch))
          }
          return Comparison(
            rates: rates, epoch: epoch, mixture: choice(mixture), forward: choice(ForwardKL.name))
        }
      }
    }
    let common = comparisons(.common, mixtures) { _, _ in condition.learningRate }
    guard condition.optimizer == Adam.name else {
      return common
        + comparisons(.curvature, mixtures.filter { Curvature.kappa(of: $0) != nil }) {
          objective, _ in
          condition.learningRate / (Curvature.kappa(of: objective) ?? 1)
        }
    }
    let best = try bestRates(
      of: mixtures + [ForwardKL.name], epochs: epochs, under: condition, kernels)
    return common + comparisons(.best, mixtures) { best[$0]?[$1] ?? condition.learningRate }
  }

  /// The learning rate of the smallest median total error, by objective and epoch.
  private static func bestRates(
    of objectives: [String], epochs: [Int], under condition: Condition, _ kernels: VectorKernels
  ) throws -> [String: [Int: Double]] {
    var best: [String: [Int: Double]] = [:]
    for objective in objectives {
      let runs = try PairedRuns(
        condition, choices: grid.map { .init(objective: objective, learningRate: $0) },
        epochs: epochs.max() ?? 0, heads: [], recorded: epochs)
      let seeds = try runs(tuningSeeds, kernels)
      for epoch in epochs {
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

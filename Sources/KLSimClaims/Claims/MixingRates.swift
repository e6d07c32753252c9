// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// The learning rates at which a mixture is compared with forward KL.
enum MixingRates: String, Sendable {
  /// Both at that of the condition.
  case common
  /// Each at η/κ, with η of the condition and κ the curvature near the teacher; for gradient descent.
  case curvature
  /// Each at the rate with the smallest median error at that epoch; for Adam.
  case best

  static let summary =
    "common: both at the condition's rate; curvature: at the condition's rate by kappa; best: each at"
    + " that of 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 with the smallest median total error at that epoch over 16"
    + " other seeds"

  /// The rates in a sentence.
  var words: String {
    switch self {
    case .common: "both at one rate"
    case .curvature: "at rates by curvature"
    case .best: "each at its own best rate"
    }
  }

  /// A mixture and forward KL at an epoch.
  struct Comparison: Sendable {
    let rates: MixingRates
    let epoch: Int
    let mixture: RatedObjective
    let forward: RatedObjective
  }

  private static let grid = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]

  /// All comparisons under a condition.
  ///
  /// - Throws: the error of a run.
  static func comparisons(
    of mixtures: [String], epochs: [Int], under condition: Condition, _ kernels: VectorKernels
  ) throws -> [Comparison] {
    let common = condition.learningRate
    func comparisons(
      _ rates: MixingRates, _ mixtures: [String], rate: (String, Int) -> Double
    ) -> [Comparison] {
      mixtures.flatMap { mixture in
        epochs.map { epoch in
          let choices = [mixture, ForwardKL.name].map {
            RatedObjective(objective: $0, learningRate: rate($0, epoch))
          }
          return Comparison(rates: rates, epoch: epoch, mixture: choices[0], forward: choices[1])
        }
      }
    }
    let others: [Comparison]
    if condition.optimizer == Adam.name {
      let best = try BestRates.find(
        of: mixtures + [ForwardKL.name], among: grid, at: epochs.map(Double.init),
        epochs: epochs.max() ?? 0, under: condition, kernels)
      others = comparisons(.best, mixtures) { best[$0]?[Double($1)] ?? common }
    } else {
      let known = mixtures.filter { Curvature.kappa(of: $0) != nil }
      others = comparisons(.curvature, known) { objective, _ in
        common / (Curvature.kappa(of: objective) ?? 1)
      }
    }
    return comparisons(.common, mixtures) { _, _ in common } + others
  }
}

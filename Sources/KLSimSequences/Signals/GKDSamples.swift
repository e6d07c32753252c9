// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A divergence of tokens at the prefixes of sampled sequences.
///
/// The student's sequences have the share λ, the teacher's 1 − λ, and each gives
///
///     Σ_t ∇D(p(·|c_t), q(·|c_t))
///
/// With sums over sequences, and without a temperature of sampling, it is unbiased for `gkd`. A sampling
/// temperature τ replaces Q(c) by the prefix probabilities of softmax(z/τ); the divergence keeps its own
/// temperature. Means over tokens divide by the length, which is part of what is sampled where there is an
/// end token: they are then no multiple of `gkd`, and short sequences count more.
package struct GKDSamples: Signal, SignalEstimator {
  package static let name = "gkd-samples"
  package static let summary =
    "a divergence of tokens at sampled prefixes of teacher and student; unbiased for gkd"
  package static let formula =
    "(1 - lambda) Σ_t ∇D(c_t), y ~ p, + lambda Σ_t ∇D(c_t), y ~ q; or one of the two by a coin"
  package static let reference =
    "Agarwal et al., arXiv 2306.13649 (GKD); mixing=coin as in TRL's trainer"

  /// How the sequences of teacher and student are mixed.
  package enum Mixing: String, ParameterChoice {
    /// A sample is one sequence of each, with the weights 1 − λ and λ.
    case weights
    /// All sequences of a step are the student's with probability λ, else the teacher's.
    case coin
  }

  static let mixing = Parameter(
    "mixing", default: Mixing.weights,
    summary: "both kinds of sequences a sample, or a coin that decides for the whole step")
  static let samplingTemperature = Parameter(
    "sampling-temperature", default: 1.0, .positive,
    summary: "the temperature at which the student writes; TRL: 0.9")
  package static let parameters: [any ParameterDeclaration] = [
    PrefixObjective.lambda, PrefixObjective.objective, mixing, samplingTemperature,
    Reduction.parameter,
  ]

  package let divergence: Chosen<ObjectiveRecipe>?
  private let lambda: Double
  private let mixing: Mixing
  private let samplingTemperature: Double
  private let reduction: Reduction

  package init(_ values: Parameters) throws {
    divergence = try Catalog.objective(
      values[PrefixObjective.objective], reader: values.reader, kernels: values.kernels)
    lambda = values[PrefixObjective.lambda]
    mixing = values[Self.mixing]
    samplingTemperature = values[Self.samplingTemperature]
    reduction = values[Reduction.parameter]
  }

  package func dependence(hasOneLength: Bool) -> SampleDependence? {
    let hasCoin = mixing == .coin && lambda > 0 && lambda < 1
    return reduction.dependence(hasOneLength: hasOneLength) ?? (hasCoin ? .writers : nil)
  }

  package var size: SignalSize {
    SignalSize(
      sequences: mixing == .weights && lambda > 0 && lambda < 1 ? 2 : 1, numbersPerSample: 2)
  }

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  /// The writers with their shares, without those that have none.
  private func writers(at moment: SequenceMoment) -> [(proposal: Proposal, share: Double)] {
    let student =
      samplingTemperature == 1
      ? moment.writer
      : Proposal(temperature: samplingTemperature, in: moment.space, student: moment.student)
    return [(moment.teacher, 1 - lambda), (student, lambda)].filter { $0.share > 0 }
  }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    let writers = writers(at: moment)
    return switch mixing {
    case .weights: [SequenceDraw(writers.map(\.proposal))]
    case .coin: writers.map { SequenceDraw([$0.proposal], probability: $0.share) }
    }
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    for (batch, proposal) in zip(batches, draw.proposals) {
      let share = proposal.side == .teacher ? 1 - lambda : lambda
      let weight = mixing == .coin ? 1 : share
      terms.addDivergences(along: batch, weights: reduction.factors(of: batch).map { weight * $0 })
    }
  }
}

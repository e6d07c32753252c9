// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// How the terms of a step's tokens are reduced to one gradient; the names are those of verl.
package enum Reduction: String, ParameterChoice {
  /// The sum over the tokens of each sequence, and the mean over sequences.
  case sequenceSums = "seq-mean-token-sum"
  /// The mean over the tokens of each sequence, and the mean over sequences.
  case sequenceMeans = "seq-mean-token-mean"
  /// The mean over all tokens of the step. Where sequences end early it depends on the whole step.
  case tokenMean = "token-mean"

  static let name = "reduction"
  static let summary = "how the terms of tokens are reduced to a gradient"
  static let parameter = Parameter(
    Reduction.name, default: Reduction.sequenceSums, summary: Reduction.summary)

  /// The factor of the terms of each sequence, whose gradient is then the mean over sequences.
  package func factors(of batch: SequenceBatch) -> [Double] {
    switch self {
    case .sequenceSums: return [Double](repeating: 1, count: batch.count)
    case .sequenceMeans: return batch.lengths.map { 1 / Double($0) }
    case .tokenMean:
      let tokens = batch.lengths.reduce(0) { $0 + Int($1) }
      return [Double](repeating: Double(batch.count) / Double(tokens), count: batch.count)
    }
  }

  /// What the factor of a sequence depends on, as `Signal.dependence(hasOneLength:)`.
  func dependence(hasOneLength: Bool) -> SampleDependence? {
    self != .tokenMean || hasOneLength ? nil : .others
  }
}

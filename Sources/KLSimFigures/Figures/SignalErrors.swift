// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences

/// Estimates of gradients with the columns that figures draw.
struct SignalErrors {
  /// The columns that may be read as numbers.
  static let numbers: Set<String> = [
    "samples", "exact_norm", "gradient_bias", "sample_variance", "gradient_mse", "standard_error",
  ]

  /// The estimates; `gradient_bias` is 0 where none is seen.
  let table: Table
  /// The columns of conditions, of which each value gets a panel.
  let conditions: [String]
  /// The signals of which no row has a bias that is seen.
  let unbiased: Set<String>
  /// The signals without a standard deviation of a sample in any row.
  let dependent: Set<String>
  /// The largest standard error of a bias; 0 if all expectations are exact.
  let standardError: Double

  /// How exact the biases are, in words.
  var precision: String {
    guard standardError > 0 else { return "exact expectations" }
    return "sampled expectations: standard error of a bias at most"
      + " \(Axis.roundedUp(standardError).parameterText)"
  }

  /// - Throws: `InputError` for a table of another kind.
  init(_ table: Table, for figure: any Figure.Type) throws {
    try table.require([table.subject, "seed", "epoch"] + Self.numbers.sorted(), for: figure)
    let (biases, errors) = try (table.numbers("gradient_bias"), table.numbers("standard_error"))
    let norms = try table.numbers("exact_norm")
    let seen = biases.indices.map { row in
      GradientComparison.isSeen(
        bias: biases[row], standardError: errors[row], exactNorm: norms[row]) ? biases[row] : 0
    }
    self.table = table.with("gradient_bias", .numbers(seen))
    conditions = table.keys.filter { $0 != table.subject }
    let signals = try table.labels(table.subject)
    let biased = seen.indices.filter { seen[$0] != 0 }.map { signals.texts[Int(signals.codes[$0])] }
    unbiased = Set(signals.texts).subtracting(biased)
    let variances = try table.numbers("sample_variance")
    dependent = Set(signals.texts).subtracting(
      variances.indices.filter { !variances[$0].isNaN }.map {
        signals.texts[Int(signals.codes[$0])]
      })
    standardError = errors.filter(\.isFinite).max() ?? 0
  }
}

extension Measure {
  static let bias = Measure(column: "gradient_bias", caption: Caption("bias"), showsZero: true)
  static let squaredBias = Measure(
    column: "gradient_bias", exponent: 2, caption: Caption(markup: "bias^2", plain: "bias²"))
  static let sampleDeviation = Measure(
    column: "sample_variance", exponent: 0.5, caption: Caption("standard deviation of a sample"))
  static let exactNorm = Measure(column: "exact_norm", caption: Caption("‖∇L‖"))
  static let gradientError = Measure(
    column: "gradient_mse",
    caption: Caption(markup: "mean squared error, E ‖g − ∇L‖^2", plain: "E ‖g − ∇L‖²"))
}

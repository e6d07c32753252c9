// SPDX-License-Identifier: GPL-3.0-or-later

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
  /// The signals of which no row has a bias that is seen.
  let unbiased: Set<String>

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
    let signals = try table.labels(table.subject)
    let biased = seen.indices.filter { seen[$0] != 0 }.map { signals.texts[Int(signals.codes[$0])] }
    unbiased = Set(signals.texts).subtracting(biased)
  }
}

extension Measure {
  static let bias = Measure(column: "gradient_bias", caption: Caption("bias"))
  static let squaredBias = Measure(
    column: "gradient_bias", exponent: 2, caption: Caption(markup: "bias^2", plain: "bias²"))
  static let sampleDeviation = Measure(
    column: "sample_variance", exponent: 0.5, caption: Caption("standard deviation of a sample"))
  static let exactNorm = Measure(column: "exact_norm", caption: Caption("‖∇L‖"))
  static let gradientError = Measure(
    column: "gradient_mse",
    caption: Caption(markup: "mean squared error, E ‖g − ∇L‖^2", plain: "E ‖g − ∇L‖²"))
}

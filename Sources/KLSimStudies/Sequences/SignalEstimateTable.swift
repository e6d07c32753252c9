// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences

extension SignalEstimate {
  /// The table that a person reads: one a teacher, student, seed, epoch, number of samples and exact loss.
  ///
  /// - Parameter width: the number of characters of a line.
  /// - Returns: the lines.
  package func text(width: Int) -> String {
    let blocks = rows.grouped(by: \.title).map { title, rows in
      let table = TextTable(header: Self.header, rows: rows.map(\.cells), headsRows: true)
      let lines = TextTable.title(title, width: width) + table.lines(width: width)
      return lines + Self.comparisons(of: rows, width: width)
    }
    return
      (blocks.joined(separator: [""]) + [""]
      + (Self.legend + Self.footnotes(of: rows)).flatMap { TextTable.sentence($0, width: width) })
      .map { $0 + "\n" }.joined()
  }

  private static let header = [
    "signal", "found", "bias", "bias/‖∇L‖", "cosine", "scale", "direction bias", "sample sd",
    "rmse", "worth",
  ]

  private static let legend = [
    "found: exact by enumeration or dynamic programming, or sampled by --draws; then bias ± standard error, and"
      + " ≲ marks a bias within two of them.",
    "bias: ‖E g - ∇L‖. cosine: of E g and ∇L. scale: the factor c of E g that comes closest to ∇L."
      + " direction bias: ‖c E g - ∇L‖/‖∇L‖, what no factor removes.",
    "sample sd: (E ‖g - E g‖²)^½. rmse: (E ‖g - ∇L‖²)^½ of a step of --samples.",
    "worth: samples a step at which the variance is as large as bias²; more bring little. Without a bias more"
      + " samples always help, which does not say that the error is small.",
  ]

  /// Why cells are empty.
  private static func footnotes(of rows: [Row]) -> [String] {
    let dependent = rows.compactMap { row in
      row.comparison.dependence.map {
        "* \(row.setup.signal.specification): \($0.rawValue), so that one sample's variance does not give that"
          + " of a step; rmse holds for this number of samples alone."
      }
    }
    let chains = rows.compactMap { row in
      row.setup.signal.component.burnIn.map {
        "\(row.setup.signal.specification): expectation and standard error are those of independent runs at this"
          + " student, each after \($0) steps."
      }
    }
    return (dependent + chains).uniqued()
  }

  /// Where the mean squared errors of signals meet that of the best one without bias, in words.
  private static func comparisons(of rows: [Row], width: Int) -> [String] {
    // After updates every signal has a student of its own.
    let own = rows.filter { $0.epoch == 0 && ($0.comparison.sampleVariance ?? 0) > 0 }
    let unbiased = own.filter { !$0.comparison.isBiasSeen }
      .min { $0.comparison.variance < $1.comparison.variance }
    guard let reference = unbiased ?? own.first, own.count > 1 else { return [] }
    let name = reference.setup.signal.specification
    let kind =
      unbiased == nil ? "the first signal; none is without bias" : "no bias, least variance"
    let title = "Mean squared error of a step, beside that of \(name) (\(kind)):"
    return [""] + TextTable.sentence(title, width: width)
      + own.filter { $0.setup.signal.specification != name }.flatMap { row in
        TextTable.sentence(
          "\(row.setup.signal.specification): \(row.comparison.words(beside: reference.comparison))",
          width: width - 2
        ).map { "  \($0)" }
      }
  }
}

extension GradientComparison {
  /// How its mean squared error compares with another one by samples a step.
  fileprivate func words(beside other: Self) -> String {
    let samples = breakEvenSamples(with: other)
    // Of one sample, and of many.
    let isLessFirst = squaredBias + variance < other.squaredBias + other.variance
    if let samples, samples > 1 {
      let (first, then) = isLessFirst ? ("smaller", "larger") : ("larger", "smaller")
      return "\(first) below \(digits(samples.rounded(.up))) samples a step, \(then) from there on"
    }
    let isLess =
      squaredBias == other.squaredBias ? variance < other.variance : squaredBias < other.squaredBias
    let ratio = variance / other.variance
    guard squaredBias == other.squaredBias else {
      return "\(isLess ? "smaller" : "larger") at any number of samples"
    }
    return abs(ratio - 1) < 1e-12
      ? "the same" : "\(digits(ratio, 4)) times as large at any number of samples"
  }
}

extension SignalEstimate.Row {
  /// What the rows of one table share.
  fileprivate var title: [String] {
    let updates =
      epoch == 0
      ? []
      : [
        "after \(epoch) updates by the signal itself",
        "\(setup.optimizer.specification) \(setup.learningRate.specification)",
      ]
    return setup.worldWords + ["seed \(seed)"] + updates + [
      "\(setup.samples) samples a step", "against \(against)",
    ]
  }

  /// The cells of the table that a person reads.
  fileprivate var cells: [String] {
    let sampled = comparison.sampleCount != nil
    let isSeen = comparison.isBiasSeen
    // What cancels in the last digits is no bias.
    let isRounding = !isSeen && !sampled
    func bias(_ value: Double) -> String {
      isRounding ? "0" : (isSeen ? "" : "≲") + digits(value, 4)
    }
    let mark = comparison.dependence == nil ? nil : "*"
    return [
      setup.signal.specification, sampled ? "sampled" : "exact",
      bias(comparison.bias) + (sampled ? " ± \(digits(comparison.standardError, 2))" : ""),
      bias(comparison.bias / comparison.exactNorm),
      comparison.cosine.map { digits($0, 4) } ?? "", comparison.scale.map { digits($0, 4) } ?? "",
      comparison.directionBias.map { isRounding ? "0" : bias($0) } ?? "",
      mark ?? comparison.sampleVariance.map { digits($0.squareRoot(), 4) } ?? "",
      digits(comparison.meanSquaredError(samples: setup.samples).squareRoot(), 4),
      mark ?? comparison.worthwhileSamples.map { digits($0.rounded(.up)) }
        ?? (isSeen ? "" : sampled ? "no bias seen" : "no bias"),
    ]
  }
}

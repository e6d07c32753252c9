// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// Whether mixtures of the two KLs beat forward KL in the first epochs.
struct Mixing: Claim {
  static let name = "mixing"
  static let statement =
    "In the first epochs (2, 5 and 10) mixtures of forward and reverse KL are ahead of forward KL"
    + " alone, by head error, tail error and total error (head: mass 0.5)."
  static let source =
    "\(PaperSettings.source) (akl); arXiv 2306.13649 (gjsd); 2402.03898 (skew); 2505.04560"
    + " (alpha-beta); and ToDi"
  static let setting = "akl on longtail, both objectives with Adam at 0.2"
  static let quantity = "the error of the mixture minus that of fkl"

  struct Cell: ClaimCell {
    let objective: String
    let epoch: Int
    let measure: ErrorPart
    let rates: MixingRates
    /// The learning rates of the mixture and of forward KL.
    let rate: Double
    let forwardRate: Double

    static let columns = [
      Column(key: "objective", .text, "specification of the mixture"),
      Column.epoch,
      ErrorPart.column,
      Column(key: "rates", .text, MixingRates.summary),
      Column(key: "rate", .number, "learning rate of the mixture"),
      Column(key: "fkl_rate", .number, "learning rate of fkl"),
    ]
    var values: [Value] {
      [
        .text(objective), Value(epoch), .text(measure.rawValue), .text(rates.rawValue),
        .number(rate), .number(forwardRate),
      ]
    }
  }

  private static let mixtures = [
    "mix", "akl", "js", "gjsd:beta=0.1", "skew-fkl", "skew-rkl", "alpha-beta", "todi",
  ]
  private static let epochs = [2, 5, 10]
  /// The words of a novel: all of them, those after "the" and those after "said".
  private static let english = [
    "ngram:text=alice:order=1:size=5000",
    "ngram:text=alice:size=5000:estimator=kneser-ney:history=the",
    "ngram:text=alice:size=5000:estimator=kneser-ney:history=said",
  ]

  func trials() throws -> [Trial<Cell>] {
    PaperSettings.conditions(
      teachers: ["longtail", "zipf", "dirichlet:size=200:concentration=0.1"] + Self.english,
      optimizers: [("adam", 0.2), ("sgd", 10)]
    ).map { condition in
      Trial(condition: condition) { try Self.examination(condition, $0) }
    }
  }

  private static func examination(
    _ condition: Condition, _ kernels: VectorKernels
  ) throws -> Examination<Cell> {
    let comparisons = try MixingRates.comparisons(
      of: mixtures, epochs: epochs, under: condition, kernels)
    let choices = comparisons.flatMap { [$0.mixture, $0.forward] }.uniqued()
    let runs = try PairedRuns(
      condition, objectives: choices.map(\.objective), learningRates: choices.map(\.learningRate),
      epochs: epochs[epochs.count - 1], recorded: epochs)
    let questions = comparisons.flatMap { comparison -> [FitQuestion<Cell>] in
      let places = [comparison.mixture, comparison.forward].compactMap(choices.firstIndex(of:))
      return ErrorPart.allCases.map { measure in
        FitQuestion(
          Cell(
            objective: comparison.mixture.objective, epoch: comparison.epoch, measure: measure,
            rates: comparison.rates, rate: comparison.mixture.learningRate,
            forwardRate: comparison.forward.learningRate),
          runs: places, at: comparison.epoch
        ) { measure.smaller($0[0], than: $0[1]) }
      }
    }
    return Examination(runs: runs, questions: questions, kernels)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition == PaperSettings.longTail && evidence.cell.objective == "akl"
      && evidence.cell.rates == .common
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter(isPublished)
    return [
      "akl \(PaperSettings.longTail.place), both at that rate: \(Words.share(of: published))"
    ]
      + evidence.grouped {
        "with \($0.condition.optimizer), \($0.cell.rates.words)"
      }.map { name, own in
        let ahead = own.grouped(by: \.cell.objective).filter { _, own in
          own.contains { $0.verdict == .holds }
        }.map(\.key)
        return "\(name): \(Words.share(of: own)) (teacher, mixture, epoch and error)"
          + (ahead.isEmpty ? "" : ", by \(ahead.joined(separator: ", "))")
      }
  }
}

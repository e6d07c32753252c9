// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Whether mixing the two KLs, in whatever way, beats forward KL in the few epochs of a training.
public struct Mixing: Claim {
  public static let name = "mixing"
  public static let statement =
    "In the first epochs (2, 5 and 10) mixtures of forward and reverse KL are ahead of forward KL"
    + " alone, by head error, tail error and total error (head: mass 0.5)."
  public static let source =
    "\(PaperSettings.source) (akl); arXiv 2306.13649 (gjsd); 2402.03898 (skew); 2505.04560"
    + " (alpha-beta); and ToDi"
  public static let cellColumns = [
    Column("objective", .text, "specification of the mixture"),
    Column.epoch,
    Column("error", .text, "head, tail or total"),
  ]
  public static let quantity = "the error of the mixture minus that of fkl"

  private static let mixtures = [
    "mix", "akl", "js", "gjsd:beta=0.1", "skew-fkl", "skew-rkl", "alpha-beta", "todi",
  ]
  private static let epochs = [2, 5, 10]
  /// What stands anywhere, after "the" and after "said" in a novel.
  private static let english = [
    "ngram:text=alice:order=1:size=5000",
    "ngram:text=alice:size=5000:estimator=kneser-ney:history=the",
    "ngram:text=alice:size=5000:estimator=kneser-ney:history=said",
  ]

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: ["longtail", "zipf", "dirichlet:size=200:concentration=0.1"] + Self.english,
      optimizers: [("adam", 0.2), ("sgd", 10)]
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: ["fkl"] + Self.mixtures, epochs: Self.epochs[Self.epochs.count - 1],
        recorded: Self.epochs)
      let cells = Self.mixtures.flatMap { mixture in
        Self.epochs.flatMap { epoch in
          ["head", "tail", "total"].map { [mixture, epoch.description, $0] }
        }
      }
      return Trial(condition: condition, cells: cells) {
        try runs($0, $1).map { seed in
          seed.dropFirst().flatMap { mixture in
            zip(mixture.records, seed[0].records).flatMap { own, forward in
              [
                Outcome.smaller(own.heads[0].head, than: forward.heads[0].head),
                Outcome.smaller(own.heads[0].tail, than: forward.heads[0].tail),
                Outcome.smaller(2 * own.totalVariation, than: 2 * forward.totalVariation),
              ]
            }
          }
        }
      }
    }
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    let lines = evidence.byCondition.map { condition, own in
      let ahead = Self.mixtures.compactMap { mixture -> String? in
        let cells = own.filter { $0.cell[0] == mixture && $0.verdict == .holds }
        return cells.isEmpty
          ? nil
          : "\(mixture) (\(cells.map { "\($0.cell[2]) \($0.cell[1])" }.joined(separator: ", ")))"
      }
      return "\(condition.place): "
        + (ahead.isEmpty ? "none is ahead" : ahead.joined(separator: "; "))
    }
    return ["\(Words.count(of: evidence)) (error and epoch)"] + lines
  }
}

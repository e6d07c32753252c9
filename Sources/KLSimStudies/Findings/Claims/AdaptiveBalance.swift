// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Adaptive KL is ahead of the two that it mixes.
public struct AdaptiveBalance: Claim {
  public static let name = "akl-balance"
  public static let statement =
    "From the first epoch to the 50th (at \(epochs.count) of them) adaptive KL has a smaller total"
    + " error than forward KL and than reverse KL."
  public static let source = "\(PaperSettings.source), section 4: so mix them adaptively"
  public static let cellColumns = [
    Column("rival", .text, "the objective that akl is compared with"),
    Column.epoch,
  ]
  public static let quantity = "total error (head and tail) of akl minus that of the rival"

  private static let epochs = [1, 2, 3, 4, 5, 6, 8, 10, 13, 17, 20, 30, 40, 50]

  public init() {}

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers + ["zipf"],
      optimizers: [("adam", 0.05), ("adam", 0.2), ("sgd", 1), ("sgd", 10)]
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: ["akl"] + PaperSettings.objectives,
        epochs: Self.epochs[Self.epochs.count - 1], recorded: Self.epochs)
      let cells = PaperSettings.objectives.flatMap { rival in
        Self.epochs.map { [rival, $0.description] }
      }
      return Trial(condition: condition, cells: cells) {
        try runs($0, $1).map { seed in
          seed.dropFirst().flatMap { rival in
            zip(seed[0].records, rival.records).map {
              Outcome.smaller(2 * $0.totalVariation, than: 2 * $1.totalVariation)
            }
          }
        }
      }
    }
  }

  public func isHeadline(_ evidence: Evidence) -> Bool {
    evidence.condition == PaperSettings.longTail
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    evidence.publishedFirst(by: \.self).map { condition, own in
      let rivals = PaperSettings.objectives.map { rival in
        let holding = own.filter { $0.cell[0] == rival && $0.verdict == .holds }
        let held = holding.compactMap { Int($0.cell[1]) }
        let stretches = Words.stretches(of: held, among: Self.epochs)
        return "below \(rival) at "
          + (held.isEmpty ? "no epoch" : "epoch\(held.count == 1 ? "" : "s") \(stretches)")
      }
      return "\(condition.place): \(rivals.joined(separator: ", "))"
    }
  }
}

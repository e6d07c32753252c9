// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimFiles

/// The cuts, epochs and measures at which an order of errors holds, in words.
enum OrderWords {
  /// The lines of a report.
  static func lines(_ evidence: [Evidence<OrderCell>], side: Side) -> [String] {
    let published = evidence.filter { $0.condition == PaperSettings.longTail }
    let absolute = evidence.filter {
      $0.cell.measure == .absolute && $0.condition.startsAsPublished
    }
    let others = absolute.filter { $0.condition != PaperSettings.longTail }
    let starts = Words.shares(
      of: evidence.filter { !$0.condition.startsAsPublished && $0.cell.measure == .absolute },
      by: \.condition.initialization)
    return [
      "\(PaperSettings.longTail.place): "
        + cuts(published.filter { $0.cell.measure == .absolute }),
      "there, on \(side.published), by other measures: \(measures(published))",
    ]
      + ["adam", "sgd"].map { optimizer in
        "with \(optimizer) on other teachers or at other rates: "
          + conditions(others.filter { $0.condition.optimizer == optimizer })
      } + ["from other starts, by absolute error at a few cuts: \(starts)"]
  }

  /// The cuts at which it holds throughout the early epochs, and the last epoch at which it does.
  static func cuts(_ evidence: [Evidence<OrderCell>]) -> String {
    let holding = holding(evidence)
    guard !holding.isEmpty else { return "at no cut throughout epochs 1–10" }
    let epochs = evidence.map(\.cell.epoch).uniqued().sorted()
    let last =
      epochs.prefix { epoch in
        evidence.allSatisfy {
          $0.cell.epoch != epoch || !holding.contains($0.cell.cut) || $0.verdict == .holds
            || $0.verdict == .chaotic
        }
      }.last ?? OrderCell.early.upperBound
    let heads = Words.stretches(
      of: holding.map(\.headCount), among: evidence.map(\.cell.cut.headCount))
    let size = evidence[0].cell.cut.vocabularySize
    return "for heads of \(heads) of \(size) tokens (tail mass"
      + " \(Words.range(holding.map(\.tailMass)))) at epochs \(OrderCell.early.lowerBound)–\(last)"
  }

  /// The cuts at which it holds throughout the early epochs.
  private static func holding(_ evidence: [Evidence<OrderCell>]) -> [Cut] {
    evidence.filter { OrderCell.early.contains($0.cell.epoch) && $0.verdict != .chaotic }
      .grouped(by: \.cell.cut)
      .filter { $0.elements.allSatisfy { $0.verdict == .holds } }.map(\.key)
  }

  /// The measures by which it holds at the cut of the paper's figure.
  private static func measures(_ evidence: [Evidence<OrderCell>]) -> String {
    Words.holding(
      "epoch", in: evidence.filter { $0.cell.cut.isPublished && $0.cell.measure != .absolute },
      by: \.cell.epoch, each: \.cell.measure.rawValue)
  }

  /// The number of conditions in which it holds at every cut, at some and at none.
  private static func conditions(_ evidence: [Evidence<OrderCell>]) -> String {
    let shares = evidence.grouped(by: \.condition).map { _, own in
      (held: holding(own).count, all: Set(own.map(\.cell.cut)).count)
    }
    let every = shares.count { $0.held == $0.all }
    let none = shares.count { $0.held == 0 }
    return "at every cut in \(every), at some in \(shares.count - every - none), at none in \(none)"
      + " of \(shares.count) conditions"
  }
}

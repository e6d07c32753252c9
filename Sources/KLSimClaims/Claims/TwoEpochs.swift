// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// Who is ahead after as few epochs as real distillation has.
struct TwoEpochs: SharedOrder {
  static let name = "two-epochs"
  static let statement =
    "In the first two epochs of minibatches over contexts that share parameters, what is said to distil"
    + " better than forward KL (reverse KL, mix, AKL, JS, skewed forward KL) is ahead of it by head, tail"
    + " and total error (head: mass 0.5), on training and on held-out contexts."
  static let source =
    "arXiv 2306.08543 (rkl), 2306.13649 (js), 2402.03898 (skew-fkl); \(PaperSettings.source) (akl, mix)"
  static let order = (leaders: ["rkl", "mix", "akl", "js", "skew-fkl"], follower: "fkl")
  static let parts = ErrorPart.allCases
  static let heads = ["mass=0.5"]

  /// The end of the two epochs, on contexts that the student has not seen.
  private static func isEnd(_ cell: SharedOrderCell) -> Bool {
    cell.epoch == 2 && cell.split == .heldOut
  }

  func isPublished(_ evidence: Evidence<SharedOrderCell>) -> Bool {
    evidence.condition == SharedSetting.first.condition && Self.isEnd(evidence.cell)
  }

  func boundaries(_ evidence: [Evidence<SharedOrderCell>]) -> [String] {
    let first = evidence.filter { $0.condition == SharedSetting.first.condition }
    let totals = evidence.filter {
      $0.cell.rates == .common && $0.cell.part == .total && Self.isEnd($0.cell)
    }
    let ends = first.filter(isPublished).grouped(by: \.cell.rates).map { rates, own in
      let shares = own.grouped(by: \.cell.leader.objective).map { objective, own in
        "\(objective) \(own.map { digits(100 * $0.observedShare, 2) }.joined(separator: "/"))"
      }
      return "\(SharedSetting.first.name), \(rates.words), held out at epoch 2, ahead of fkl by"
        + " head/tail/total error in % of seeds: \(shares.joined(separator: ", "))"
    }
    return ends + [
      "there the smallest mean total error, train/held-out: " + Self.leaders(first),
      "ahead of fkl by total error held out at epoch 2 in more (+) or less (-) than half of the seeds, not"
        + " told apart (=) or chaotic (c), by Adam's common rate "
        + Self.signs(
          totals,
          of: (SharedSetting.otherRates + [SharedSetting.first]).sorted {
            $0.condition.learningRate < $1.condition.learningRate
          }, name: { digits($0.condition.learningRate) }),
      "the same with " + Self.signs(totals, of: SharedSetting.others, name: \.name),
    ]
  }

  /// The objective with the smallest mean total error, by rates and epoch: `at one rate: epoch 0.5 fkl/js`.
  private static func leaders(_ evidence: [Evidence<SharedOrderCell>]) -> String {
    evidence.filter { $0.cell.part == .total }.grouped(by: \.cell.rates).map { rates, own in
      let epochs = own.grouped(by: \.cell.epoch).map { epoch, own in
        let leaders = own.grouped(by: \.cell.split).map { leader($1) }
        return "epoch \(digits(epoch)) \(leaders.joined(separator: "/"))"
      }
      return "\(rates.words): \(epochs.joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  /// The one with the smallest mean difference to the follower, whose own is 0.
  private static func leader(_ evidence: [Evidence<SharedOrderCell>]) -> String {
    let ahead = evidence.filter { $0.mean ?? 0 < 0 }
    return ahead.min { ($0.mean ?? 0) < ($1.mean ?? 0) }?.cell.leader.objective ?? order.follower
  }

  /// Who is ahead in some settings, one sign each: `0.01/0.03/0.1: rkl --+, mix =++`.
  private static func signs(
    _ evidence: [Evidence<SharedOrderCell>], of settings: [SharedSetting],
    name: (SharedSetting) -> String
  ) -> String {
    let objectives = order.leaders.map { objective in
      let signs = settings.map { setting in
        evidence.first {
          $0.condition == setting.condition && $0.cell.leader.objective == objective
        }
        .map { sign($0) } ?? "?"
      }
      return "\(objective) \(signs.joined())"
    }
    return "\(settings.map(name).joined(separator: "/")): \(objectives.joined(separator: ", "))"
  }

  /// Whether the share of seeds differs from one half with 95 % confidence.
  private static func sign(_ evidence: Evidence<SharedOrderCell>) -> String {
    guard evidence.verdict != .chaotic else { return "c" }
    return evidence.share.low > 0.5 ? "+" : evidence.share.high < 0.5 ? "-" : "="
  }
}

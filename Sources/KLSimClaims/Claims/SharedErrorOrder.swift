// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies

/// Forward KL has the smaller head error where contexts share parameters.
struct HeadFirstShared: SharedErrorOrder {
  static let name = "head-first-shared"
  static let statement =
    "Where contexts share parameters, too, forward KL fits the head first: after 0.5, 1 and 2 epochs of"
    + " minibatches its head error is below reverse KL's, on training and on held-out contexts."
  static let order = (leaders: ["fkl"], follower: "rkl")
  static let parts = [ErrorPart.head]
}

/// Reverse KL has the smaller tail error where contexts share parameters.
struct TailFirstShared: SharedErrorOrder {
  static let name = "tail-first-shared"
  static let statement =
    "Where contexts share parameters, too, reverse KL fits the tail first: after 0.5, 1 and 2 epochs of"
    + " minibatches its tail error is below forward KL's, on training and on held-out contexts."
  static let order = (leaders: ["rkl"], follower: "fkl")
  static let parts = [ErrorPart.tail]
}

/// The paper's order of errors, asked of students with shared parameters.
protocol SharedErrorOrder: SharedOrder {}

extension SharedErrorOrder {
  static var source: String {
    "\(PaperSettings.source), section 4, of one student a context and hundreds of updates"
  }
  static var heads: [String] { SharedSetting.heads }

  func isPublished(_ evidence: Evidence<SharedOrderCell>) -> Bool {
    covers(evidence) && evidence.condition == SharedSetting.first.condition
  }

  func boundaries(_ evidence: [Evidence<SharedOrderCell>]) -> [String] {
    let first = evidence.filter { $0.condition == SharedSetting.first.condition }
    let lines = first.grouped(by: \.cell.rates).map { rates, own in
      let parts = own.grouped(by: \.cell.split).map { split, own in
        let epochs = Words.holding(
          "epoch", in: own, by: \.cell.epoch, name: { digits($0) }, each: { "head \($0.cell.head)" }
        )
        return "\(split.rawValue): \(epochs)"
      }
      return "\(SharedSetting.first.name), \(rates.words): \(parts.joined(separator: "; "))"
    }
    return lines + [
      "cells up to epoch 2 in which it holds, by Adam's common rate: "
        + counts(evidence, .common, in: SharedSetting.otherRates),
      "with other settings, both at one rate: "
        + counts(evidence, .common, in: SharedSetting.others),
      "with other settings, each at its own best rate: "
        + counts(evidence, .best, in: SharedSetting.others),
    ]
  }

  /// The early cells that hold among those that are not chaotic, by setting: `batch 1 12 of 18`.
  private func counts(
    _ evidence: [Evidence<SharedOrderCell>], _ rates: MixingRates, in settings: [SharedSetting]
  ) -> String {
    settings.compactMap { setting in
      let own = evidence.filter {
        covers($0) && $0.cell.rates == rates && $0.condition == setting.condition
      }
      let calm = own.filter { $0.verdict != .chaotic }
      return own.isEmpty
        ? nil : "\(setting.name): \(calm.count { $0.verdict == .holds }) of \(calm.count)"
    }.joined(separator: ", ")
  }
}

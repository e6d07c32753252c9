// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Forward KL is ahead on the head.
public struct HeadFirst: ErrorOrder {
  public static let name = "head-first"
  public static let statement =
    "In the early epochs (1, 2, 3, 5, 7, 10) forward KL fits the head first: its head error is below reverse"
    + " KL's, wherever the head ends."
  public static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "fkl", follower: "rkl")
  static let part = "head"

  public init() {}

  static func error(_ error: HeadTailError) -> Double { error.head }
}

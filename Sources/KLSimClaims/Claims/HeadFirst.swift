// SPDX-License-Identifier: GPL-3.0-or-later

/// Forward KL is ahead on the head.
public struct HeadFirst: ErrorOrder {
  public static let name = "head-first"
  public static let statement =
    "In the early epochs (1 to 10) forward KL fits the head first: its head error is below reverse KL's."
  public static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "fkl", follower: "rkl")
  static let side = Side.head

  public init() {}
}

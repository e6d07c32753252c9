// SPDX-License-Identifier: GPL-3.0-or-later

/// Reverse KL is ahead on the tail.
public struct TailFirst: ErrorOrder {
  public static let name = "tail-first"
  public static let statement =
    "In the early epochs (1 to 10) reverse KL fits the tail first: its tail error is below forward KL's."
  public static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail

  public init() {}
}

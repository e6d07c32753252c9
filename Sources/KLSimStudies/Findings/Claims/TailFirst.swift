// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Reverse KL is ahead on the tail.
public struct TailFirst: ErrorOrder {
  public static let name = "tail-first"
  public static let statement =
    "In the early epochs (1, 2, 3, 5, 7, 10) reverse KL fits the tail first: its tail error is below forward"
    + " KL's, wherever the tail begins."
  public static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "rkl", follower: "fkl")
  static let part = "tail"

  public init() {}

  static func error(_ error: HeadTailError) -> Double { error.tail }
}

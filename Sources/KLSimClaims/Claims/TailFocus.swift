// SPDX-License-Identifier: GPL-3.0-or-later

/// Reverse KL works on the tail.
public struct TailFocus: ErrorFocus {
  public static let name = "tail-focus"
  public static let statement =
    "Reverse KL focuses on the tail: at the start a larger share of its gradient lies there than of"
    + " forward KL's, and its own tail error shrinks faster than its head error."
  public static let source =
    "\(PaperSettings.source), section 4: what the gradient acts on in the first epochs"
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail

  public init() {}
}

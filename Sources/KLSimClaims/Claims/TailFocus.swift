// SPDX-License-Identifier: GPL-3.0-or-later

/// Reverse KL works on the tail.
package struct TailFocus: ErrorFocus {
  package static let name = "tail-focus"
  package static let statement =
    "Reverse KL focuses on the tail: at the start a larger share of its gradient lies there than of"
    + " forward KL's, and its own tail error shrinks faster than its head error."
  package static let source =
    "\(PaperSettings.source), section 4: what the gradient acts on in the first epochs"
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail

  package init() {}
}

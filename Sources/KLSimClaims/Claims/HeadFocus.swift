// SPDX-License-Identifier: GPL-3.0-or-later

/// Forward KL works on the head.
package struct HeadFocus: ErrorFocus {
  package static let name = "head-focus"
  package static let statement =
    "Forward KL focuses on the head: at the start a larger share of its gradient lies there than of"
    + " reverse KL's, and its own head error shrinks faster than its tail error."
  package static let source =
    "\(PaperSettings.source), section 4: what the gradient acts on in the first epochs"
  static let order = (leader: "fkl", follower: "rkl")
  static let side = Side.head

  package init() {}
}

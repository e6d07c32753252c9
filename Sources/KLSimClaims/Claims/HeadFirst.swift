// SPDX-License-Identifier: GPL-3.0-or-later

/// Forward KL is ahead on the head.
package struct HeadFirst: ErrorOrder {
  package static let name = "head-first"
  package static let statement =
    "In the early epochs (1 to 10) forward KL fits the head first: its head error is below reverse KL's."
  package static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "fkl", follower: "rkl")
  static let side = Side.head

  package init() {}
}

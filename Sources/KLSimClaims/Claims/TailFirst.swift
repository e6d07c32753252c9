// SPDX-License-Identifier: GPL-3.0-or-later

/// Reverse KL is ahead on the tail.
package struct TailFirst: ErrorOrder {
  package static let name = "tail-first"
  package static let statement =
    "In the early epochs (1 to 10) reverse KL fits the tail first: its tail error is below forward KL's."
  package static let source = "\(PaperSettings.source), section 4"
  static let order = (leader: "rkl", follower: "fkl")
  static let side = Side.tail

  package init() {}
}

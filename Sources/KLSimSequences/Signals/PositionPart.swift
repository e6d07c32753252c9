// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A part of the positions t = 1 … T of sequences: all, `t ≤ φT`, or `t > (1 − φ)T`, where T is the maximum
/// length whatever the length of a sequence.
struct PositionPart: Sendable {
  /// Which positions.
  enum Side: String, ParameterChoice {
    case all, first, last
  }

  static let side = Parameter("part", default: Side.all, summary: "which positions count")
  static let share = Parameter(
    "share", default: 0.3, .share, summary: "φ, the share of the positions in the part")
  static let parameters: [any ParameterDeclaration] = [side, share]

  private let side: Side
  private let share: Double

  /// - Throws: `SpecificationError` for a share of all positions.
  init(_ values: Parameters) throws(SpecificationError) {
    (side, share) = (values[Self.side], values[Self.share])
    guard side != .all || !values.isChanged(Self.share.name) else {
      throw .inconsistent(
        component: values.component,
        "share=… goes with part=first or part=last, and part=all has every position; leave out share, or"
          + " name the part")
    }
  }

  /// The steps t − 1 that count.
  func steps(of length: Int) -> Range<Int> {
    // A product that is a whole number may come out a rounding error beside it.
    let cut = share * Double(length)
    return switch side {
    case .all: 0..<length
    case .first: 0..<min(length, Int(cut + 1e-9))
    case .last: max(0, length - Int((cut - 1e-9).rounded(.up)))..<length
    }
  }

  /// Refuses a world in which no position counts.
  ///
  /// - Throws: `SetupError`.
  func check(_ space: JointSpace, of name: String) throws(SetupError) {
    guard steps(of: space.length).isEmpty else { return }
    throw SetupError(
      "\(name): the \(side.rawValue) \(share.parameterText) of \(space.length) positions is none; take a larger"
        + " share")
  }
}

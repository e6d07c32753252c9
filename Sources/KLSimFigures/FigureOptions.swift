// SPDX-License-Identifier: GPL-3.0-or-later

/// The choices of a user for a figure.
public struct FigureOptions: Sendable {
  /// The options that only some figures use.
  public enum Name: String, Sendable, CaseIterable {
    case objectives, error, threshold, order, facet, scale
  }

  /// A part of the error `Σ |p − q|`.
  public enum ErrorPart: String, Sendable, CaseIterable {
    case head, tail
    /// Head and tail, twice the total variation distance.
    case total
  }

  /// The order of the tokens.
  ///
  /// By index, or by the teacher's rank.
  public enum Order: String, Sendable, CaseIterable {
    case token, rank
  }

  /// The scale of the vertical axis.
  public enum Scale: String, Sendable, CaseIterable {
    case log, linear
  }

  /// The title; nil for the condition that the figure shows.
  public var title: String?
  /// The epochs to show, of a fraction the recorded one that agrees in all its digits; nil for all, or for
  /// some that the figure chooses.
  public var epochs: [Double]?
  /// The range of epochs to show, of which a figure may choose some; nil for all.
  public var window: ClosedRange<Double>?
  /// The objectives to show, nil for all; where two are compared, the first is the one ahead.
  public var objectives: [String]?
  /// The error to show or to compare; nil for the default of the figure.
  public var error: ErrorPart?
  /// The total variation distance below which a run has converged; nil for
  /// `Trajectory.convergenceThreshold`.
  public var threshold: Double?
  /// The order of the tokens; nil for that of the index where all tokens of a small vocabulary are
  /// there, else the rank.
  public var order: Order?
  /// The column of which each value gets a panel; nil for panels where there are many conditions.
  public var facet: String?
  /// The scale of the vertical axis; nil for a logarithmic one where numbers differ by orders of
  /// magnitude.
  public var scale: Scale?

  /// The defaults.
  public init() {}
}

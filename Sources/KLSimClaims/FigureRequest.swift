// SPDX-License-Identifier: GPL-3.0-or-later

/// A figure that is to be drawn from a table of a report.
public struct FigureRequest: Sendable {
  /// The name of the figure's file, without extension.
  public var name: String
  /// The kind of figure, as `plot --figure` names it.
  public var kind: String
  /// The title above the figure.
  public var title: String
  /// The values of columns that select the rows to draw.
  public var selection: [(column: String, value: String)]
  /// The epochs to show; nil for a choice.
  public var epochs: [Int]?
  /// The objectives that are compared, that which is ahead first; nil for those of the table.
  public var objectives: [String]?

  init(
    name: String, kind: String, title: String, selection: [(column: String, value: String)],
    epochs: [Int]? = nil, objectives: [String]? = nil
  ) {
    self.name = name
    self.kind = kind
    self.title = title
    self.selection = selection
    self.epochs = epochs
    self.objectives = objectives
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimFiles
public import KLSimNumerics

/// A picture of a table: what is shown, and how gnuplot draws it.
///
/// It is made from a table, so that errors in the table are found before gnuplot starts.
public protocol Figure: Sendable {
  /// What a user types.
  static var name: String { get }
  /// What it shows, one line.
  static var summary: String { get }
  /// The columns that it may read as numbers.
  static var numbers: Set<String> { get }
  /// The options that it uses.
  static var options: Set<FigureOptions.Name> { get }
  /// The formats it can be drawn in, first that of reports.
  static var formats: [Canvas.Format] { get }

  /// Computes what the figure shows.
  ///
  /// - Parameters:
  ///   - table: the rows, of no more conditions than the figure can show.
  ///   - options: the choices of the user.
  /// - Throws: `InputError` for a table that lacks data, `FigureError` for rows that cannot be shown
  ///   in one figure.
  init(_ table: Table, _ options: FigureOptions) throws

  /// The default size in pixels.
  var size: (width: Int, height: Int) { get }

  /// Draws it.
  ///
  /// - Parameter script: the script to add to, which knows the canvas.
  /// - Throws: `FigureError` if the canvas is too small.
  func draw(in script: inout Script) throws
}

extension Figure {
  public static var options: Set<FigureOptions.Name> { [] }
  public static var formats: [Canvas.Format] { [.svg, .png, .pdf, .text] }
}

/// A figure that cannot be drawn of what was chosen.
public struct FigureError: CategorizedError, Equatable {
  /// What would make the figure possible.
  public enum Remedy: Equatable, Sendable {
    /// To select rows, such as these.
    case selectRows([Table.Selection])
    /// To choose objectives, such as these.
    case chooseObjectives([String])
    /// To record several heads, such as these.
    case recordHeads([String])
    /// To record several learning rates, such as these.
    case recordRates([Double])
    /// To record several students of sequences, such as these.
    case recordStudents([String])
    /// A canvas of this size.
    case enlarge(width: Int, height: Int)
  }

  public let description: String
  /// What would make the figure possible, nil if the description says all there is to say.
  public let remedy: Remedy?

  public var category: ErrorCategory { .usage }

  init(description: String, remedy: Remedy? = nil) {
    self.description = description
    self.remedy = remedy
  }
}

/// Every figure a user can type, in one place.
public enum FigureCatalog {
  /// The figures, in the order of lists.
  public static let all = Registry<any Figure.Type>([
    CurvesFigure.self, RatesFigure.self, ParetoFigure.self, SnapshotsFigure.self, PhaseFigure.self,
    SurvivalFigure.self, AnimationFigure.self, EstimatorsFigure.self, ErrorBySamplesFigure.self,
    CapacityFigure.self,
  ]) { $0.name }

  /// The figures of a kind of table, by name.
  package static func figures(of kind: TableKind) -> [String] {
    let figures: [any Figure.Type] =
      switch kind {
      case .records:
        [
          CurvesFigure.self, RatesFigure.self, ParetoFigure.self, PhaseFigure.self,
          SurvivalFigure.self,
        ]
      case .aggregates: [CurvesFigure.self, RatesFigure.self, ParetoFigure.self]
      case .snapshots: [SnapshotsFigure.self, AnimationFigure.self]
      case .evidence: [PhaseFigure.self, SurvivalFigure.self]
      case .estimates: [EstimatorsFigure.self, ErrorBySamplesFigure.self]
      case .sequences:
        [CurvesFigure.self, RatesFigure.self, ParetoFigure.self, CapacityFigure.self]
      default: []
      }
    return figures.map { $0.name }
  }

  /// The figure of a name.
  ///
  /// - Throws: `SpecificationError.unknownName`.
  public static func figure(named name: String) throws(SpecificationError) -> any Figure.Type {
    all[try all.names.place(of: name, kind: "figure")]
  }
}

public import KLSimFiles
public struct SnapshotsFigure: Figure {
  public static let name = "Snapshots"
  public static let summary = ""
  public static let numbers: Set<String> = []
  static let delay = 12
  public init(_ table: Table, _ options: FigureOptions) throws {}
  public var size: (width: Int, height: Int) { (960, 720) }
  public func draw(in script: inout Script) {}
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The format and the size of a picture.
public struct Canvas: Sendable {
  /// The format of the output.
  public enum Format: String, Sendable, CaseIterable {
    case svg, png, pdf, gif
    /// Characters, for a terminal.
    case text
  }

  /// The format of the picture.
  public let format: Format
  /// In pixels, of which a PDF has 96 an inch; in characters for text.
  public let width: Int
  /// As `width`.
  public let height: Int
  /// The factor by which text and lines are enlarged.
  let scale: Double
  /// Whether text is coloured.
  let isColoured: Bool

  /// The canvas for a figure in a file.
  ///
  /// - Parameters:
  ///   - figure: the figure.
  ///   - format: svg, png, pdf or gif.
  ///   - size: width and height in pixels. Without it the figure decides, and a PNG has twice as
  ///     many pixels, each line twice as wide.
  public init(for figure: any Figure, _ format: Format, size: (width: Int, height: Int)? = nil) {
    let defaultSize = figure.size
    let factor = format == .png ? 2 : 1
    self.format = format
    (width, height) = size ?? (defaultSize.width * factor, defaultSize.height * factor)
    scale =
      format == .png
      ? max(
        0.75,
        min(
          Double(width) / Double(defaultSize.width), Double(height) / Double(defaultSize.height)))
      : 1
    isColoured = true
  }

  /// The canvas in a terminal.
  ///
  /// - Parameters:
  ///   - columns: its width in characters.
  ///   - rows: its height in characters.
  ///   - isColoured: whether it shows colours.
  public init(columns: Int, rows: Int, isColoured: Bool) {
    format = .text
    width = columns
    height = rows
    scale = 1
    self.isColoured = isColoured
  }

  /// The same canvas in another size, with text as large as before.
  func resized(width: Int, height: Int) -> Canvas {
    Canvas(format: format, width: width, height: height, scale: scale, isColoured: isColoured)
  }

  private init(format: Format, width: Int, height: Int, scale: Double, isColoured: Bool) {
    (self.format, self.width, self.height) = (format, width, height)
    (self.scale, self.isColoured) = (scale, isColoured)
  }

  /// The smallest and the largest size, in pixels.
  public static let sizes = 200...10_000
  /// The smallest and the largest size in a terminal, in characters.
  public static let textSizes = 12...1000

  var isText: Bool { format == .text }

  /// gnuplot's size of markers, which must tell lines apart in a GIF, where there are no dashes.
  var pointSize: Double { format == .gif ? 1.4 : 0.7 }

  /// How many panels can stand side by side and be read, and how many on the whole canvas; in pixels
  /// the size follows the panels.
  ///
  /// - Parameter keyRows: the height of the key in lines.
  /// - Returns: both numbers, at least one.
  func room(keyRows: Int) -> (columns: Int, panels: Int) {
    guard isText else { return (.max, .max) }
    let columns = max(width / 38, 1)
    return (columns, columns * max((height - 2 - keyRows) / 8, 1))
  }

  /// The height of a line of text, as a share of the canvas.
  var line: Double { (isText ? 1 : 17 * scale) / Double(height) }

  /// The width of a character, as a share of the canvas.
  var character: Double { (isText ? 1 : 6.8 * scale) / Double(width) }

  /// gnuplot's command that chooses the format of the output.
  ///
  /// - Parameter isAnimated: whether several frames follow.
  /// - Returns: one line.
  func terminal(isAnimated: Bool) -> String {
    let size = "size \(width),\(height)"
    return switch format {
    case .svg:
      "set terminal svg enhanced \(size) font 'Helvetica,Arial,sans-serif,12' background '#ffffff'"
    case .png:
      "set terminal pngcairo enhanced \(size) font 'sans,9' fontscale \(scale)"
        + " linewidth \(scale) pointscale \(scale)"
    case .pdf:
      "set terminal pdfcairo enhanced size \(Double(width) / 96)in,\(Double(height) / 96)in"
        + " font 'sans,9' fontscale 0.75 linewidth 1.5"
    case .gif:
      "set terminal gif enhanced \(size) linewidth 1.5 font 'sans,9' background '#ffffff'"
        + (isAnimated ? " animate delay \(AnimationFigure.delay) loop 0" : "")
    case .text:
      "set terminal dumb nofeed enhanced \(size) aspect 1 \(isColoured ? "ansi256" : "mono")"
    }
  }
}

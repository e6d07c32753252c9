// SPDX-License-Identifier: GPL-3.0-or-later

/// How an objective is drawn in every figure: its colour, dash and marker.
///
/// Within a figure no two objectives have the same dash and marker, so that they can be told apart
/// in grey, too.
struct ObjectiveStyle: Hashable {
  /// An index in `palette`.
  let colour: Int
  /// An index in `dashes`.
  let dash: Int
  /// An index in `markers`.
  let marker: Int

  /// Colours that the colour-blind can tell apart: Okabe and Ito, Color Universal Design (2008).
  static let palette = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]
  static let (blue, vermillion, green, purple, orange, sky, black) = (0, 1, 2, 3, 4, 5, 6)
  /// The colours of the teacher: of the filled area and of its edge.
  static let teacher = (area: "#C8C8C8", edge: "#808080")

  /// gnuplot's dash types.
  static let dashes = ["solid", "(8,4)", "(10,3,2,3)", "(14,6)", "(2,3)"]
  /// gnuplot's filled point types; the open one of the same shape is one less.
  static let markers = [7, 5, 9, 13, 11, 15]
  /// The characters that draw lines in a terminal, by variant, one for each dash and marker.
  private static let characters = [
    "*ABCD=E#FGHIJKoLMNPQR+STUVWYxZ", "abcdefghijklmnpqrstuvwyz456789",
    "0123+x=o*#ABCDEFGHIJKLMNPQRSTU",
  ].map { Array($0) }

  /// How many objectives can be told apart.
  static let maximumCount = dashes.count * markers.count

  /// The commonest objectives, always drawn like this.
  ///
  /// The notebook in `notebooks-data` has the same colours.
  static let named: [String: ObjectiveStyle] = [
    "fkl": ObjectiveStyle(colour: blue, dash: 0, marker: 0),
    "rkl": ObjectiveStyle(colour: vermillion, dash: 1, marker: 1),
    "akl": ObjectiveStyle(colour: green, dash: 2, marker: 2),
    "js": ObjectiveStyle(colour: purple, dash: 3, marker: 3),
    "jeffreys": ObjectiveStyle(colour: orange, dash: 4, marker: 4),
    "mix": ObjectiveStyle(colour: sky, dash: 0, marker: 5),
    "tvd": ObjectiveStyle(colour: black, dash: 1, marker: 0),
    "skew-fkl": ObjectiveStyle(colour: sky, dash: 2, marker: 1),
    "skew-rkl": ObjectiveStyle(colour: orange, dash: 3, marker: 2),
    "soft-ce": ObjectiveStyle(colour: black, dash: 4, marker: 3),
  ]

  private init(colour: Int, dash: Int, marker: Int) {
    (self.colour, self.dash, self.marker) = (colour, dash, marker)
  }

  /// The style that a specification prefers: the colour of its objective, dash and marker by its text.
  private init(preferredBy specification: String) {
    let name = String(specification.prefix { $0 != ":" })
    let (dash, marker) = Self.pair(Self.hash(specification) % Self.maximumCount)
    self.init(
      colour: Self.named[name]?.colour ?? Self.hash(name) % Self.palette.count, dash: dash,
      marker: marker)
  }

  /// What draws the line of a condition in a terminal.
  func character(variant: Int) -> Character {
    Self.characters[variant][dash * Self.markers.count + marker]
  }

  private static func pair(_ index: Int) -> (dash: Int, marker: Int) {
    (index / markers.count, index % markers.count)
  }

  /// FNV-1a, which is the same on every machine.
  private static func hash(_ text: String) -> Int {
    let hash = text.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    return Int(hash ^ hash >> 16)
  }

  /// The styles of the objectives of a figure.
  ///
  /// They do not depend on the order. An objective without a style of its own takes the one that it
  /// prefers, and another where that would clash.
  ///
  /// - Parameter objectives: canonical specifications.
  /// - Returns: a style each.
  /// - Throws: `FigureError` for more than can be told apart.
  static func styles(of objectives: [String]) throws(FigureError) -> [String: ObjectiveStyle] {
    guard objectives.count <= maximumCount else {
      throw FigureError(
        description:
          "\(objectives.count) objectives are more than the \(maximumCount) that can be told apart:"
          + " choose some",
        remedy: .chooseObjectives(Array(objectives.prefix(2))))
    }
    var styles = named.filter { objectives.contains($0.key) }
    for objective in objectives.sorted() where styles[objective] == nil {
      styles[objective] = ObjectiveStyle(preferredBy: objective).avoiding(Array(styles.values))
    }
    return styles
  }

  /// This style, or one of a colour and of a dash and marker that are used least.
  private func avoiding(_ taken: [ObjectiveStyle]) -> ObjectiveStyle {
    let colours = Self.palette.indices.map { (colour + $0) % Self.palette.count }
    let first = dash * Self.markers.count + marker
    let pairs = (0..<Self.maximumCount).map { Self.pair((first + $0) % Self.maximumCount) }
      .filter { pair in !taken.contains { $0.dash == pair.dash && $0.marker == pair.marker } }
    let freeColour = colours.min { left, right in
      taken.count { $0.colour == left } < taken.count { $0.colour == right }
    }
    func uses(_ pair: (dash: Int, marker: Int)) -> Int {
      taken.count { $0.dash == pair.dash } + taken.count { $0.marker == pair.marker }
    }
    let freePair = pairs.min { uses($0) < uses($1) } ?? (dash, marker)
    return ObjectiveStyle(
      colour: freeColour ?? colour, dash: freePair.dash, marker: freePair.marker)
  }
}

/// How a line is drawn.
struct Line: Equatable {
  let colour: String
  /// gnuplot's dash type.
  var dash = ObjectiveStyle.dashes[0]
  /// gnuplot's point type; nil for a line without markers.
  var marker: Int?
  /// What draws the line in a terminal.
  var character: Character = "."
  var width = 1.8

  /// More lines than these have no bands.
  static let maximumBands = 8
  /// How many conditions of one objective can be told apart in a panel.
  static let variantCount = 3

  /// The style of the line, without markers, for gnuplot.
  var style: String { "linecolor rgb '\(colour)' linewidth \(width) dashtype \(dash)" }

  /// The markers of the line, for gnuplot.
  var points: String { "pointtype \(marker ?? 0) pointsize 0.7 linecolor rgb '\(colour)'" }

  /// gnuplot's `with`: the line, with a marker on every point where there are few, else on some.
  func lines(pointCount: Int) -> String {
    guard marker != nil else { return "lines \(style)" }
    return "linespoints \(style) pointtype \(marker ?? 0) pointsize 0.7"
      + (pointCount <= 16 ? " pointinterval 1" : " pointnumber 6")
  }

  /// The line in a terminal.
  ///
  /// - Parameter name: the block of data with the points that it consists of.
  /// - Returns: what to plot.
  func characters(_ name: String) -> Script.Item {
    Script.Item(
      plot: "\(name) using 1:2 with points pointtype '\(character)' linecolor rgb '\(colour)'")
  }

  /// Circles around some of its points.
  ///
  /// - Parameters:
  ///   - name: the block of data with the points.
  ///   - canvas: what is drawn on.
  /// - Returns: what to plot.
  func marks(_ name: String, on canvas: Canvas) -> Script.Item {
    let circle = canvas.isText ? "'O'" : "6 pointsize 2 linewidth 2"
    return Script.Item(
      plot: "\(name) using 1:2 with points pointtype \(circle) linecolor rgb '\(colour)'")
  }

  /// A band in the colour of the line.
  ///
  /// - Parameters:
  ///   - name: the block of data.
  ///   - columns: gnuplot's choice of columns: x and both ends.
  /// - Returns: what to plot.
  func band(_ name: String, columns: String) -> Script.Item {
    Script.Item(
      plot: "\(name) using \(columns) with filledcurves linecolor rgb '\(colour)'"
        + " fillstyle transparent solid 0.18 noborder")
  }

  /// How the key shows the line.
  func keyStyle(on canvas: Canvas) -> String {
    canvas.isText
      ? "points pointtype '\(character)' linecolor rgb '\(colour)'" : lines(pointCount: 1)
  }
}

extension Line {
  /// The line of an objective.
  ///
  /// - Parameters:
  ///   - style: the style of the objective.
  ///   - variant: which of several conditions: 0 is drawn in full, 1 paler and 2 darker, with open
  ///     markers.
  ///   - count: how many lines there are in a panel; many are thin.
  init(_ style: ObjectiveStyle, variant: Int = 0, among count: Int = 1) {
    let colour = ObjectiveStyle.palette[style.colour]
    let marker = ObjectiveStyle.markers[style.marker]
    self.init(
      colour: variant == 0
        ? colour : Self.mixed(colour, with: variant == 1 ? 255 : 0, share: 0.45),
      dash: ObjectiveStyle.dashes[style.dash], marker: variant == 0 ? marker : marker - 1,
      character: style.character(variant: variant),
      width: (count > Self.maximumBands ? 0.7 : 1) * (variant == 2 ? 2.6 : 1.8))
  }

  /// A colour mixed with a grey.
  private static func mixed(_ colour: String, with grey: Double, share: Double) -> String {
    let number = Int(colour.dropFirst(), radix: 16) ?? 0
    let parts = [16, 8, 0].map { shift in
      Int(Double(number >> shift & 255) * (1 - share) + grey * share)
    }
    return "#"
      + parts.map { part in
        let text = String(part, radix: 16, uppercase: true)
        return text.count == 1 ? "0\(text)" : text
      }.joined()
  }
}

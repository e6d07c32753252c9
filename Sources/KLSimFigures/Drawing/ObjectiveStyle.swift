// SPDX-License-Identifier: GPL-3.0-or-later

/// How an objective is drawn in every figure: its colour, dash and marker.
///
/// No two have the same dash and marker, so that they can be told apart in grey, too.
struct ObjectiveStyle: Hashable {
  /// An index in `palette`.
  var colour: Int
  /// An index in `dashes`.
  let dash: Int
  /// An index in `markers`.
  let marker: Int
  /// Whether the marker is open, as it is for objectives that are not in `named`.
  private(set) var isOpen = false
  /// The colour of one of several that differ in a number alone, instead of one in `palette`.
  var shade: String?

  /// Colours that the colour-blind can tell apart: Okabe and Ito, Color Universal Design (2008).
  static let palette = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]
  static let (blue, vermillion, green, purple, orange, sky, black) = (0, 1, 2, 3, 4, 5, 6)
  /// The colours of objectives with parameters.
  static let parameterColours = [green, purple, orange, sky, black]
  /// The colours of the teacher: of the filled area and of its edge.
  static let teacher = (area: "#C8C8C8", edge: "#808080")

  /// gnuplot's dash types.
  static let dashes = ["solid", "(8,4)", "(10,3,2,3)", "(14,6)", "(2,3)", "(10,3,2,3,2,3)"]
  /// gnuplot's filled point types; the open one of the same shape is one less.
  static let markers = [7, 5, 9, 13, 11, 15]
  /// The number of pairs of a dash and a marker.
  static let pairCount = dashes.count * markers.count

  /// The built-in objectives that need no parameters.
  ///
  /// Any two differ in dash or marker, in colour or dash (where all markers are alike) and in colour or
  /// marker (where there are no dashes, as in a GIF). The notebook in `notebooks-data` has the same
  /// colours.
  static let named: [String: ObjectiveStyle] = [
    "fkl": ObjectiveStyle(blue, 0, 0),
    "rkl": ObjectiveStyle(vermillion, 1, 1),
    "soft-ce": ObjectiveStyle(black, 4, 3),
    "mix": ObjectiveStyle(sky, 0, 5),
    "jeffreys": ObjectiveStyle(orange, 4, 4),
    "akl": ObjectiveStyle(green, 2, 2),
    "bdkd": ObjectiveStyle(blue, 5, 4),
    "js": ObjectiveStyle(purple, 3, 3),
    "gjsd": ObjectiveStyle(vermillion, 0, 2),
    "skew-fkl": ObjectiveStyle(sky, 2, 1),
    "skew-rkl": ObjectiveStyle(orange, 3, 2),
    "alpha": ObjectiveStyle(purple, 1, 5),
    "renyi": ObjectiveStyle(green, 3, 0),
    "alpha-beta": ObjectiveStyle(orange, 0, 1),
    "tvd": ObjectiveStyle(black, 1, 0),
    "hellinger": ObjectiveStyle(blue, 2, 3),
    "chi2-pearson": ObjectiveStyle(black, 2, 4),
    "chi2-neyman": ObjectiveStyle(purple, 4, 2),
    "triangular": ObjectiveStyle(sky, 1, 3),
    "brier": ObjectiveStyle(vermillion, 3, 4),
    "w1": ObjectiveStyle(orange, 2, 5),
    "sinkhorn": ObjectiveStyle(purple, 0, 4),
    "ce": ObjectiveStyle(sky, 4, 0),
    "mse-logits": ObjectiveStyle(blue, 1, 2),
    "dkl": ObjectiveStyle(black, 3, 1),
    "ikl": ObjectiveStyle(vermillion, 2, 0),
    "dkd": ObjectiveStyle(sky, 5, 2),
    "drkl": ObjectiveStyle(blue, 3, 5),
    "todi": ObjectiveStyle(green, 1, 4),
    "rank-logistic": ObjectiveStyle(orange, 5, 3),
    "rank-hinge": ObjectiveStyle(vermillion, 4, 5),
    "sinkhorn-batch": ObjectiveStyle(black, 5, 5),
  ]

  /// The signals of sequences that need no parameters; of these, too, any two differ as above.
  static let namedSignals: [String: ObjectiveStyle] = [
    "seq-fkl": ObjectiveStyle(blue, 0, 0),
    "seq-rkl": ObjectiveStyle(vermillion, 1, 1),
    "seq-gjsd": ObjectiveStyle(purple, 3, 3),
    "seq-tvd": ObjectiveStyle(black, 1, 0),
    "gkd": ObjectiveStyle(green, 2, 2),
    "seqkd": ObjectiveStyle(sky, 0, 5),
    "policy-gradient": ObjectiveStyle(orange, 4, 4),
    "rao-blackwell": ObjectiveStyle(vermillion, 0, 2),
    "kl-estimator": ObjectiveStyle(purple, 0, 4),
    "f-reward": ObjectiveStyle(green, 1, 5),
    "token-loss": ObjectiveStyle(sky, 2, 0),
    "minillm": ObjectiveStyle(black, 0, 3),
    "gkd-samples": ObjectiveStyle(green, 0, 1),
    "speculative": ObjectiveStyle(blue, 3, 5),
    "sparse-teacher": ObjectiveStyle(blue, 2, 3),
    "dpkd": ObjectiveStyle(purple, 2, 1),
    "f-dpo": ObjectiveStyle(orange, 1, 3),
    "snis": ObjectiveStyle(sky, 1, 4),
    "score-climbing": ObjectiveStyle(orange, 2, 5),
    "promptkd": ObjectiveStyle(vermillion, 3, 0),
  ]

  private init(_ colour: Int, _ dash: Int, _ marker: Int) {
    (self.colour, self.dash, self.marker) = (colour, dash, marker)
  }

  /// The style of an objective with parameters, or of one that is not built in, by its text alone.
  ///
  /// Of texts that differ in one digit, such as those of a sweep, no two have the same style. Blue and
  /// vermillion are left to the built-in ones, of which they mark forward and reverse KL.
  private init(ofText specification: String) {
    let colours = Self.parameterColours
    let hash = specification.utf8.reduce(0) {
      ($0 * 31 + Int($1)) % (Self.pairCount * colours.count)
    }
    // Steps of 7 change both dash and marker.
    let pair = hash * 7 % Self.pairCount
    self.init(colours[hash % colours.count], pair / Self.markers.count, pair % Self.markers.count)
    isOpen = true
  }

  /// The colour as gnuplot takes it.
  var rgb: String { shade ?? Self.palette[colour] }

  /// A number of the dash, the marker and its filling.
  var index: Int {
    dash * Self.markers.count + marker + (isOpen ? Self.pairCount : 0)
  }

  /// The styles of the objectives of a figure.
  ///
  /// A style depends neither on the order nor on the company. The one exception: of objectives with
  /// parameters that would have the same dash and marker, all but the first by alphabet take others.
  ///
  /// - Parameter objectives: canonical specifications.
  /// - Returns: a style each.
  /// - Throws: `FigureError` for more than can be told apart.
  static func styles(of objectives: [String]) throws(FigureError) -> [String: ObjectiveStyle] {
    let named = named.merging(namedSignals) { objective, _ in objective }
    var styles = named.filter { objectives.contains($0.key) }
    let others = objectives.filter { named[$0] == nil }.sorted()
    guard others.count <= pairCount else {
      throw FigureError(
        description:
          "\(others.count) objectives with parameters are more than the \(pairCount) that can be told"
          + " apart: choose some",
        remedy: .chooseObjectives(Array(objectives.prefix(2))))
    }
    for objective in others {
      styles[objective] = ObjectiveStyle(ofText: objective).avoiding(Array(styles.values))
    }
    return styles
  }

  /// This style, or one of its colour with a dash and marker that no other has.
  private func avoiding(_ taken: [ObjectiveStyle]) -> ObjectiveStyle {
    let choices = (0..<Self.pairCount).lazy.map { step in
      let pair = (index + 7 * step) % Self.pairCount
      var style = ObjectiveStyle(colour, pair / Self.markers.count, pair % Self.markers.count)
      style.isOpen = isOpen
      return style
    }
    return choices.first { style in !taken.contains { $0.index == style.index } } ?? self
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// Colours that the colour-blind can tell apart: Okabe and Ito, Color Universal Design (2008).
enum Colours {
  static let forward = "#0072B2"
  static let reverse = "#D55E00"
  private static let others = ["#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
  /// The teacher's colours, of the filled area and of its edge.
  static let teacher = (area: "#C8C8C8", edge: "#808080")

  /// How many objectives can be told apart.
  private static let maximumCount = others.count + 2

  /// Refuses more objectives than can be told apart.
  static func require(_ objectives: [String]) throws(FigureError) {
    guard objectives.count > maximumCount else { return }
    throw FigureError(
      description:
        "\(objectives.count) objectives are more than the \(maximumCount) colours that can be"
        + " told apart: choose some",
      remedy: .chooseObjectives(Array(objectives.prefix(2))))
  }

  /// One colour per objective; forward and reverse KL always have the same ones.
  ///
  /// - Parameter objectives: the names, no more than `require` accepts.
  /// - Returns: colours in the same order.
  static func of(_ objectives: [String]) -> [String] {
    var free =
      others
      + [reverse, forward].filter { colour in
        !objectives.contains(colour == forward ? "fkl" : "rkl")
      }
    return objectives.map { objective in
      switch objective {
      case "fkl": forward
      case "rkl": reverse
      default: free.removeFirst()
      }
    }
  }
}

/// How a line is drawn.
struct Line {
  let colour: String
  /// Its index among the line styles, from 0.
  var dash = 0
  /// Its index among all lines, from 0: in a terminal it selects the character.
  var index = 0
  var width = 1.8

  /// How many styles of line can be told apart.
  static let dashCount = 5

  var style: String {
    let dashes = ["solid", "(8,4)", "(2,3)", "(10,3,2,3)", "(14,6)"]
    return "linetype \(index + 1) linecolor rgb '\(colour)' linewidth \(width)"
      + " dashtype \(dashes[dash % dashes.count])"
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// The gradient of the generalised Jensen–Shannon divergence as β nears an end.
struct JensenShannonEnds: Claim {
  static let name = "gjsd-endpoints"
  static let statement =
    "Near an end of β (≤ 0.1 or ≥ 0.9) the generalised JS divergence has nearly the direction of"
    + " forward (β → 0) or reverse KL (β → 1), cosine above 0.95, and not its size: the gradient is"
    + " shorter by a factor of five or more; at β = 0.9 it is about 1/15 of reverse KL's (1/30 to"
    + " 1/7.5)."
  static let source =
    "what is said of the loss of GKD (Agarwal et al., arXiv 2306.13649, eq. 1) in training libraries"
  static let setting =
    "chosen here: zipf, a student near its teacher (teacher-noise:sigma=0.5), gkd at β = 0.1 and 0.9"
  static let quantity =
    "for direction the cosine, otherwise the length, of the gradient against that of the KL at the"
    + " nearer end"

  struct Cell: ClaimCell {
    enum Property: String, Sendable {
      case direction, size, fifteenth
    }

    let weighting: String
    let beta: Double
    let property: Property

    static let columns = [
      Column(key: "weighting", .text, "gkd or crossed"),
      Column(key: "beta", .number, "β"),
      Column(
        key: "property", .text,
        "direction: cosine > 0.95; size: below 1/5; fifteenth, of gkd at 0.9: 1/30 to 1/7.5"),
    ]
    var values: [Value] { [.text(weighting), .number(beta), .text(property.rawValue)] }
  }

  private static let betas = [0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99]
  private static let trained = "teacher-noise:sigma=0.5"

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "zipf", "softmax-normal"], optimizers: [("sgd", 1)],
      initializations: ["torch-uniform", "normal:sigma=3", Self.trained]
    ).map { condition in
      let ends = try ["fkl", "rkl"].map { try Catalog.objective($0).component }
      let choices = ["gkd", "crossed"].flatMap { weighting in Self.betas.map { (weighting, $0) } }
      let objectives = try choices.map { weighting, beta in
        try Catalog.objective("gjsd:beta=\(beta):weighting=\(weighting)").component
      }
      let cells = choices.map { weighting, beta in
        let isFifteenth = weighting == "gkd" && beta == 0.9
        return ([.direction, .size] + (isFifteenth ? [.fifteenth] : [])).map {
          Cell(weighting: weighting, beta: beta, property: $0)
        }
      }
      return try Trial(atStartOf: condition, cells: Array(cells.joined())) { state in
        let gradients = ends.map { $0.evaluate(at: state).gradient }
        return zip(objectives, cells).flatMap { objective, cells in
          let end = gradients[cells[0].beta <= 0.5 ? 0 : 1]
          let gradient = objective.evaluate(at: state).gradient
          let cosine = GradientGeometry.cosine(gradient, end)
          let size = GradientGeometry.length(gradient) / GradientGeometry.length(end)
          return cells.map { cell in
            switch cell.property {
            case .direction: Outcome(cosine > 0.95, quantity: cosine)
            case .size: Outcome(size < 0.2, quantity: size)
            case .fifteenth: Outcome((1.0 / 30...1 / 7.5).contains(size), quantity: size)
            }
          }
        }
      }
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.weighting == "gkd" && (evidence.cell.beta <= 0.1 || evidence.cell.beta >= 0.9)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && [0.1, 0.9].contains(evidence.cell.beta)
      && evidence.condition.teacher == "zipf" && evidence.condition.initialization == Self.trained
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let published = evidence.filter {
      $0.condition.teacher == "zipf" && $0.condition.initialization == Self.trained
    }
    let covered = evidence.filter(covers)
    let sizes = covered.filter { $0.cell.property == .fifteenth }.compactMap(\.mean)
    let betas = Words.holding(
      "β", isSymbol: true, in: published, by: \.cell.beta,
      each: { "\($0.cell.weighting) \($0.cell.property.rawValue)" }, separator: "; ")
    return ["on zipf from \(Self.trained): \(betas)"]
      + covered.grouped(by: \.condition.initialization).map { start, own in
        "from \(start): \(Words.shares(of: own, by: \.cell.property.rawValue))"
      } + [
        "at β = 0.9 the mean length is \(Words.range(sizes)) of reverse KL's, by teacher and start"
      ]
  }
}

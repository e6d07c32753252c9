// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Whether exact divergences of tokens lower the variance of reverse KL and of its gradient.
struct RaoBlackwellVariance: Claim {
  static let name = "rao-blackwell"
  static let statement =
    "The exact KL(q‖p) of tokens at sampled prefixes has less variance than Monte Carlo: as a value less than"
    + " the sum of k1, and in the gradient less than the policy gradient."
  static let source = "Amini et al., arXiv 2504.10637"
  static let setting =
    "chosen here: a random tabular teacher of 3 tokens and length 3, a tabular student, every start; value"
    + " and gradient of one sample, variances are exact"
  static let quantity = "log of the first variance over the second"

  struct Cell: ClaimCell {
    let quantity: String
    let estimator: String
    let than: String

    static let columns = [
      Column(key: "of", .text, "whether the value is estimated or the gradient"),
      Column(key: "estimator", .text, "the estimator of less variance, so it is asked"),
      Column(key: "than", .text, "the other one"),
    ]
    var values: [Value] { [.text(quantity), .text(estimator), .text(than)] }
  }

  private static let (value, gradient) = ("value", "gradient")
  private static let signal = "rao-blackwell"
  private static let plain = "policy-gradient"
  private static let signals = [
    plain, "policy-gradient:baseline=token-kl", "policy-gradient:baseline=value",
    "minillm:alpha=0",
  ]
  private static let valueCells = [
    Cell(quantity: value, estimator: "KL of tokens", than: "k1"),
    Cell(quantity: value, estimator: "KL of tokens", than: "k3"), tail,
  ]
  /// How far into the tail k3 stays the better value.
  private static let tail = Cell(quantity: value, estimator: "k3", than: "k1")
  private static let gradientCells = signals.map {
    Cell(quantity: gradient, estimator: signal, than: $0)
  }
  private static let published = "tabular"
  /// Where there are too many sequences to enumerate, values alone.
  private static let worlds: [(teacher: String, student: String, hasGradients: Bool)] = [
    (published, "tabular", true),
    ("tabular:size=2:length=5", "tabular", true),
    ("markov:size=3:length=4:eos=2", "markov:order=0", true),
    ("markov:size=8:length=32", "markov", false),
  ]
  private static let starts = [
    "normal", "teacher-noise:sigma=0.1", "teacher-noise:sigma=0.5",
    "teacher-noise", "teacher-noise:sigma=2", "teacher-noise:sigma=4",
  ]

  func trials() throws -> [Trial<Cell>] {
    try Self.worlds.flatMap { world in
      try Self.starts.map { start in
        let condition = Condition.sequences(
          world.teacher, student: world.student, initialization: start)
        let first = try PreparedSignal(Self.signal, in: condition)
        let others = try Self.signals.map { try PreparedSignal($0, in: condition) }
        let cells = Self.valueCells + (world.hasGradients ? Self.gradientCells : [])
        return Trial(condition, cells: cells) { seed, kernels in
          let point = try SequencePoint(first.setup, seed: seed)
          let estimators: [ValueMoments.Estimator] = [.prefixes, .tokens(.k1), .tokens(.k3)]
          let values = kernels.logarithms(
            estimators.map { ValueMoments(of: $0, in: point.space, at: point.student).variance })
          let ofValues: [Outcome] = [
            .smaller(values[0], than: values[1]), .smaller(values[0], than: values[2]),
            .smaller(values[2], than: values[1]),
          ]
          guard world.hasGradients else { return ofValues }
          let gradients = kernels.logarithms(
            try ([first] + others).map { try $0.moments(at: point).variance })
          return ofValues + gradients.dropFirst().map { .smaller(gradients[0], than: $0) }
        }
      }
    }
  }

  /// Against the plain estimates; the others are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell == Self.valueCells[0] || evidence.cell == Self.gradientCells[0]
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == Self.published
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func line(_ cell: Cell) -> String {
      let own = evidence.filter { $0.cell == cell }
      let starts = own.grouped(by: \.condition.initialization).map {
        "\($0) \(Words.seeds(of: $1))"
      }
      return "\(Words.share(of: own)): \(starts.joined(separator: ", "))"
    }
    return [
      "as a value \(line(Self.valueCells[0]))", "in the gradient \(line(Self.gradientCells[0]))",
      "to compare, gradients: "
        + Words.shares(
          of: evidence.filter {
            $0.cell.quantity == Self.gradient && $0.cell.than != Self.plain
          }, by: \.cell.than),
      "k3 has less variance than k1 \(line(Self.tail))",
    ]
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Whether a gradient that ignores the rewards of later tokens is the better estimate.
struct TokenVersusSequence: Claim {
  static let name = "token-vs-sequence"
  static let statement =
    "The policy gradient of each token's own reward (gamma = 0) has less variance than the unbiased one of the"
    + " reward to go (gamma = 1), and at the batch sizes of trainers it is nearer to the gradient of KL(q‖p)"
    + " of sequences."
  static let source =
    "Fu et al., arXiv 2603.25562, for the variance; the default of public trainers of on-policy distillation,"
    + " and Thinking Machines Lab, On-Policy Distillation, 2025, for the choice"
  static let setting =
    "chosen here: random Markov teachers of order 1, length 64, 256 sequences a step, students near the"
    + " teacher; expectations and variances are exact"
  static let quantity =
    "error: log10 of the mean squared error over that of gamma = 1; variance and bias: log10 of the variance"
    + " of a sample, of bias²"

  struct Cell: ClaimCell {
    enum Property: String, Sendable {
      case variance, bias, error
    }

    let property: Property
    let discount: Double
    let baseline: PolicyGradient.Baseline
    let samples: Int
    let size: Int
    let length: Int

    static let columns = [
      Column(
        key: "property", .text,
        "variance: less than at gamma = 1; bias: bias² less than the variance of a sample; error: mean"
          + " squared error less than at gamma = 1"),
      Column(key: "gamma", .number, "discount of later rewards"),
      Column(
        key: "baseline", .text, "what the reward to go at gamma = 1 is compared with, less this"),
      Column(key: "samples", .integer, "sequences a step"),
      Column(key: "size", .integer, "V, number of tokens"),
      Column(key: "length", .integer, "T, tokens a sequence"),
    ]
    var values: [Value] {
      [
        .text(property.rawValue), .number(discount), .text(baseline.rawValue),
        Value(samples),
        Value(size), Value(length),
      ]
    }
  }

  private static let lengths = [2, 4, 8, 16, 32, last]
  private static let last = 64
  private static let discounts = [0, 0.5, 0.9, 0.99, 1]
  private static let samples = [1, 16, batch, 4096]
  private static let batch = 256
  private static let near = "teacher-noise:sigma=0.3"
  private static let starts = [near, "normal"]
  private static let worlds: [(size: Int, student: String)] = [
    (3, "markov"), (3, "markov:order=0"), (8, "markov"),
  ]
  static let maximumSeeds = 256

  private static func cells(size: Int, length: Int) -> [Cell] {
    discounts.flatMap { discount in
      let single = [Cell.Property.variance] + (discount < 1 ? [.bias] : [])
      let rivals: [PolicyGradient.Baseline] =
        discount == 0 ? [.none, .value] : discount < 1 ? [.none] : []
      return single.map {
        Cell(
          property: $0, discount: discount, baseline: .none, samples: 1, size: size,
          length: length)
      }
        + rivals.flatMap { rival in
          samples.map {
            Cell(
              property: .error, discount: discount, baseline: rival, samples: $0, size: size,
              length: length)
          }
        }
    }
  }

  func trials() throws -> [Trial<Cell>] {
    try Self.worlds.flatMap { world in
      try Self.starts.flatMap { start in
        try Self.lengths.map { length in
          let condition = Condition.sequences(
            "markov:size=\(world.size):length=\(length)", student: world.student,
            initialization: start)
          let setup = try condition.sequenceSetup(signal: SequenceReverseKL.name)
          let exact = try SequenceCatalog.objective(SequenceReverseKL.name)
          let cells = Self.cells(size: world.size, length: length)
          return Trial(condition, cells: cells) { seed, kernels in
            let point = try SequencePoint(setup, seed: seed)
            let slopes = try point.gradient(of: exact)
            func look(
              _ discount: Double, _ baseline: PolicyGradient.Baseline = .none
            ) -> GradientComparison {
              let moments = PolicyGradientMoments(
                in: point.space, at: point.student, discount: discount, baseline: baseline)
              return GradientComparison(
                SignalMoments(mean: moments.mean, variance: moments.variance), exact: slopes)
            }
            let looks = Dictionary(uniqueKeysWithValues: Self.discounts.map { ($0, look($0)) })
            let withValue = look(1, .value)
            return cells.map { cell in
              guard let own = looks[cell.discount], let plain = looks[1] else {
                preconditionFailure("a discount of the claim")
              }
              let rival = cell.baseline == .value ? withValue : plain
              switch cell.property {
              case .variance:
                return Self.less(
                  own.variance, than: rival.variance, quantity: own.variance, kernels)
              case .bias:
                let square = own.bias * own.bias
                return Self.less(square, than: own.variance, quantity: square, kernels)
              case .error:
                let errors = [own, rival].map { $0.meanSquaredError(samples: cell.samples) }
                return Self.less(
                  errors[0], than: errors[1], quantity: errors[0] / errors[1], kernels)
              }
            }
          }
        }
      }
    }
  }

  /// Whether the first number is less, and log10 of a quantity.
  private static func less(
    _ first: Double, than second: Double, quantity: Double, _ kernels: VectorKernels
  ) -> Outcome {
    let logs = kernels.logarithms([quantity, 10])
    return Outcome(first < second, quantity: logs[0] / logs[1])
  }

  /// γ = 0 beside γ = 1 without baseline.
  func covers(_ evidence: Evidence<Cell>) -> Bool {
    let cell = evidence.cell
    return cell.discount == 0 && cell.baseline == .none && cell.property != .bias
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    let cell = evidence.cell
    return covers(evidence) && cell.length == Self.last
      && evidence.condition.initialization == Self.near
      && (cell.property == .variance || cell.samples == Self.batch)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    let errors = evidence.filter { $0.cell.property == .error }
    let batch = errors.filter {
      $0.cell.discount == 0 && $0.cell.samples == Self.batch && $0.cell.length == Self.last
    }
    func shares(_ rival: PolicyGradient.Baseline) -> String {
      batch.filter { $0.cell.baseline == rival }.grouped(by: Self.name).map {
        "\($0) \(Words.seeds(of: $1))"
      }.joined(separator: ", ")
    }
    let variances = evidence.filter { $0.cell.property == .variance }
    let biases = evidence.filter { $0.cell.property == .bias }
    func growth(_ own: [Evidence<Cell>], _ discount: Double) -> String {
      let slopes = own.filter { $0.cell.discount == discount }
        .grouped { [Self.name($0), $0.condition.initialization] }.map { Self.slope(of: $1) }
      return "T^\(Words.range(slopes))"
    }
    let lengths = Words.holding(
      "T", isSymbol: true, in: variances.filter(covers), by: \.cell.length)
    return [
      "nearer with \(Self.batch) sequences of \(Self.last) tokens: \(shares(.none))",
      "sequences a step up to which it is nearer, by mean logs: \(Self.evens(variances, biases))",
      "less variance in all worlds at \(lengths); it grows as \(growth(variances, 0)) at gamma = 0 and"
        + " \(growth(variances, 1)) at gamma = 1, bias² as \(growth(biases, 0))",
      "nearer than gamma = 1 with the value function as baseline: \(shares(.value))",
      "gamma with the least error, mean of logs over worlds: \(Self.best(errors))",
    ]
  }

  /// The tokens and the student of a world.
  private static func name(_ evidence: Evidence<Cell>) -> String {
    "V = \(evidence.cell.size), \(evidence.condition.studentWords)"
  }

  /// The sequences a step at which γ = 0 and γ = 1 have one error, `(Var₁ − Var₀)/bias₀²`, of mean logs.
  private static func evens(_ variances: [Evidence<Cell>], _ biases: [Evidence<Cell>]) -> String {
    func even(_ condition: Condition) -> Double? {
      func value(_ evidence: [Evidence<Cell>], _ discount: Double) -> Double? {
        evidence.first { $0.condition == condition && $0.cell.discount == discount }?.mean.map {
          VectorKernels.best.exponentials([$0 * VectorKernels.best.logarithms([10])[0]])[0]
        }
      }
      guard let first = value(variances, 0), let second = value(variances, 1),
        let square = value(biases, 0), square > 0
      else { return nil }
      return max(0, (second - first) / square)
    }
    return variances.filter {
      [lengths[0], last].contains($0.cell.length) && $0.cell.discount == 0
    }
    .grouped(by: name).map { name, own in
      let parts = own.grouped(by: \.cell.length).map { length, own in
        "\(Words.range(own.compactMap { even($0.condition) })) at T = \(length)"
      }
      return "\(name) \(parts.joined(separator: ", "))"
    }.joined(separator: "; ")
  }

  /// The slope of a least-squares line through the mean logarithms against log10 T.
  private static func slope(of evidence: [Evidence<Cell>]) -> Double {
    let points = evidence.compactMap { evidence in
      evidence.mean.map { (x: log10(of: evidence.cell.length), y: $0) }
    }
    let count = Double(points.count)
    let (x, y) = (
      points.reduce(0) { $0 + $1.x } / count, points.reduce(0) { $0 + $1.y } / count
    )
    let (product, square) = points.reduce((0.0, 0.0)) {
      ($0.0 + ($1.x - x) * ($1.y - y), $0.1 + ($1.x - x) * ($1.x - x))
    }
    return product / square
  }

  private static func log10(of length: Int) -> Double {
    let logs = VectorKernels.best.logarithms([Double(length), 10])
    return logs[0] / logs[1]
  }

  /// The discount of least mean error by batch size and length.
  private static func best(_ errors: [Evidence<Cell>]) -> String {
    let own = errors.filter { $0.cell.baseline == .none }
    return own.grouped(by: \.cell.samples).map { samples, own in
      let best = own.grouped(by: \.cell.length).map { length, own in
        let means = own.grouped(by: \.cell.discount).map { discount, own in
          let means = own.compactMap(\.mean)
          return (discount, means.reduce(0, +) / Double(means.count))
        }
        // The error of γ = 1 over itself is 1.
        return (length, (means + [(1, 0)]).min { $0.1 < $1.1 }?.0 ?? 1)
      }
      let parts = best.grouped(by: \.1).map { discount, own in
        "\(digits(discount)) at T = \(Words.stretches(of: own.map(\.0), among: lengths))"
      }
      return "n = \(samples): \(parts.joined(separator: ", "))"
    }.joined(separator: "; ")
  }
}

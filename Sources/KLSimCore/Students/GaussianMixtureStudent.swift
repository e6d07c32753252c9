// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics
internal import Synchronization

/// A mixture of K Gaussians on the tokens' positions, each normalised there.
///
///     log q = log Σₖ πₖ Nₖ,   π = softmax a,   θ = (a₁, μ₁/w₁, log σ₁, a₂, …)
///
/// The lists go in parallel; a list of one value serves every mode. Positions are as for `gaussian`.
package struct GaussianMixtureStudent: Student {
  package static let name = "gaussian-mixture"
  package static let summary = "mixture of K Gaussians on the tokens' positions"
  package static let formula = "log q = log sum_k π_k N_k, each N_k normalised on the positions"

  static let modes = Parameter(
    "modes", default: 2, .range(1...64), summary: "number of Gaussians, K")
  static let means = Parameter<Automatic<[Double]>>(
    "means", default: .auto, summary: "the initial μ, in units of x; auto: evenly over the range")
  static let widths = Parameter<Automatic<[Double]>>(
    "widths", default: .auto, .auto(or: .positive),
    summary: "the initial σ, in units of x; auto: a quarter of the range over K")
  static let weights = Parameter(
    "weights", default: [1], .positive, summary: "the initial π, up to a common factor")
  package static let parameters: [any ParameterDeclaration] = [
    modes, means, widths, weights, startSpread,
  ]

  let modes: Int
  /// μ; nil for `auto`.
  let means: [Double]?
  /// σ; nil for `auto`.
  let widths: [Double]?
  let weights: [Double]
  let spread: Double
  private let kernels: VectorKernels

  package init(_ values: Parameters) throws(SpecificationError) {
    let modes = values[Self.modes]
    func perMode(
      _ parameter: Parameter<Automatic<[Double]>>
    ) throws(SpecificationError) -> [Double]? {
      try values[parameter].value?.perMode(modes, name: parameter.name, of: Self.name)
    }
    self.modes = modes
    means = try perMode(Self.means)
    widths = try perMode(Self.widths)
    weights = try values[Self.weights].perMode(modes, name: Self.weights.name, of: Self.name)
    spread = values[startSpread]
    kernels = values.kernels
  }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    // As of one Gaussian, and for every mode densities, their logarithms, shares and three columns twice.
    StudentSize(
      parameters: 3 * modes * contexts, working: (1 + contexts * (4 + 3 * modes)) * size,
      workingPerContext: 6 * modes * size)
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) -> any StudentModel {
    let places = positions()
    let range = PositionRange(places)
    let count = Double(modes)
    let even = (0..<modes).map { range.first + range.length * (Double($0) + 0.5) / count }
    let means = means ?? even
    let widths = widths ?? [Double](repeating: range.length / (4 * count), count: modes)
    return perContext(teachers) { teacher in
      let ranked = teacher.byRank(places)
      return GaussianMixtureModel(
        logWeights: kernels.logarithms(weights),
        modes: zip(means, widths).map {
          GaussianModel(positions: ranked, mean: $0, width: $1, spread: spread, kernels: kernels)
        }, kernels: kernels)
    }
  }
}

/// The mixture student of one context.
struct GaussianMixtureModel: ParametricModel {
  let name = GaussianMixtureStudent.name
  let logWeights: [Double]
  let modes: [GaussianModel]
  let kernels: VectorKernels
  private let memory = MixtureMemory()

  var parameterCount: Int { 3 * modes.count }

  func start(seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return zip(logWeights, modes).flatMap { logWeight, mode in
      [logWeight + stream.normal(sigma: mode.spread)] + mode.start(drawnWith: &stream)
    }
  }

  func logits(at parameters: [Double]) -> [Double] {
    memory.parts(at: parameters, of: self) { $0.logits }
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    memory.parts(at: parameters, of: self) { parts in
      for rank in logits.indices { logits[rank] = parts.logits[rank] }
    }
  }

  func jacobian(at parameters: [Double]) -> [[Double]] {
    memory.parts(at: parameters, of: self) { parts in
      modes.indices.flatMap { index in
        let (own, slopes, means) = derivatives(index, parts, at: parameters)
        let (shares, all) = (parts.shares[own], modes[index].positions.map(slopes.at))
        return [
          Array(shares), zip(shares, all).map { $0 * ($1.mean - means.mean) },
          zip(shares, all).map { $0 * ($1.logWidth - means.logWidth) },
        ]
      }
    }
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    memory.parts(at: parameters, of: self) { parts in
      for index in modes.indices {
        let (own, slopes, means) = derivatives(index, parts, at: parameters)
        let logitGradient = logitGradient.span
        let shares = parts.shares.span
        let mode = modes[index]
        let positions = mode.positions.span
        var sums = (0.0, 0.0, 0.0)
        for rank in logitGradient.indices {
          let (gradient, slope) = (logitGradient[rank], slopes.at(positions[rank]))
          let share = shares[own.lowerBound + rank]
          sums.0 += gradient * share
          sums.1 += gradient * (share * (slope.mean - means.mean))
          sums.2 += gradient * (share * (slope.logWidth - means.logWidth))
        }
        parameterGradient[3 * index] += sums.0
        parameterGradient[3 * index + 1] += sums.1
        parameterGradient[3 * index + 2] += sums.2
      }
    }
  }

  /// The place of a mode in the parts, the derivatives of its Gaussian, and their means under its density.
  private func derivatives(
    _ index: Int, _ parts: MixtureParts, at parameters: [Double]
  ) -> (own: Range<Int>, slopes: GaussianSlopes, means: (mean: Double, logWidth: Double)) {
    let count = parts.logits.count
    let own = index * count..<(index + 1) * count
    let slopes = modes[index].slopes(at: modeParameters(index, of: parameters))
    var means = (mean: 0.0, logWidth: 0.0)
    let mode = modes[index]
    let positions = mode.positions.span
    let densities = parts.densities.span
    for rank in positions.indices {
      let (density, slope) = (densities[own.lowerBound + rank], slopes.at(positions[rank]))
      means.mean += density * slope.mean
      means.logWidth += density * slope.logWidth
    }
    return (own, slopes, means)
  }

  fileprivate func modeParameters(_ index: Int, of parameters: [Double]) -> [Double] {
    Array(parameters[3 * index + 1..<3 * index + 3])
  }
}

/// The parts of a mixture at some parameters; modes × ranks, but for the logits.
private struct MixtureParts {
  private(set) var parameters: [Double] = []
  private var logDensities: [Double] = []
  /// Nₖ.
  private(set) var densities: [Double] = []
  /// The responsibilities `πₖ Nₖ/q`.
  private(set) var shares: [Double] = []
  /// `log q` up to a constant.
  private(set) var logits: [Double] = []
  private var totals: [Double] = []

  mutating func find(at parameters: [Double], of model: GaussianMixtureModel) {
    let (modes, kernels) = (model.modes, model.kernels)
    let count = modes[0].positions.count
    if logits.count != count {
      logits = [Double](repeating: 0, count: count)
      (totals, shares) = (logits, [Double](repeating: 0, count: modes.count * count))
      (logDensities, densities) = (shares, shares)
    }
    self.parameters = parameters
    for (index, mode) in modes.enumerated() {
      let (mean, precision) = mode.standard(model.modeParameters(index, of: parameters))
      let positions = mode.positions.span
      var shares = shares.mutableSpan
      for rank in positions.indices {
        let deviation = (positions[rank] - mean) * precision
        shares[index * count + rank] = -0.5 * deviation * deviation
      }
    }
    kernels.softmax(
      rowsOf: count, shares, logProbabilities: &logDensities, probabilities: &densities)
    Self.findLogShares(
      logDensities, logWeights: modes.indices.map { parameters[3 * $0] }, &shares, &logits)
    kernels.exponentiate(&shares)
    Self.normalize(&shares, &totals)
    let logs = kernels.logarithms(totals)
    for rank in 0..<count { logits[rank] += logs[rank] }
  }

  /// `log πₖ Nₖ` relative to the largest of the modes, and the largest.
  private static func findLogShares(
    _ logDensities: [Double], logWeights: [Double], _ shares: inout [Double],
    _ largest: inout [Double]
  ) {
    let count = largest.count
    let logDensities = logDensities.span
    var shares = shares.mutableSpan
    var largest = largest.mutableSpan
    for rank in 0..<count { largest[rank] = -.infinity }
    for (index, logWeight) in logWeights.enumerated() {
      for rank in 0..<count {
        let term = logDensities[index * count + rank] + logWeight
        shares[index * count + rank] = term
        if term > largest[rank] { largest[rank] = term }
      }
    }
    for index in logWeights.indices {
      for rank in 0..<count {
        // −∞ less itself is not a number.
        shares[index * count + rank] -= largest[rank] == -.infinity ? 0 : largest[rank]
      }
    }
  }

  /// Divides `πₖ Nₖ`, relative to the largest, by their sums.
  private static func normalize(_ shares: inout [Double], _ totals: inout [Double]) {
    let (count, modes) = (totals.count, shares.count / totals.count)
    var shares = shares.mutableSpan
    var totals = totals.mutableSpan
    for rank in 0..<count { totals[rank] = 0 }
    for index in 0..<modes {
      for rank in 0..<count { totals[rank] += shares[index * count + rank] }
    }
    for index in 0..<modes {
      for rank in 0..<count { shares[index * count + rank] /= totals[rank] }
    }
  }
}

/// Keeps the parts of a mixture at the parameters that it was last asked for: an update needs them for the
/// logits, and again for the gradient.
private final class MixtureMemory: Sendable {
  private let last = Mutex(MixtureParts())

  func parts<Result>(
    at parameters: [Double], of model: GaussianMixtureModel, _ read: (MixtureParts) -> Result
  ) -> Result {
    last.withLock { last in
      if last.parameters != parameters { last.find(at: parameters, of: model) }
      return read(last)
    }
  }
}

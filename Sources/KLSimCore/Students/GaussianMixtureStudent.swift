// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

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

  var parameterCount: Int { 3 * modes.count }

  func start(seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return zip(logWeights, modes).flatMap { logWeight, mode in
      [logWeight + stream.normal(sigma: mode.spread)] + mode.start(drawnWith: &stream)
    }
  }

  func logits(at parameters: [Double]) -> [Double] { parts(at: parameters).logits }

  func jacobian(at parameters: [Double]) -> [[Double]] {
    let parts = parts(at: parameters)
    return modes.enumerated().flatMap { index, mode in
      let shares = parts.responsibilities[index]
      let own = mode.jacobian(at: modeParameters(index, of: parameters)).map { column in
        let mean = zip(parts.densities[index], column).reduce(0) { $0 + $1.0 * $1.1 }
        return zip(shares, column).map { $0 * ($1 - mean) }
      }
      return [shares] + own
    }
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    let parts = parts(at: parameters)
    for (index, mode) in modes.enumerated() {
      let (first, density, share) = (
        3 * index, parts.densities[index], parts.responsibilities[index]
      )
      let slopes = mode.slopes(at: modeParameters(index, of: parameters))
      var means = (0.0, 0.0)
      for rank in density.indices {
        let slope = slopes[rank]
        means.0 += density[rank] * slope.mean
        means.1 += density[rank] * slope.logWidth
      }
      var sums = (0.0, 0.0, 0.0)
      for rank in density.indices {
        let (gradient, slope) = (logitGradient[rank], slopes[rank])
        sums.0 += gradient * share[rank]
        sums.1 += gradient * (share[rank] * (slope.mean - means.0))
        sums.2 += gradient * (share[rank] * (slope.logWidth - means.1))
      }
      parameterGradient[first] += sums.0
      parameterGradient[first + 1] += sums.1
      parameterGradient[first + 2] += sums.2
    }
  }

  private func modeParameters(_ index: Int, of parameters: [Double]) -> [Double] {
    Array(parameters[3 * index + 1..<3 * index + 3])
  }

  /// `log q` up to a constant, the density Nₖ of each mode, and its responsibility `πₖ Nₖ/q`, all by
  /// rank.
  private func parts(
    at parameters: [Double]
  ) -> (logits: [Double], densities: [[Double]], responsibilities: [[Double]]) {
    var densities: [[Double]] = []
    var terms: [[Double]] = []
    for (index, mode) in modes.enumerated() {
      let (logs, density) = kernels.softmax(mode.logits(at: modeParameters(index, of: parameters)))
      densities.append(density)
      var term = logs
      for rank in term.indices { term[rank] += parameters[3 * index] }
      terms.append(term)
    }
    let (logits, shares) = kernels.logSumExp(over: terms)
    return (logits, densities, shares)
  }
}

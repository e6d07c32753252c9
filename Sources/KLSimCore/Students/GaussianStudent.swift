// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// One Gaussian on the tokens' positions, which can seek one mode or cover several.
///
///     zᵢ = −(xᵢ − μ)²/2σ²,   θ = (μ/w, log σ)
///
/// w is the initial width: in units of it, the steps of μ are as large as those of log σ. The positions
/// x are those of the teacher's grid (0…100), or 0, 1, … if it has none.
package struct GaussianStudent: Student {
  package static let name = "gaussian"
  package static let summary = "one Gaussian on the tokens' positions, z = -(x-μ)²/2σ²"
  package static let formula = "z = -(x-μ)²/2σ²"

  static let mean = Parameter<Automatic<Double>>(
    "mean", default: .auto, summary: "initial μ, in units of x; auto: the middle")
  static let width = Parameter<Automatic<Double>>(
    "width", default: .auto, .auto(or: .positive),
    summary: "initial σ, in units of x; auto: a quarter of the range")
  package static let parameters: [any ParameterDeclaration] = [mean, width, startSpread]

  let mean: Automatic<Double>
  let width: Automatic<Double>
  let spread: Double
  private let kernels: VectorKernels

  package init(_ values: Parameters) {
    mean = values[Self.mean]
    width = values[Self.width]
    spread = values[startSpread]
    kernels = values.kernels
  }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    // The positions by token and by rank, and slopes, the columns of the Jacobian and their centred form.
    StudentSize(
      parameters: 2 * contexts, working: (1 + contexts) * size, workingPerContext: 6 * size)
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) -> any StudentModel {
    let places = positions()
    let range = PositionRange(places)
    return perContext(teachers) { teacher in
      GaussianModel(
        positions: teacher.byRank(places), mean: mean.value ?? range.middle,
        width: width.value ?? range.length / 4, spread: spread, kernels: kernels)
    }
  }
}

/// The range of the tokens' positions.
struct PositionRange {
  let first: Double
  /// Above 0: 1 if there is one position only.
  let length: Double

  init(_ positions: [Double]) {
    first = positions.first ?? 0
    let last = positions.last ?? 0
    length = last > first ? last - first : 1
  }

  var middle: Double { first + length / 2 }
}

/// The Gaussian student of one context.
struct GaussianModel: ParametricModel {
  let name = GaussianStudent.name
  /// x by rank.
  let positions: [Double]
  let mean: Double
  let width: Double
  let spread: Double
  let kernels: VectorKernels

  var parameterCount: Int { 2 }

  func start(seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return start(drawnWith: &stream)
  }

  func start(drawnWith stream: inout RandomStream) -> [Double] {
    let (scaledMean, logWidth) = (mean / width, kernels.logarithms([width])[0])
    return [scaledMean, logWidth].map { $0 + stream.normal(sigma: spread) }
  }

  func logits(at parameters: [Double]) -> [Double] {
    var logits = positions
    computeLogits(&logits, context: 0, of: parameters)
    return logits
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    let (mean, precision) = standard(parameters)
    let positions = positions.span
    var logits = logits.mutableSpan
    for rank in logits.indices {
      let deviation = (positions[rank] - mean) * precision
      logits[rank] = -0.5 * deviation * deviation
    }
  }

  func jacobian(at parameters: [Double]) -> [[Double]] {
    let slopes = slopes(at: parameters)
    let all = positions.map(slopes.at)
    return [all.map(\.mean), all.map(\.logWidth)]
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    let slopes = slopes(at: parameters)
    let logitGradient = logitGradient.span
    let positions = positions.span
    var sums = (0.0, 0.0)
    for rank in logitGradient.indices {
      let (gradient, slope) = (logitGradient[rank], slopes.at(positions[rank]))
      sums.0 += gradient * slope.mean
      sums.1 += gradient * slope.logWidth
    }
    parameterGradient[0] += sums.0
    parameterGradient[1] += sums.1
  }

  /// The derivatives of the logits.
  func slopes(at parameters: [Double]) -> GaussianSlopes {
    let (mean, precision) = standard(parameters)
    return GaussianSlopes(mean: mean, precision: precision, scale: width * precision)
  }

  /// μ and 1/σ.
  func standard(_ parameters: [Double]) -> (mean: Double, precision: Double) {
    (width * parameters[0], kernels.exponential(-parameters[1]))
  }
}

/// `∂z/∂(μ/w)` and `∂z/∂ log σ` of a Gaussian.
struct GaussianSlopes {
  fileprivate let mean: Double
  /// 1/σ.
  fileprivate let precision: Double
  /// w/σ.
  fileprivate let scale: Double

  /// The slopes at x.
  func at(_ position: Double) -> (mean: Double, logWidth: Double) {
    let deviation = (position - mean) * precision
    return (scale * deviation, deviation * deviation)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The teacher's logits plus normal noise: a student that has been trained before.
///
///     z = log p + σ n    where p > 0, n ~ N(0, 1)
///     z = log floor      where p = 0
package struct TeacherNoiseInitialization: Initialization {
  package static let name = "teacher-noise"
  package static let summary = "teacher logits plus N(0, sigma²): a pre-trained student"

  static let sigma = Parameter(
    "sigma", default: 1, .nonNegative, summary: "standard deviation σ of the noise")
  static let floor = Parameter(
    "floor", default: 0, .range(0..<1),
    summary: "where p = 0 the logit is log floor, without noise; 0 refuses such teachers")
  package static let parameters: [any ParameterDeclaration] = [sigma, floor]

  let sigma: Double
  /// −∞ if there is none.
  let logFloor: Double

  package init(_ values: Parameters) {
    sigma = values[Self.sigma]
    logFloor = values.kernels.logarithms([values[Self.floor]])[0]
  }

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(SetupError) -> [Double] {
    if let token = teacher.firstZeroToken, logFloor == -.infinity {
      throw SetupError(
        "\(Self.name) needs the teacher's logits, and token \(token) has probability"
          + " 0; give such tokens a start, e.g. floor=1e-6, or smooth the teacher, e.g. smooth=1e-6",
        category: .badData)
    }
    var stream = RandomStream(seed: seed)
    var logits = teacher.byToken(teacher.logProbabilities)
    for token in logits.indices {
      logits[token] += stream.normal(sigma: sigma)
      if logits[token] == -.infinity { logits[token] = logFloor }
    }
    return logits
  }
}

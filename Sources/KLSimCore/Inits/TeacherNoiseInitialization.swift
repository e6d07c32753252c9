// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The teacher's logits plus normal noise: a student that has been trained before.
package struct TeacherNoiseInitialization: Initialization {
  package static let name = "teacher-noise"
  package static let summary = "teacher logits plus N(0, sigma²): a pre-trained student"

  static let sigma = Parameter(
    "sigma", default: 1, .nonNegative, summary: "standard deviation σ of the noise")
  package static let parameters: [any ParameterDeclaration] = [sigma]

  let sigma: Double

  package init(_ values: Parameters) {
    sigma = values[Self.sigma]
  }

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(InitializationError) -> [Double] {
    if let token = teacher.firstZeroToken {
      throw InitializationError(
        description: "\(Self.name) needs the teacher's logits, and token \(token) has probability"
          + " 0; smooth the teacher, e.g. smooth=1e-6")
    }
    var stream = RandomStream(seed: seed)
    var logits = teacher.byToken(teacher.logProbabilities)
    for token in logits.indices { logits[token] += stream.normal(sigma: sigma) }
    return logits
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Zipf's law: `zᵢ = −s log(i + 1)`, i = 0…V−1, with the one parameter s.
package struct ZipfStudent: Student {
  package static let name = "zipf"
  package static let summary = "Zipf's law, z = -s log(i+1), with one parameter s"
  package static let formula = "z_i = -s log(i+1)"
  package static let reference = "Zipf, The Psycho-Biology of Language, 1935"

  package enum Order: String, ParameterChoice {
    case token
    case rank
  }

  static let exponent = Parameter("exponent", default: 1.0, summary: "initial s")
  static let order = Parameter(
    "order", default: Order.token,
    summary: "whether i is the token's index or its rank in the teacher")
  package static let parameters: [any ParameterDeclaration] = [exponent, order, startSpread]

  let exponent: Double
  let order: Order
  let spread: Double
  private let kernels: VectorKernels

  package init(_ values: Parameters) {
    exponent = values[Self.exponent]
    order = values[Self.order]
    spread = values[startSpread]
    kernels = values.kernels
  }

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    // The feature by token and by rank, and the column of the Jacobian.
    StudentSize(parameters: contexts, working: (3 + contexts) * size, workingPerContext: size)
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) -> any StudentModel {
    let logs = kernels.logarithms((1...positions().count).map(Double.init))
    return perContext(teachers) { teacher in
      LinearModel(
        name: Self.name,
        features: [(order == .rank ? logs : teacher.byRank(logs)).map { -$0 }],
        start: [exponent], spread: spread)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A student of one context and few parameters, given by its logits and their derivatives.
protocol ParametricModel: StudentModel {
  /// z by rank, up to a constant.
  func logits(at parameters: [Double]) -> [Double]

  /// `∂z/∂θₖ` by rank, one list per parameter, each up to a constant.
  func jacobian(at parameters: [Double]) -> [[Double]]

  /// The name of the student, for errors.
  var name: String { get }

  /// The initial parameters that the student's specification gives.
  func start(seed: UInt64) -> [Double]
}

extension ParametricModel {
  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    try StudentInitialization.check(initialization, of: name)
    return start(seed: seed)
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    logits = self.logits(at: parameters)
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    for (index, column) in jacobian(at: parameters).enumerated() {
      var sum = 0.0
      for rank in column.indices { sum += logitGradient[rank] * column[rank] }
      parameterGradient[index] += sum
    }
  }
}

/// The `spread` of students of few parameters.
let startSpread = Parameter(
  "spread", default: 0, .nonNegative,
  summary:
    "standard deviation of seeded noise on the initial parameters: of means in widths, of log"
    + " widths, of all others as they are")

/// A student of one context whose logits are linear in its parameters: `z = Φθ`.
struct LinearModel: ParametricModel {
  let name: String
  /// Φ by rank, one list per parameter.
  let features: [[Double]]
  let start: [Double]
  let spread: Double

  var parameterCount: Int { start.count }

  func start(seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    return start.map { $0 + stream.normal(sigma: spread) }
  }

  func logits(at parameters: [Double]) -> [Double] {
    var logits = [Double](repeating: 0, count: features[0].count)
    for (feature, parameter) in zip(features, parameters) {
      for rank in logits.indices { logits[rank] += feature[rank] * parameter }
    }
    return logits
  }

  func jacobian(at parameters: [Double]) -> [[Double]] { features }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// A student of one context and few parameters, given by its logits and their derivatives.
protocol ParametricModel: StudentModel {
  /// z by rank, up to a constant.
  func logits(at parameters: [Double]) -> [Double]

  /// `∂z/∂θₖ` by rank, one list a parameter; a constant may be added to a list.
  func jacobian(at parameters: [Double]) -> [[Double]]

  /// The student's specification name, for errors.
  var name: String { get }

  /// Where the student starts by its specification.
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

// SPDX-License-Identifier: GPL-3.0-or-later

/// The student whose parameters are its logits: `q = softmax(z)`, θ = z, context after context.
///
/// It can represent every teacher of full support.
package struct SoftmaxStudent: Student {
  package static let name = "softmax"
  package static let summary = "free logits, one per token: q = softmax(z)"
  package static let defaultInitialization = TorchUniformInitialization.name

  package init(_ values: Parameters) {}

  package func numbers(
    vocabularySize size: Int, contexts: Int, historyLength length: Int
  ) -> StudentSize {
    // Several contexts are copied out of θ one by one.
    StudentSize(parameters: contexts * size, workingPerContext: contexts > 1 ? 2 * size : 0)
  }

  package func model(
    of teachers: [TeacherDistribution], positions: @autoclosure () -> [Double]
  ) -> any StudentModel {
    perContext(teachers) { SoftmaxModel(teacher: $0) }
  }
}

/// The logits of one context, by rank.
struct SoftmaxModel: StudentModel {
  let teacher: TeacherDistribution

  var parameterCount: Int { teacher.size }

  var parametersAreLogits: Bool { true }

  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    teacher.byRank(try initialization.logits(for: teacher, seed: seed))
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    // Element by element: if the storage were shared, the next update would copy it.
    for rank in logits.indices { logits[rank] = parameters[rank] }
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    for rank in parameterGradient.indices { parameterGradient[rank] += logitGradient[rank] }
  }
}

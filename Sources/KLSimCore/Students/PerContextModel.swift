// SPDX-License-Identifier: GPL-3.0-or-later

/// A student of its own for each of several contexts, their parameters one after the other.
struct PerContextModel: StudentModel {
  /// Models that know of one context each, and have equally many parameters.
  let models: [any StudentModel]

  var parameterCount: Int { models.reduce(0) { $0 + $1.parameterCount } }

  private func range(of context: Int) -> Range<Int> {
    let count = models[context].parameterCount
    return context * count..<(context + 1) * count
  }

  func start(_ initialization: any Initialization, seed: UInt64) throws -> [Double] {
    try models.flatMap { try $0.start(initialization, seed: seed) }
  }

  func computeLogits(_ logits: inout [Double], context: Int, of parameters: [Double]) {
    models[context].computeLogits(
      &logits, context: 0, of: Array(parameters[range(of: context)]))
  }

  func pullBack(
    _ logitGradient: [Double], context: Int, at parameters: [Double],
    into parameterGradient: inout [Double]
  ) {
    let range = range(of: context)
    var own = Array(parameterGradient[range])
    models[context].pullBack(
      logitGradient, context: 0, at: Array(parameters[range]), into: &own)
    parameterGradient.replaceSubrange(range, with: own)
  }
}

/// The model of one context, or one beside the other for several.
func perContext(
  _ teachers: [TeacherDistribution], _ model: (TeacherDistribution) throws -> any StudentModel
) rethrows -> any StudentModel {
  let models = try teachers.map(model)
  return models.count == 1 ? models[0] : PerContextModel(models: models)
}

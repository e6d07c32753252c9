// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The parameters of a student that was fitted before, by cross entropy to tokens of other contexts than
/// those of the run.
///
///     min_θ Σ_c w_c Σᵢ −(nᵢ/n) log qᵢ(θ; c),   n tokens drawn from the teacher in each other context c
///
/// by minibatches with Adam, from the start that the student's specification gives for the seed. The other
/// contexts are the most frequent histories of a text beside the run's, or further draws of a random teacher.
/// What belongs to single contexts, as U of `low-rank`, stays at its start.
package struct PretrainedInitialization: ParameterInitialization {
  package static let name = "pretrained"
  package static let summary =
    "for students that contexts share: fitted by cross entropy to tokens of other contexts before"
  package static let formula = "min Σ_c w_c Σ -(n_i/n) log q_i by Adam, c the other contexts"

  static let epochs = Parameter(
    "epochs", default: 10, .range(1...(1 << 20)),
    summary: "number of passes over the other contexts")
  static let learningRate = Parameter(
    "learning-rate", default: 0.01, .positive, summary: "learning rate of Adam")
  static let batch = Parameter(
    "batch", default: 32, .range(1...(1 << 20)), summary: "number of contexts of a minibatch")
  static let samples = Parameter(
    "samples", default: 100, .range(1...Int(UInt32.max)),
    summary: "number of tokens n drawn in each context, once for all epochs")
  static let contexts = Parameter<Automatic<Int>>(
    "contexts", default: .auto, .auto(or: .range(2...(1 << 20))),
    summary: "number of other contexts; auto: as many as the run has, or all if there are fewer")
  package static let parameters: [any ParameterDeclaration] = [
    epochs, learningRate, batch, samples, contexts,
  ]

  private let values: Parameters

  package init(_ values: Parameters) { self.values = values }

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(SetupError) -> [Double] {
    throw Self.refusal(SoftmaxStudent.name)
  }

  private static func refusal(_ student: String) -> SetupError {
    SetupError(
      "the init \(name) is for students whose contexts share parameters, and those of \(student) share"
        + " none; choose such a student, e.g. \(LogBilinearStudent.name), or leave the init out")
  }

  func parameters(
    of model: any StudentModel, in setup: Setup, seed: UInt64
  ) throws -> [Double]? {
    guard !model.sharedParameters.isEmpty else {
      throw Self.refusal(setup.student.specification)
    }
    let teacher = try otherContexts(than: setup.teacher)
    let kernels = values.kernels
    let tokens = try TeacherSet(of: 0..<teacher.component.contexts.count, kernels: kernels) {
      try histogram(of: teacher, context: $0, seed: seed)
    }
    let fit = try Setup(
      [
        ObjectiveAxis.name: SoftCrossEntropy.name, OptimizerAxis.name: Adam.name,
        LearningRateAxis.name: values[Self.learningRate].description,
        BatchAxis.name: values[Self.batch].description,
        InitializationAxis.name: StudentInitialization.name,
      ], epochs: values[Self.epochs]
    ).choosing(teacher, on: TeacherAxis.self).choosing(setup.student, on: StudentAxis.self)
    var stream = RandomStream(seed: seed, purpose: Self.name)
    let ownSeed = UInt64(stream.nextBits()) << 32 | UInt64(stream.nextBits())
    let runs = try FitBatch(
      fit, teachers: tokens, seeds: [ownSeed],
      start: FitBatch.start(fit, teachers: tokens, seeds: [seed]))
    var nothing = Measurement(heads: [], epochs: { _, _ in false })
    nothing.keepsParameters = true
    guard let fitted = try runs.run(nothing, kernels: kernels)[0].finalParameters,
      fitted.allSatisfy(\.isFinite)
    else {
      throw SetupError(
        "the init \(values.canonical.text): the parameters are no finite numbers after it; choose a smaller"
          + " \(Self.learningRate.name)=…")
    }
    var parameters = try model.start(fit.initialization.component, seed: seed)
    parameters.replaceSubrange(
      model.sharedParameters, with: fitted[runs.model.sharedParameters])
    return parameters
  }

  /// The teacher of the other contexts.
  private func otherContexts(
    than teacher: Chosen<TeacherRecipe>
  ) throws(SetupError) -> Chosen<TeacherRecipe> {
    let wanted = values[Self.contexts].value
    let others = teacher.component.others(
      atMost: wanted ?? max(2, teacher.component.contexts.count))
    let count = others?.contexts.count ?? 0
    guard let others, count >= wanted ?? 2 else {
      throw SetupError(
        "the init \(values.canonical.text) needs \(wanted ?? 2) contexts beside those of the run, and the"
          + " teacher \(teacher.specification) has \(count == 0 ? "none" : "\(count)"); choose one that has"
          + " more: the \(NGramTeacher.name) of a longer text or of fewer histories, or a random teacher"
      )
    }
    return Chosen(specification: teacher.specification, component: others)
  }

  /// The tokens that are drawn in one of the other contexts.
  private func histogram(
    of teacher: Chosen<TeacherRecipe>, context: Int, seed: UInt64
  ) throws -> TeacherDistribution {
    let truth = try teacher.distribution(seed: seed, context: context).truth
    var stream = RandomStream(seed: seed, purpose: "\(Self.name) \(context)")
    return try truth.histogram(
      of: UInt32(values[Self.samples]), proposal: 1, smoothing: 0, drawnWith: &stream,
      kernels: values.kernels)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// About how much memory runs take that are fitted together, in bytes, by what their components say of the arrays that
/// they keep and work in.
package struct FitMemory: Sendable {
  /// The teachers of the contexts that are fitted together.
  package let teachers: Double
  /// The largest teacher while it is made.
  package let preparation: Double
  /// The start of the runs, and what they are fitted with one after the other.
  package let fit: Parts
  /// What is recorded of all runs, without snapshots.
  package let records: Double
  /// The snapshots of all runs.
  package let snapshots: Double

  /// Arrays by what decides how large they are.
  package struct Parts: Sendable {
    /// Those of the vocabulary.
    package fileprivate(set) var tokens = 0.0
    /// Those of all contexts of an update.
    package fileprivate(set) var contexts = 0.0
    /// The parameters, and what the student works in.
    package fileprivate(set) var student = 0.0
    package fileprivate(set) var optimizer = 0.0
    package fileprivate(set) var objective = 0.0

    /// The sum of all.
    package var total: Double { tokens + contexts + student + optimizer + objective }

    fileprivate static func + (first: Parts, second: Parts) -> Parts {
      Parts(
        tokens: first.tokens + second.tokens, contexts: first.contexts + second.contexts,
        student: first.student + second.student, optimizer: first.optimizer + second.optimizer,
        objective: first.objective + second.objective)
    }

    fileprivate static func * (factor: Double, parts: Parts) -> Parts {
      Parts(
        tokens: factor * parts.tokens, contexts: factor * parts.contexts,
        student: factor * parts.student, optimizer: factor * parts.optimizer,
        objective: factor * parts.objective)
    }
  }

  /// The memory of runs that share everything but their seeds.
  ///
  /// - Parameters:
  ///   - setup: what the runs share.
  ///   - contexts: the number of contexts that are fitted together.
  ///   - seeds: the number of runs.
  ///   - measurement: what is measured.
  ///   - records: the number of epochs that are recorded.
  ///   - snapshots: the number of epochs whose q is kept.
  ///   - kernels: the vector kernels to compute with.
  package init(
    of setup: Setup, contexts: Int, seeds: Int, _ measurement: Measurement, records: Int,
    snapshots: Int, kernels: VectorKernels = .best
  ) {
    let teacher = setup.teacher.component
    let arrays = Arrays(setup, contexts: contexts, measurement)
    let isFused =
      kernels != .plain && contexts == 1 && !arrays.isSample && FusedFit.form(of: setup) != nil
    let measuresStates = snapshots > 0 || !measurement.metrics.isEmpty
    var numbers =
      isFused
      ? arrays.fused(measuresStates: measuresStates)
      : setup.isMinibatched ? arrays.minibatched : arrays.stepwise
    let runs = Double(seeds) * Double(contexts)
    let parameters = Double(arrays.student.parameters)
    let bytes = Double(MemoryLayout<Double>.size)
    teachers =
      bytes
      * (TeacherSet.numberCount(of: teacher, contexts: contexts)
        + (isFused ? Double(BlendTeacher.vectorCount * teacher.size) : 0))
    preparation = bytes * Double(teacher.vectorCounts.made) * Double(teacher.size)
    // `pretrained` fits the start to a second set of teachers.
    let pretraining =
      setup.initialization.component is PretrainedInitialization
      ? TeacherSet.numberCount(of: teacher, contexts: contexts) : 0
    numbers.student += Double(seeds) * parameters * (measurement.keepsParameters ? 2 : 1)
    numbers.tokens += pretraining
    fit = bytes * numbers
    self.records = runs * Double(records) * measurement.recordBytes
    self.snapshots = bytes * runs * Double(snapshots) * 2 * Double(teacher.size)
  }

  /// The arrays of a fit, in numbers.
  private struct Arrays {
    let setup: Setup
    let contexts: Int
    let student: StudentSize
    let isSample: Bool
    /// V.
    private let size: Double
    /// The arrays that metrics work in, with the gradient in the logits and a sample's state beside the truth.
    private let measuring: Double
    /// The optimizer's arrays; and θ and its gradient, with what is kept to see whether a step has moved anything.
    private let parameters: Parts

    init(_ setup: Setup, contexts: Int, _ measurement: Measurement) {
      (self.setup, self.contexts) = (setup, contexts)
      let teacher = setup.teacher.component
      student = setup.student.component.numbers(
        vocabularySize: teacher.size, contexts: contexts,
        historyLength: teacher.contexts.histories.first?.count ?? 0)
      size = Double(teacher.size)
      isSample = teacher.vectorCounts.kept > TeacherDistribution.vectorCount
      let metrics = measurement.metrics.map { type(of: $0).vectorCount }.max()
      measuring = size * Double((metrics ?? 0) + (isSample ? 5 : 0))
      let optimizer = setup.optimizer.component
      parameters =
        Double(student.parameters)
        * Parts(
          student: optimizer.memory == nil ? 2 : 3, optimizer: Double(optimizer.vectorCount))
    }

    /// Teacher and student of some contexts, and what the objective keeps of them.
    private func states(_ count: Int) -> Parts {
      let objective = setup.objective.component
      return Parts(
        tokens: Double(count) * size * Double(FitState.vectorCount(of: objective.views)),
        objective: Double(
          objective.objective.workingSize(vocabularySize: Int(size), contexts: count)))
    }

    /// In the fused kernel, whose runs are lanes of a group in small vocabularies.
    func fused(measuresStates: Bool) -> Parts {
      let kernel = Parts(tokens: Double(BlendFit.numberCount(vocabularySize: Int(size))))
      guard measuresStates else { return kernel }
      let lanes = Double(BlendFit.capacity(vocabularySize: Int(size)))
      return kernel + (lanes + 1) * states(1) + Parts(tokens: lanes * size + measuring)
    }

    /// With all contexts in every update.
    var stepwise: Parts {
      let isShared = !(setup.student.component is SoftmaxStudent && contexts == 1)
      let gradients = isShared ? Double(contexts + 1) * size : 0
      // Packed teachers are unpacked for their states.
      let teachers = contexts == 1 ? 0 : Double(contexts * TeacherDistribution.vectorCount) * size
      var states = states(contexts)
      states.tokens += gradients + teachers
      if contexts > 1 { (states.contexts, states.tokens) = (states.tokens, 0) }
      return parameters + states
        + Parts(tokens: measuring, student: Double(student.working + student.workingPerContext))
    }

    /// With minibatches: a block of contexts for the updates, and another for what is recorded.
    var minibatched: Parts {
      let isCompared = setup.objective.component.objective is any BatchObjective
      let count =
        isCompared
        ? contexts : min(contexts, ContextLosses.height(vocabularySize: Int(size)))
      let block =
        states(isCompared ? count : 1)
        + Parts(
          tokens: Double(2 * count + TeacherDistribution.vectorCount) * size,
          student: Double(student.workingPerContext * count))
      let accumulated = setup.accumulation > 1 ? student.parameters : 0
      return parameters + 2 * block
        + Parts(tokens: measuring, student: Double(accumulated + student.working))
    }
  }
}

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
  package let fit: Double
  /// What is recorded of all runs, without snapshots.
  package let records: Double
  /// The snapshots of all runs.
  package let snapshots: Double

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
    let numbers =
      isFused
      ? arrays.fused(measuresStates: measuresStates)
      : setup.isMinibatched ? arrays.minibatched : arrays.stepwise
    let runs = Double(seeds) * Double(contexts)
    let parameters = Double(arrays.student.parameters)
    func bytes(_ numbers: Double) -> Double { numbers * Double(MemoryLayout<Double>.size) }
    teachers = bytes(
      TeacherSet.numberCount(of: teacher, contexts: contexts)
        + (isFused ? Double(BlendTeacher.vectorCount * teacher.size) : 0))
    preparation = bytes(Double(teacher.vectorCounts.made) * Double(teacher.size))
    // `pretrained` fits the start to a second set of teachers.
    let pretraining =
      setup.initialization.component is PretrainedInitialization
      ? TeacherSet.numberCount(of: teacher, contexts: contexts) : 0
    fit = bytes(
      Double(seeds) * parameters * (measurement.keepsParameters ? 2 : 1) + numbers + pretraining)
    self.records = runs * Double(records) * measurement.recordBytes
    self.snapshots = bytes(runs * Double(snapshots) * 2 * Double(teacher.size))
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
    /// The optimizer's arrays, θ and its gradient, and what is kept to see whether a step has moved anything.
    private let parameters: Double

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
        * Double(optimizer.vectorCount + 2 + (optimizer.memory == nil ? 0 : 1))
    }

    /// Teacher and student of a context, and what the objective keeps of them.
    private func states(_ count: Int) -> Double {
      let objective = setup.objective.component
      return Double(count) * size * Double(FitState.vectorCount(of: objective.views))
        + Double(objective.objective.workingSize(vocabularySize: Int(size), contexts: count))
    }

    /// In the fused kernel, whose runs are lanes of a group in small vocabularies.
    func fused(measuresStates: Bool) -> Double {
      let kernel = Double(BlendFit.numberCount(vocabularySize: Int(size)))
      guard measuresStates else { return kernel }
      return kernel + Double(BlendFit.capacity(vocabularySize: Int(size))) * (states(1) + size)
        + measuring + states(1)
    }

    /// With all contexts in every update.
    var stepwise: Double {
      let isShared = !(setup.student.component is SoftmaxStudent && contexts == 1)
      let gradients = isShared ? Double(contexts + 1) * size : 0
      // Packed teachers are unpacked for their states.
      let teachers = contexts == 1 ? 0 : Double(contexts * TeacherDistribution.vectorCount) * size
      return parameters + states(contexts) + gradients + teachers + measuring
        + Double(student.working + student.workingPerContext)
    }

    /// With minibatches: a block of contexts for the updates, and another for what is recorded.
    var minibatched: Double {
      let isCompared = setup.objective.component.objective is any BatchObjective
      let count =
        isCompared
        ? contexts : min(contexts, ContextLosses.height(vocabularySize: Int(size)))
      let block =
        states(isCompared ? count : 1) + Double(2 * count + TeacherDistribution.vectorCount) * size
        + Double(student.workingPerContext * count)
      return parameters + (setup.accumulation > 1 ? Double(student.parameters) : 0) + 2 * block
        + measuring + Double(student.working)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

extension FitStudy {
  /// About how much memory fits of some setups take; nothing is made to find it out.
  ///
  /// - Parameters:
  ///   - study: the study in words.
  ///   - setups: its setups.
  ///   - measurement: what is measured.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: the memory.
  /// - Throws: `StudyError`, or `SpecificationError`.
  static func memory(
    of study: Study, _ setups: [Setup], _ measurement: Measurement, _ kernels: VectorKernels
  ) throws -> MemoryNeed {
    let sizes = try ResultSizes(study, setups, measurement)
    var need = MemoryNeed()
    for (_, own) in setups.grouped(by: \.teacher.specification) {
      let teacher = own[0].teacher.component
      let ofTeachers = teacher.contexts.count > 1 ? MemoryCause.contexts : .tokens
      // Made once for all seeds and setups; others are kept for as many items as setups take turns at.
      let isKept = !teacher.isRandom && (teacher.contexts.count == 1 || own[0].isJoint)
      var (kept, chunk): (Double, MemoryParts) = (0, [:])
      for plans in SetupBlock.plans(
        of: own, vocabularySize: teacher.size, seedCount: study.seeds, sizes)
      {
        var teachers = 0.0
        for plan in plans {
          let fit = FitMemory(
            of: plan.setup, contexts: plan.contextGroups[0].count,
            seeds: min(plan.batchSize, study.seeds), measurement,
            records: sizes.recordCount(of: plan.setup),
            snapshots: sizes.snapshotCount(of: plan.setup), kernels: kernels)
          need.add(plan, fit, sizes, ofTeachers, keepsTeachers: isKept)
          teachers = max(teachers, fit.teachers)
          need.summary +=
            [
              .seeds: Comparison.size(
                ofRuns: Double(study.seeds) * Double(teacher.contexts.count), measurement)
            ]
        }
        kept = max(kept, teachers)
        guard plans.count > 1 else { continue }
        // The teachers of one item are counted with it.
        let turns = min(
          SetupBlock.width(vocabularySize: teacher.size), plans.map(\.itemCount).max() ?? 1)
        let results = SetupBlock.waiting(in: plans, sizes)
        let ofTurns: MemoryParts = [ofTeachers: isKept ? 0 : Double(turns - 1) * teachers]
        need.waiting.formMaximum([.records: results] + ofTurns)
        chunk.formMaximum(
          [.records: min(results, SweepChunks.maximumRows * sizes.row(of: plans[0].setup))]
            + ofTurns)
      }
      if isKept {
        need.shared += [ofTeachers: kept]
        chunk += [ofTeachers: kept]
      }
      need.chunk.formMaximum(chunk)
    }
    return need
  }
}

extension MemoryNeed {
  /// Adds the items of a setup.
  ///
  /// - Parameters:
  ///   - plan: the setup.
  ///   - fit: what an item takes.
  ///   - sizes: the sizes of results.
  ///   - ofTeachers: what teachers grow with.
  ///   - keepsTeachers: whether they are kept for all items.
  fileprivate mutating func add(
    _ plan: SetupPlan, _ fit: FitMemory, _ sizes: ResultSizes, _ ofTeachers: MemoryCause,
    keepsTeachers: Bool
  ) {
    let (setup, runs) = (plan.setup, Double(plan.firstRunCount))
    // A teacher that is kept is counted as such while it is made.
    item.formMaximum([ofTeachers: max(0, fit.preparation - (keepsTeachers ? fit.teachers : 0))])
    item.formMaximum(
      fit.fit.parts(of: setup, ofTeachers) + [
        ofTeachers: keepsTeachers ? 0 : fit.teachers,
        // A text that outgrows its array is there twice for a moment, at most whole and on average half.
        .snapshots: fit.snapshots + runs * sizes.snapshots(of: setup),
        .records: runs * sizes.recordRows(of: setup) / 2,
      ])
    result.formMaximum([
      .records: runs * sizes.records(of: setup), .snapshots: runs * sizes.snapshots(of: setup),
    ])
    statistics.formMaximum([.statistics: sizes.statistics(of: setup)])
    itemCount += plan.itemCount
  }
}

extension FitMemory.Parts {
  /// The bytes by what they grow with in a setup.
  ///
  /// - Parameters:
  ///   - setup: the setup.
  ///   - ofTeachers: what teachers grow with.
  /// - Returns: the parts.
  fileprivate func parts(of setup: Setup, _ ofTeachers: MemoryCause) -> MemoryParts {
    let heavy = setup.optimizer.component.vectorCount
    let isDivisible =
      setup.student.component is any SharedStudent && !setup.isMinibatched
      && !(setup.objective.component.objective is any BatchObjective)
    let ofStudent =
      setup.student.component is SoftmaxStudent
      ? ofTeachers
      : MemoryCause(remedy: "a smaller `student` than \(setup.student.specification)")
    let ofOptimizer = MemoryCause(
      remedy: "another `optimizer` than \(setup.optimizer.specification), which works in \(heavy)"
        + " arrays of the parameters")
    return [
      ofTeachers: tokens, (isDivisible ? .updates : ofTeachers): contexts, ofStudent: student,
      (heavy > 3 ? ofOptimizer : ofStudent): optimizer,
      MemoryCause(remedy: "another `objective` than \(setup.objective.specification)"): objective,
    ]
  }
}

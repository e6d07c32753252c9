// SPDX-License-Identifier: GPL-3.0-or-later

extension Setup {
  /// Refuses choices that do not go together.
  ///
  /// - Parameter selections: the states that are kept.
  /// - Throws: `SetupError`, with the names of axes in backticks.
  package func check(_ selections: EpochSelection...) throws(SetupError) {
    try checkBatches()
    try checkHeldOut()
    guard clipping == .none || optimizer.component is any ElementwiseOptimizer else {
      throw refusal(
        of: ClipAxis.self,
        "\(optimizer.specification) does not follow the gradient alone; choose another optimizer, such"
          + " as \(Adam.name)")
    }
    if batchSize == nil, let fraction = selections.lazy.compactMap(\.firstFraction).first {
      throw SetupError(
        "epoch \(fraction) is between two updates: with `\(BatchAxis.name)` all an epoch is one update;"
          + " add `\(BatchAxis.name)` n, or ask for whole epochs")
    }
  }

  private func refusal(of axis: any Axis.Type, _ reason: String) -> SetupError {
    SetupError("`\(axis.name)` \(specification(on: axis)): \(reason)")
  }

  /// A teacher that log-bilinear students can be used with.
  private static let histories =
    "a teacher of several histories, such as ngram:text=alice:order=3:histories=100"
  /// Advice that ends the refusal of a student or teacher.
  private static let advice =
    "; choose \(histories), and a student that they share, such as \(LogBilinearStudent.name)"

  private func checkBatches() throws(SetupError) {
    guard let batchSize else {
      for axis in [SamplingAxis.self, AccumulateAxis.self] as [any Axis.Type]
      where departs(on: axis) {
        throw refusal(of: axis, "it is about minibatches; set `\(BatchAxis.name)` n")
      }
      return
    }
    guard isJoint else {
      let contexts = teacher.component.contexts
      guard contexts.count > 1 else {
        throw refusal(
          of: BatchAxis.self, "\(teacher.specification) has only one context" + Self.advice)
      }
      let student = contexts.histories.isEmpty ? LowRankStudent.name : LogBilinearStudent.name
      throw refusal(
        of: BatchAxis.self,
        "the contexts of \(teacher.specification) share no parameters of \(self.student.specification), so"
          + " each is fitted alone; choose a student that they share, such as \(student)")
    }
    guard !(optimizer.component is GradientFlow) else {
      throw refusal(
        of: BatchAxis.self, "\(GradientFlow.name) follows the exact gradient of all contexts")
    }
    let count = contextCount(of: .train)
    guard sampling == .shuffle || batchSize <= count else {
      throw refusal(
        of: BatchAxis.self, "there are \(count) contexts to draw from; set at most as many")
    }
    guard accumulation <= batchesPerEpoch else {
      throw refusal(
        of: AccumulateAxis.self,
        "an epoch has \(batchesPerEpoch) minibatches; set at most as many, or a smaller"
          + " `\(BatchAxis.name)`")
    }
    guard !epochs.multipliedReportingOverflow(by: length.updatesPerEpoch).overflow else {
      throw refusal(of: BatchAxis.self, "\(epochs) epochs are more updates than can be counted")
    }
  }

  private func checkHeldOut() throws(SetupError) {
    guard heldOutShare > 0 else { return }
    let contexts = teacher.component.contexts
    guard let student = student.component as? any SharedStudent,
      student.generalises(fromHistoriesOf: contexts.histories.first?.count ?? 0)
    else {
      guard contexts.count < 2 || !contexts.histories.isEmpty else {
        throw refusal(
          of: HeldOutAxis.self,
          "the contexts of \(teacher.specification) are no histories, and no student generalises to"
            + " contexts of other kinds; train on all of them, or choose \(Self.histories), and \(LogBilinearStudent.name)"
        )
      }
      throw refusal(
        of: HeldOutAxis.self,
        "a context of \(teacher.specification) has parameters of its own in"
          + " \(self.student.specification), which no update reaches if it is held out"
          + Self.advice)
    }
    guard contexts.weights.count(where: { $0 > 0 }) > 1 else {
      throw refusal(of: HeldOutAxis.self, "there are no two contexts with a weight" + Self.advice)
    }
    guard !(optimizer.component is GradientFlow) else {
      throw refusal(
        of: HeldOutAxis.self, "\(GradientFlow.name) follows the exact gradient of all contexts")
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Where the gradient in the logits lies, by the formula of the objective.
@Suite struct GradientShareTests {
  /// Without the slow sizes; corners make no difference, for the formulas have them, too.
  @Test(
    arguments: ObjectiveCatalog.specifications, RandomCase.all([.moderate], sizes: [1, 2, 3, 80]))
  func sharesAreThoseOfTheFormula(objective: String, randomCase: RandomCase) throws {
    let formula = try #require(ReferenceObjective(objective))
    let value = formula.value(at: ReferenceState(randomCase.weights, logits: randomCase.logits))
    let state = try randomCase.state()
    for headCount in Set([1, (randomCase.size + 1) / 2, randomCase.size]) {
      let shares = try Catalog.metric("gradient-share").component.values(
        at: state, headCount: headCount, minimising: objective)
      let expected = ReferenceMetrics.gradientShares(
        value.gradient, head: Set(state.teacher.tokens.prefix(headCount)))
      #expect(worstGap(shares, expected) <= 1e-11, "head of \(headCount)")
    }
  }

  /// What a run records against the formula at its snapshots: the largest gap beyond rounding.
  private func worstRecordGap(
    _ trajectory: Trajectory, objective: String
  ) throws -> Double {
    let formula = try #require(ReferenceObjective(objective))
    let teacher = trajectory.teacher
    let p = teacher.byToken(teacher.probabilities)
    var worst = 0.0
    for (record, snapshot) in zip(trajectory.records, trajectory.snapshots) {
      let q = teacher.byToken(snapshot.probabilities)
      let value = formula.value(at: ReferenceState(p: p, q: q))
      for (cut, headCount) in trajectory.headCounts.enumerated() {
        let expected = ReferenceMetrics.gradientShares(
          value.gradient, head: Set(teacher.tokens.prefix(headCount)))
        worst = max(worst, worstGap(record.extras[cut], expected) - 4 * value.shareRounding)
      }
    }
    return worst
  }

  private static func measurement() throws -> Measurement {
    Measurement(
      heads: try ["count=2", "mass=0.8", "mass=1"].map { try Catalog.head($0) },
      metrics: [try Catalog.metric("gradient-share").component], snapshots: { _, _ in true })
  }

  /// Blends are fitted in the fused kernel by every kernel but the plain one.
  @Test(
    arguments: [
      "fkl", "rkl", "akl", "akl:mu=0.8:reduction=mean", "mix:lambda=0.9", "jeffreys",
      "akl:temperature=2", "bdkd", "todi", "dkl", "js", "tvd", "hinton:target=argmax",
      "mse-logits", "topk-kl:k=3:mode=bucket",
    ], [VectorKernels.plain, .best])
  func recordedSharesAreThoseOfTheFormula(objective: String, kernels: VectorKernels) throws {
    let setup = try Setup(
      teacher: "dirichlet:size=20", objective: objective, initialization: "normal:sigma=2",
      epochs: 20)
    let teacher = try setup.teacher.distribution(seed: 1)
    let trajectories = try FitBatch(setup, teachers: [teacher], seeds: Array(1...10))
      .run(Self.measurement(), kernels: kernels)
    for trajectory in trajectories {
      #expect(trajectory.records.count == 21 && trajectory.snapshots.count == 21)
      #expect(try worstRecordGap(trajectory, objective: objective) <= 1e-11)
    }
  }

  /// The gradient in the logits, not in the few parameters; of a joint fit, each context's own.
  @Test(
    arguments: ["gaussian", "gaussian-mixture", "zipf", "linear:dimension=2", "low-rank:rank=2"],
    ["fkl", "akl", "tvd"])
  func sharesOfSmallStudentsAreOfLogits(student: String, objective: String) throws {
    let reader = ContextRows.random(contexts: 3, size: 9, weights: [1, 0, 0x1p-1063])
    let setup = try Setup(
      teacher: "file:path=t:values=logits:context-weights=w", student: student,
      objective: objective, learningRate: 0.05, epochs: 15, reader: reader)
    let trajectories = try setup.trajectories(seed: 1, Self.measurement())
    #expect(trajectories.count == 3)
    for trajectory in trajectories {
      #expect(try worstRecordGap(trajectory, objective: objective) <= 1e-11)
    }
  }

  /// Every context has its part of the gradient of the one loss.
  @Test(arguments: ["softmax", "gaussian"], ["sum", "mean"])
  func sharesOfBatchesAreThoseOfTheWholeLoss(student: String, reduction: String) throws {
    let setup = try Setup(
      teacher: "file:path=t:values=logits:context-weights=w", student: student,
      objective: "sinkhorn-batch:reduction=\(reduction)", learningRate: 0.05, epochs: 8,
      reader: ContextRows.random(contexts: 4, size: 7, weights: [1, 0, 2, 5]))
    let trajectories = try setup.trajectories(seed: 1, Self.measurement())
    let objective = try #require(
      Catalog.objective("sinkhorn-batch").component.objective as? any BatchObjective)
    var evaluator = objective.evaluator(for: trajectories.map(\.teacher), kernels: .best)
    for epoch in 0...8 {
      let states = trajectories.map {
        FitState(teacher: $0.teacher, logits: $0.snapshots[epoch].logProbabilities)
      }
      var gradients = states.map(\.logits)
      _ = evaluator.loss(at: states, gradients: &gradients)
      for (trajectory, gradient) in zip(trajectories, gradients) {
        for (cut, headCount) in trajectory.headCounts.enumerated() {
          let expected = ReferenceMetrics.gradientShares(gradient, head: Set(0..<headCount))
          #expect(worstGap(trajectory.records[epoch].extras[cut], expected) <= 1e-10)
        }
      }
    }
  }

  /// For forward KL g = q − p: the shares are those of the errors.
  @Test(arguments: ["softmax", "low-rank"])
  func meansOverContextsAreOfTheContextsThatHaveAShare(student: String) throws {
    // The second context's teacher is the student's start.
    let reader = ContextRows(
      rows: [[0, 1, 2, 3], [1, 1, 1, 1], [5, 0, 0, 1]], weights: [3, 2, 1])
    let setup = try Setup(
      teacher: "file:path=t:values=logits:context-weights=w", student: student,
      initialization: student == "softmax" ? "zeros" : "student", epochs: 0, reader: reader)
    let trajectories = try setup.trajectories(seed: 1, Self.measurement())
    var mean = ContextMean(of: setup.teacher.component.contexts)
    for trajectory in trajectories { mean.add(trajectory) }
    let record = try #require(mean.trajectory?.records[0])
    let weights: [Double] = student == "softmax" ? [3, 0, 1] : [3, 2, 1]
    for cut in 0..<2 {
      #expect((trajectories[1].records[0].extras[cut][0] == nil) == (student == "softmax"))
      let shares = trajectories.map {
        let error = $0.records[0].heads[cut]
        return (head: error.headWeight, tail: error.tail / (error.head + error.tail))
      }
      func mean(_ share: (Int) -> Double) -> Double {
        (0..<3).filter { weights[$0] > 0 }.reduce(0) { $0 + weights[$1] * share($1) }
          / weights.reduce(0, +)
      }
      let expected = [mean { shares[$0].head }, mean { shares[$0].tail }]
      #expect(worstGap(record.extras[cut], expected) <= 1e-12)
    }
    #expect(worstGap(record.extras[2], [1, 0]) <= 1e-15)
  }

  private func shares(_ gradient: [Double], headCount: Int = 2) throws -> [Double?] {
    let teacher = try TeacherDistribution(.linear(gradient.map { _ in 1 }))
    let state = FitState(teacher: teacher, logits: gradient.map { _ in 0 })
    let error = state.headTailErrors(headCounts: [headCount])[0]
    return try Catalog.metric("gradient-share").component.values(
      at: Moment(state: state, headCount: headCount, errors: error, startErrors: error) {
        gradient
      })
  }

  @Test func sharesOfWorkedGradients() throws {
    #expect(try shares([3, -1, -2, 2]) == [0.5, 0.5])
    #expect(try shares([3, -1, -2, 2], headCount: 4) == [1, 0])
    #expect(try shares([0, 0, 0, -5]) == [0, 1])
  }

  @Test func aGradientOfNothingHasNoShares() throws {
    #expect(try shares([0, -0.0, 0]) == [nil, nil])
    for number in [Double.nan, .infinity, -.infinity] {
      for place in 0..<3 {
        var gradient = [1.0, -2, 1]
        gradient[place] = number
        #expect(try shares(gradient) == [nil, nil], "\(number) at \(place)")
      }
    }
  }

  /// Sums that overflow, a tail that 1 minus the head would not see, and gradients next to nothing.
  @Test func sharesKeepTheirDigits() throws {
    #expect(worstGap(try shares([1e308, -1e308, 1.5e308, 0.5e308]), [0.5, 0.5]) <= 1e-15)
    let tiny = try shares([0.5, -0.5, 3e-30, -1e-30]).compactMap(\.self)
    #expect(tiny[0] == 1 && gap(tiny[1] / 4e-30, 1) <= 1e-15)
    #expect(try shares([0x3p-1063, 0, -0x1p-1063]) == [0.75, 0.25])
  }

  /// Asked for once a state whatever the cuts, and not at all if no metric wants it.
  @Test(arguments: [(["js", "log-ratio", "progress"], 0), (["js", "gradient-share"], 1)])
  func gradientsAreWorkedOutIfAsked(metrics: [String], count: Int) throws {
    let measurement = Measurement(
      heads: [], metrics: try metrics.map { try Catalog.metric($0).component })
    let state = try RandomCase(.moderate, size: 5, seed: 1).state()
    let errors = state.headTailErrors(headCounts: [1, 2, 5])
    var calls = 0
    let extras = measurement.extras(
      at: state, headCounts: [1, 2, 5], errors: errors, startErrors: errors
    ) {
      calls += 1
      return [1, 2, 3, 4, 5]
    }
    #expect(extras.count == 3)
    #expect(calls == count)
  }
}

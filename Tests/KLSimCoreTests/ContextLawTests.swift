// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Teachers of several contexts: what is fitted together, what apart, and what a mean is.
@Suite struct ContextLawTests {
  private static func reader(
    contexts: Int, size: Int, weights: [Double] = [], rank: Int? = nil
  ) -> ContextRows {
    guard let rank else { return .random(contexts: contexts, size: size, weights: weights) }
    var generator = SplitMix64(seed: UInt64(contexts * 100 + size))
    func numbers(_ count: Int) -> [Double] {
      (0..<count).map { _ in .random(in: -2...2, using: &generator) }
    }
    let (left, right) = (numbers(contexts * rank), numbers(size * rank))
    let rows = (0..<contexts).map { context in
      (0..<size).map { token in
        (0..<rank).reduce(0) { $0 + left[context * rank + $1] * right[token * rank + $1] }
      }
    }
    return ContextRows(rows: rows, weights: weights)
  }

  private func setup(
    _ reader: ContextRows, student: String = "softmax", objective: String = "fkl",
    optimizer: String = "adam", learningRate: Double = 0.05, epochs: Int = 30
  ) throws -> Setup {
    let weights = reader.weights.isEmpty ? "" : ":context-weights=w"
    return try Setup(
      teacher: "file:path=t:values=logits\(weights)", student: student, objective: objective,
      optimizer: optimizer, learningRate: learningRate, epochs: epochs, reader: reader)
  }

  private static let measurement = Measurement(heads: [], snapshots: { _, _ in true })

  @Test(arguments: ["softmax", "gaussian", "linear:dimension=2"])
  func contextsApartAreTeachersAlone(student: String) throws {
    let reader = Self.reader(contexts: 3, size: 8)
    let together = try setup(reader, student: student).trajectories(seed: 1, Self.measurement)
    #expect(together.map(\.context) == [.one(0), .one(1), .one(2)])
    for (row, trajectory) in zip(reader.rows, together) {
      let alone = try setup(ContextRows(rows: [row]), student: student)
        .trajectory(seed: 1, Self.measurement)
      #expect(alone.context == .only)
      #expect(trajectory.records == alone.records)
      #expect(trajectory.snapshots == alone.snapshots)
    }
  }

  /// `∂L/∂θ` of all contexts against central differences, by way of steps of gradient descent.
  @Test(arguments: ["low-rank:rank=2", "low-rank:rank=1:bias=false", "gaussian", "softmax"])
  func jointGradientsAreThoseOfTheLoss(student: String) throws {
    let weights = [1.0, 2, 5]
    let reader = Self.reader(contexts: 3, size: 6, weights: weights)
    let teachers = try Catalog.teacher("file:path=t:values=logits", reader: reader)
      .distributions(seed: 1)
    let component = try Catalog.student(student).component
    let model = try component.model(of: teachers, positions: (0..<6).map { Double($0) })
    var parameters = try model.start(component.defaultStart.component, seed: 1)
    var generator = SplitMix64(seed: 5)
    for index in parameters.indices {
      parameters[index] += Double.random(in: -0.5...0.5, using: &generator)
    }
    let objective = try Catalog.objective("jeffreys").component
    func state(_ context: Int, _ parameters: [Double]) -> FitState {
      var logits = teachers[context].probabilities
      model.computeLogits(&logits, context: context, of: parameters)
      return FitState(teacher: teachers[context], logits: logits)
    }
    func loss(_ parameters: [Double]) -> Double {
      (0..<3).reduce(0) { sum, context in
        sum + weights[context] / 8 * objective.evaluate(at: state(context, parameters)).loss
      }
    }
    var gradient = [Double](repeating: 0, count: parameters.count)
    for context in 0..<3 {
      let slopes = objective.evaluate(at: state(context, parameters)).gradient
      model.pullBack(
        slopes.map { $0 * weights[context] / 8 }, context: context, at: parameters,
        into: &gradient)
    }
    let differences = parameters.indices.map { index in
      var (above, below) = (parameters, parameters)
      above[index] += 1e-5
      below[index] -= 1e-5
      return (loss(above) - loss(below)) / 2e-5
    }
    #expect(worstGap(gradient, differences) <= 1e-7 * (1 + largest(gradient)))
  }

  /// Small steps lower the weighted loss by η ‖∂L/∂θ‖²: the fit steps down the weighted sum.
  @Test func weightsAreThoseOfTheFile() throws {
    let reader = Self.reader(contexts: 3, size: 6, weights: [0, 0, 7])
    let all = try setup(
      reader, student: "low-rank:rank=3", optimizer: "sgd", learningRate: 1, epochs: 3000
    ).trajectories(seed: 1, Self.measurement)
    #expect(all[2].records[3000].forwardKL < 1e-6)
    #expect(all[0].records[3000].forwardKL > 0.1)
    #expect(all[1].records[3000].forwardKL > 0.1)
  }

  /// A rank of the teachers' own is enough to be all of them; one below is not.
  @Test(arguments: [("low-rank:rank=2", 2, true), ("low-rank:rank=1", 3, false)])
  func theBottleneckIsTheRank(student: String, rank: Int, isEnough: Bool) throws {
    let reader = Self.reader(contexts: 6, size: 9, rank: rank)
    let trajectories = try setup(
      reader, student: student, learningRate: 0.02, epochs: 4000
    ).trajectories(seed: 1, Self.measurement)
    let losses = trajectories.map { $0.records[4000].forwardKL }
    if isEnough {
      #expect(losses.allSatisfy { $0 < 1e-8 })
    } else {
      #expect(losses.reduce(0, +) / 6 > 1e-2)
      // At the stationary point of FKL, the bias has matched the mean distribution.
      let means = (0..<9).map { token in
        trajectories.reduce(0) { sum, trajectory in
          let teacher = trajectory.teacher
          let q = teacher.byToken(trajectory.snapshots[4000].probabilities)
          return sum + q[token] - teacher.byToken(teacher.probabilities)[token]
        }
      }
      #expect(largest(means) < 1e-6)
    }
  }

  /// Any student meets an objective of the whole batch, and any optimizer but the natural gradient.
  @Test(
    arguments: [
      "softmax", "gaussian", "gaussian-mixture", "zipf", "linear", "low-rank",
    ], Catalog.optimizers.map { $0.name }.filter { $0 != "natural-gradient" })
  func batchesLowerTheirLoss(student: String, optimizer: String) throws {
    let reader = Self.reader(contexts: 4, size: 8)
    let trajectories = try setup(
      reader, student: student, objective: "sinkhorn-batch:weight=1", optimizer: optimizer,
      learningRate: 0.003, epochs: 20
    ).trajectories(seed: 1, Self.measurement)
    #expect(trajectories.count == 4)
    let losses = trajectories.map { $0.records.map(\.loss) }
    // There is one loss, of all contexts.
    #expect(losses.allSatisfy { $0 == losses[0] })
    #expect(losses[0][20] < losses[0][0])
  }

  @Test(arguments: ["low-rank", "softmax"])
  func batchesDoNotAskWhatAContextWeighs(student: String) throws {
    let runs = try [[], [1, 0, 5.0]].map { weights in
      try setup(
        Self.reader(contexts: 3, size: 6, weights: weights), student: student,
        objective: "sinkhorn-batch:weight=1", epochs: 5
      ).trajectories(seed: 1, Self.measurement)
    }
    #expect(runs[0].map(\.records) == runs[1].map(\.records))
    #expect(runs[0].map(\.snapshots) == runs[1].map(\.snapshots))
  }

  @Test(arguments: ["low-rank", "softmax"])
  func naturalGradientsOfSeveralContextsAreRefused(student: String) throws {
    let setup = try setup(
      Self.reader(contexts: 2, size: 4), student: student, objective: "sinkhorn-batch",
      optimizer: "natural-gradient")
    #expect(throws: SetupError.self) {
      try setup.trajectories(seed: 1, Self.measurement)
    }
  }

  @Test func meansAreWeightedMeans() throws {
    let weights = [3.0, 0, 1]
    let reader = Self.reader(contexts: 3, size: 5, weights: weights)
    let setup = try setup(reader, epochs: 3)
    let measurement = Measurement(
      heads: [try Catalog.head("count=2"), try Catalog.head("count=5")],
      metrics: try ["js", "log-ratio"].map { try Catalog.metric($0).component })
    let trajectories = try setup.trajectories(seed: 1, measurement)
    var mean = ContextMean(of: setup.teacher.component.contexts)
    #expect(mean.trajectory == nil)
    for trajectory in trajectories { mean.add(trajectory) }
    let result = try #require(mean.trajectory)
    #expect(result.context == .mean)
    for (epoch, record) in result.records.enumerated() {
      func expected(_ value: (EpochRecord) -> Double) -> Double {
        0.75 * value(trajectories[0].records[epoch])
          + 0.25 * value(trajectories[2].records[epoch])
      }
      #expect(record.epoch == epoch)
      #expect(gap(record.loss, expected(\.loss)) <= 1e-15)
      #expect(gap(record.totalVariation, expected(\.totalVariation)) <= 1e-15)
      #expect(gap(record.entropy, expected(\.entropy)) <= 1e-15)
      for cut in 0..<2 {
        #expect(gap(record.heads[cut].head, expected { $0.heads[cut].head }) <= 1e-15)
        #expect(gap(record.heads[cut].headWeight, expected { $0.heads[cut].headWeight }) <= 1e-15)
        let js = try #require(record.extras[cut][0])
        #expect(gap(js, expected { $0.extras[cut][0] ?? .nan }) <= 1e-15)
      }
      // No context has a tail beyond all five tokens.
      #expect(record.extras[1][2] == nil && record.extras[0][2] != nil)
    }
  }

  @Test func randomTeachersDrawAsManyContextsAsAreWanted() throws {
    let recipe = try Catalog.teacher("dirichlet:size=6:contexts=3").component
    let one = try Catalog.teacher("dirichlet:size=6").component
    #expect(recipe.contexts.count == 3)
    #expect(recipe.contexts.weights == [Double](repeating: 1.0 / 3, count: 3))
    let drawn = try (0..<3).map { try recipe.distribution(seed: 4, context: $0) }
    #expect(try drawn[0] == one.distribution(seed: 4))
    #expect(drawn[0] != drawn[1] && drawn[1] != drawn[2] && drawn[0] != drawn[2])
    let jittered = try Catalog.teacher("longtail:jitter=0.1:contexts=2").component
    #expect(
      try jittered.distribution(seed: 1, context: 0) != jittered.distribution(seed: 1, context: 1))
  }

  @Test func contextsThatMakeNoSenseAreRefused() throws {
    #expect(throws: SpecificationError.self) { try Catalog.teacher("zipf:contexts=2") }
    let reader = Self.reader(contexts: 3, size: 4, weights: [1, 2])
    #expect(throws: SpecificationError.self) {
      try Catalog.teacher("file:path=t:values=logits:jitter=1:contexts=2", reader: reader)
    }
    for weights in [[1, 2], [1, 2, -3], [0, 0, 0], [1, .nan, 1], [1, .infinity, 1]] {
      let error = #expect(throws: TeacherError.self) {
        try Catalog.teacher(
          "file:path=t:values=logits:context-weights=w",
          reader: Self.reader(contexts: 3, size: 4, weights: weights))
      }
      #expect(error?.description.contains("weights of 3 contexts") == true)
    }
    let bad = ContextRows(rows: [[0.5, 0.5], [0.5, -0.5]])
    let error = #expect(throws: TeacherError.self) {
      try Catalog.teacher("file:path=t", reader: bad)
    }
    #expect(error?.description.contains("t, context 1: token 1 has -0.5") == true)
  }
}

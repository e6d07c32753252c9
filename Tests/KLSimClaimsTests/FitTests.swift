// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Students that are compared: what is kept of them, and how far two are apart.
@Suite struct FitTests {
  /// What was seen of students of one context, of which the first is of epoch 0, the next of 5, ….
  private static func trajectory(
    p: [Double], _ students: [[Double]], context: TrajectoryContext = .only
  ) throws -> Trajectory {
    let states = try students.map { try FitState(p: p, q: $0) }
    var trajectory = Trajectory(seed: 1, teacher: states[0].teacher, headCounts: [])
    trajectory.context = context
    for (place, state) in states.enumerated() {
      trajectory.snapshots.append(Snapshot(epoch: 5 * place, state))
      trajectory.records.append(
        EpochRecord(
          epoch: 5 * place, loss: 0, forwardKL: state.forwardKL, reverseKL: state.reverseKL,
          totalVariation: state.totalVariation, entropy: state.entropy, heads: [], extras: []))
    }
    return trajectory
  }

  private static let one = TeacherContexts(count: 1)

  @Test func epochsAreFoundByTheirNumber() throws {
    let p = [0.5, 0.25, 0.25]
    let fit = Fit(
      [try Self.trajectory(p: p, [p, [0.25, 0.25, 0.5]])], of: Self.one,
      length: RunLength(epochs: 5), kernels: .best)
    #expect(fit.record(0).totalVariation < 1e-16)
    #expect(abs(fit.record(5).totalVariation - 0.25) <= 1e-16)
    #expect(worstGap(fit.student(5).probabilities, [0.25, 0.25, 0.5]) <= 1e-16)
    let state = fit.state(5)
    #expect(abs(state.totalVariation - 0.25) <= 1e-16)
    // Σ p log p/q = ½ log 2 − ¼ log 2
    #expect(abs(state.forwardKL - fit.record(5).forwardKL) <= 1e-15)
  }

  /// ½ Σ |q − q′|, which the teacher has no part in.
  @Test func distancesAreOfStudents() throws {
    let p = [0.5, 0.25, 0.25]
    let fits = try [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.4, 0.3, 0.3]].map {
      Fit(
        [try Self.trajectory(p: p, [p, $0])], of: Self.one, length: RunLength(epochs: 5),
        kernels: .best)
    }
    #expect(fits[0].distance(to: fits[0], epoch: 5) == 0)
    #expect(fits[0].distance(to: fits[1], epoch: 0) == 0)
    #expect(abs(fits[0].distance(to: fits[1], epoch: 5) - 0.25) <= 1e-16)
    #expect(abs(fits[2].distance(to: fits[1], epoch: 5) - 0.2) <= 1e-15)
    #expect(
      fits[1].distance(to: fits[2], epoch: 5) == fits[2].distance(to: fits[1], epoch: 5))
  }

  /// Contexts of weights 1/4 and 3/4, in which students are 1/4 and 1/8 apart.
  @Test func contextsCountByTheirWeight() throws {
    let contexts = TeacherContexts(count: 2, weights: [1, 3])
    let p = [0.5, 0.25, 0.25]
    let fits = try [([0.5, 0.25, 0.25], p), ([0.25, 0.25, 0.5], [0.375, 0.25, 0.375])].map {
      Fit(
        [
          try Self.trajectory(p: p, [$0.0], context: .one(0)),
          try Self.trajectory(p: p, [$0.1], context: .one(1)),
        ], of: contexts, length: RunLength(epochs: 0), kernels: .best)
    }
    #expect(abs(fits[0].distance(to: fits[1], epoch: 0) - (0.25 / 4 + 0.125 * 3 / 4)) <= 1e-15)
    // Records are means; students have none, and are those of the first context.
    #expect(abs(fits[1].record(0).totalVariation - (0.25 / 4 + 0.125 * 3 / 4)) <= 1e-15)
    #expect(worstGap(fits[1].student(0).probabilities, [0.25, 0.25, 0.5]) <= 1e-16)
    #expect(fits[1].contexts.count == 2)
  }

  /// Those held out have a mean of their own, and epochs are passes over the others.
  @Test func contextsTrainedOnAndHeldOutAreToldApart() throws {
    let condition = Condition(
      teacher: "ngram:text=alice:order=3:size=30:histories=10", student: "log-bilinear:rank=2",
      initialization: "student", batch: 2, heldOut: 0.4)
    let runs = try PairedRuns(
      condition, objectives: ["fkl"], epochs: 2, recordedAt: [0.34, 1, 2], snapshots: [0.34])
    let weights = try condition.setup(objective: "fkl", epochs: 2).teacher.component.contexts
      .weights
    for (seed, fits) in zip([UInt64(4), 7], try runs([4, 7], .best)) {
      // Six contexts in three batches: 0.34 of an epoch is nearest to one update.
      let contexts = try condition.setup(objective: "fkl", epochs: 2).trajectories(
        seed: seed,
        Measurement(heads: [], metrics: [], recorded: .everySteps(1), snapshots: .list([])))
      #expect(contexts.count == 10 && contexts[0].records.count == 7)
      for split in Split.allCases {
        let own = contexts.indices.filter { contexts[$0].split == split }
        #expect(own.count == (split == .train ? 6 : 4))
        let mass = own.reduce(0) { $0 + weights[$1] }
        for (epoch, update) in [(0.34, 1), (1, 3), (2, 6)] {
          let mean =
            own.reduce(0) { $0 + weights[$1] * contexts[$1].records[update].forwardKL } / mass
          #expect(abs(fits[0].record(epoch, split).forwardKL - mean) <= 1e-14)
        }
      }
      #expect(fits[0].record(1).epoch == 3 && fits[0].trajectory.split == .train)
      #expect(fits[0].contexts.allSatisfy { $0.snapshots.map(\.epoch) == [1] })
      #expect(fits[0].distance(to: fits[0], epoch: 0.34) == 0)
    }
  }

  /// Of many contexts few seeds are fitted at a time, each once and in order.
  @Test(arguments: [(1, 256), (10, 25), (300, 1)])
  func manyContextsGoInSmallPortions(contexts: Int, size: Int) throws {
    let runs = try PairedRuns(
      Condition(
        teacher: "dirichlet:size=4" + (contexts == 1 ? "" : ":contexts=\(contexts)"),
        initialization: "zeros"),
      objectives: ["fkl"], epochs: 0, recorded: [0])
    let seeds = Array(UInt64(5)...64)
    let portions = runs.portions(of: seeds)
    #expect(portions.flatMap { Array($0) } == seeds)
    #expect(portions.dropLast().allSatisfy { $0.count == size })
    #expect(portions.allSatisfy { (1...size).contains($0.count) })
  }

  /// Paired runs are single experiments, each at its own learning rate, and start alike.
  @Test(arguments: ["longtail:size=12", "dirichlet:size=8"])
  func pairedRunsAreExperimentsFromOneStart(teacher: String) throws {
    let condition = Condition(teacher: teacher, learningRate: 0.5)
    let runs = try PairedRuns(
      condition,
      objectives: ["rkl", "js", "rkl"], learningRates: [0.5, 0.1, 0.1],
      epochs: 4, recorded: [1, 4], snapshots: [0, 2])
    let fits = try runs([3, 9], .best)
    #expect(fits.count == 2 && fits.allSatisfy { $0.count == 3 })
    for (seed, fits) in zip([UInt64(3), 9], fits) {
      let rates: [(String, Double)] = [("rkl", 0.5), ("js", 0.1), ("rkl", 0.1)]
      for (fit, (objective, rate)) in zip(fits, rates) {
        var own = condition
        own.learningRate = rate
        let run = try own.run(objective, epochs: 4, seed: seed)
        #expect(fit.trajectory.records.map(\.epoch) == [1, 4])
        #expect(fit.contexts[0].snapshots == [run.snapshots[0], run.snapshots[2]])
        // Sums are taken by the heads that are measured.
        #expect(abs(fit.record(4).totalVariation - run.records[4].totalVariation) <= 1e-15)
        let starts = [fit, fits[0]].map { $0.student(0).logProbabilities }
        #expect(worstGap(starts[0], starts[1]) <= 1e-14)
      }
    }
  }
}

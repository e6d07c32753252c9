// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// What is left of the errors of the start, whatever epochs are recorded.
@Suite struct ProgressTests {
  static let selections = ["all", "0", "5,10", "1", "every=7", "20"]
  private static let heads = ["mass=0.5", "count=3", "count=1", "mass=1"]

  private static func measurement(_ selection: String? = nil) throws -> Measurement {
    let epochs = try EpochSelection(parsing: selection ?? "all")
    return Measurement(
      heads: try heads.map { try Catalog.head($0) },
      metrics: selection == nil ? [] : [try Catalog.metric("progress").component],
      epochs: { epochs.contains($0, of: RunLength(epochs: $1)) })
  }

  /// Compares what was recorded of some epochs with the errors of all.
  private func check(_ some: [Trajectory], _ all: [Trajectory], count: Int) {
    #expect(some.count == all.count)
    for (own, full) in zip(some, all) {
      #expect(own.records.count == count)
      for record in own.records {
        let (now, start) = (full.records[record.epoch].heads, full.records[0].heads)
        for cut in Self.heads.indices {
          let ratios = [
            now[cut].head / start[cut].head, now[cut].tail / start[cut].tail,
          ]
          // 0/0 is the tail of no tokens.
          let expected: [Double?] = cut == 3 ? [ratios[0], nil] : ratios
          let isSame = zip(record.extras[cut], expected).allSatisfy { own, other in
            own == other || own?.isNaN == true && other?.isNaN == true
          }
          #expect(isSame, "seed \(own.seed), epoch \(record.epoch), \(Self.heads[cut])")
        }
      }
    }
  }

  private static func count(_ selection: String) throws -> Int {
    let epochs = try EpochSelection(parsing: selection)
    return (0...20).count { epochs.contains($0, of: RunLength(epochs: 20)) }
  }

  /// In the fused kernel, and epoch by epoch; 1e300 is a run that the fused kernel hands over.
  @Test(
    arguments: ["fkl", "akl:reduction=mean", "tvd"], selections)
  func progressIsTheRatioOfTheErrors(objective: String, selection: String) throws {
    for (learningRate, kernels) in [
      (0.2, VectorKernels.best), (0.2, .plain), (1e300, .best), (1e300, .plain),
    ] {
      let setup = try Setup(
        teacher: "dirichlet:size=20", objective: objective, learningRate: learningRate,
        initialization: "normal:sigma=2", epochs: 20)
      let teacher = try setup.teacher.distribution(seed: 1)
      let batch = try FitBatch(setup, teachers: [teacher], seeds: Array(1...11))
      let some = try batch.run(Self.measurement(selection), kernels: kernels)
      let all = try batch.run(Self.measurement(), kernels: kernels)
      check(some, all, count: try Self.count(selection))
    }
  }

  @Test(
    arguments: ["softmax", "gaussian", "low-rank"], ["fkl", "js", "sinkhorn-batch:weight=1"])
  func everyContextHasItsOwnStart(student: String, objective: String) throws {
    let setup = try Setup(
      teacher: "file:path=t:values=logits:context-weights=w", student: student,
      objective: objective, learningRate: 0.05, epochs: 20,
      reader: ContextRows.random(contexts: 3, size: 8, weights: [2, 0, 1]))
    let all = try setup.trajectories(seed: 1, Self.measurement())
    for selection in Self.selections {
      let some = try setup.trajectories(seed: 1, Self.measurement(selection))
      #expect(some.map(\.context) == [.one(0), .one(1), .one(2)])
      check(some, all, count: try Self.count(selection))
    }
  }

  /// 1 at the start, and 0 at the teacher.
  @Test func progressGoesFromOneToZero() throws {
    let setup = try Setup(
      teacher: "zipf:size=10", optimizer: "sgd", learningRate: 1, epochs: 20_000)
    let records = try setup.trajectory(seed: 1, Self.measurement("0,20000")).records
    for cut in 0..<3 {
      #expect(records[0].extras[cut] == [1, 1])
      #expect(worstGap(records[1].extras[cut], [0, 0]) <= 1e-12)
    }
    #expect(records[0].extras[3] == [1, nil])
  }

  /// Head and tail of a start that is right on one of them.
  @Test func whatWasRightAtTheStartHasNoProgress() throws {
    let metric = try Catalog.metric("progress").component
    let teacher = try TeacherDistribution(.linear([0.5, 0.25, 0.25]))
    let same = FitState(teacher: teacher, logits: teacher.logProbabilities)
    #expect(same.probabilities == teacher.probabilities)
    let moved = FitState(teacher: teacher, logits: [0, 0, 1])
    #expect(try metric.values(at: same, headCount: 1) == [nil, nil])
    #expect(try metric.values(at: moved, headCount: 1, since: same) == [nil, nil])
    #expect(try metric.values(at: same, headCount: 1, since: moved) == [0, 0])
    #expect(try metric.values(at: moved, headCount: 3, since: moved) == [1, nil])
  }
}

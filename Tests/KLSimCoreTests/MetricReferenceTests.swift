// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Every recorded number at every epoch, against plain sums over p, q and the gradient.
@Suite struct MetricReferenceTests {
  static let teachers = [
    "dirichlet:size=20:concentration=1", "lognormal:size=20", "pareto:size=20",
    "longtail:size=20:jitter=0.01", "bimodal:size=20:samples=100:reference=drawn", "uniform:size=1",
  ]

  static let heads = ["mass=0.5", "mass=0.8:rule=inclusive", "rank=0.1", "count=1", "mass=1"]

  @Test(arguments: Catalog.metrics.map { $0.name })
  func aReferenceExists(name: String) {
    #expect(ReferenceMetrics.names.contains(name), "write it in ReferenceMetrics")
  }

  @Test(arguments: ObjectiveCatalog.blends, teachers)
  func recordsEqualTheReference(objective: String, teacher: String) throws {
    // Students that start far away, with tokens of 1e-9 and less.
    let setup = try Setup(
      teacher: teacher, objective: objective, initialization: "normal:sigma=6", epochs: 30)
    let metrics = try Catalog.metrics.map { try Catalog.metric($0.name).component }
    let reference = try #require(ReferenceObjective(objective))
    for seed in UInt64(1)...2 {
      let trajectory = try setup.trajectory(
        seed: seed,
        Measurement(
          heads: try Self.heads.map { try Catalog.head($0) }, metrics: metrics,
          snapshots: { _, _ in true }))
      #expect(trajectory.records.map(\.epoch) == Array(0...30))
      let p = trajectory.teacher.byToken(trajectory.teacher.probabilities)
      let start = trajectory.teacher.byToken(trajectory.snapshots[0].probabilities)
      for (record, snapshot) in zip(trajectory.records, trajectory.snapshots) {
        let q = trajectory.teacher.byToken(snapshot.probabilities)
        let value = reference.value(at: ReferenceState(p: p, q: q))
        for (cut, headCount) in trajectory.headCounts.enumerated() {
          let head = Set(trajectory.teacher.tokens.prefix(headCount))
          let expected = ReferenceMetrics(
            p: p, q: q, head: head, start: start, gradient: value.gradient)
          let error = record.heads[cut]
          let gaps = [
            worstGap(
              [record.forwardKL, record.reverseKL, record.totalVariation, record.entropy],
              expected.standard),
            worstGap(
              [error.head, error.tail, error.headMass, error.headWeight], expected.split),
            gap(of: record.extras[cut], expected, shareRounding: value.shareRounding),
          ]
          // Twenty terms of some ten nats, each with a rounding or two: 1e-13 at most.
          #expect(
            largest(gaps) <= 1e-12, "seed \(seed), epoch \(record.epoch), \(Self.heads[cut])")
        }
      }
    }
  }

  /// The worst gap of the optional metrics, in units of their size where that is above 1; that of a
  /// share of the gradient beyond what the rounding of log p and log q does to it.
  private func gap(
    of actual: [Double?], _ expected: ReferenceMetrics, shareRounding: Double
  ) -> Double {
    var rest = actual[...]
    return Catalog.metrics.reduce(0) { worst, metric in
      let own = rest.prefix(metric.columns.count)
      rest = rest.dropFirst(metric.columns.count)
      let values = expected.extras[metric.name] ?? []
      let scale = max(1, largest(values.compactMap(\.self).filter(\.isFinite)))
      let gap = worstGap(Array(own), values)
      return max(worst, gap / scale - (metric.name == "gradient-share" ? shareRounding : 0))
    }
  }

  @Test(arguments: ObjectiveCatalog.blends, teachers)
  func recordedLossesAreThoseOfTheFormula(objective: String, teacher: String) throws {
    let setup = try Setup(
      teacher: teacher, objective: objective, initialization: "normal", epochs: 30)
    let reference = try #require(ReferenceObjective(objective))
    let trajectory = try setup.trajectory(
      seed: 3,
      Measurement(heads: [], snapshots: { _, _ in true }))
    let p = trajectory.teacher.byToken(trajectory.teacher.probabilities)
    for (record, snapshot) in zip(trajectory.records, trajectory.snapshots) {
      let q = trajectory.teacher.byToken(snapshot.probabilities)
      let expected = reference.value(at: ReferenceState(p: p, q: q)).loss
      // As above; the weights of an adaptive loss have errors of their own near q = p, where what
      // they weigh is small.
      #expect(KLSimTestSupport.gap(record.loss, expected) <= 1e-12, "epoch \(record.epoch)")
    }
  }

  /// Mathematically q > 0 everywhere; in doubles it may underflow to meet a p of 0.
  @Test(arguments: [0.0, -1000])
  func reverseKLIsInfiniteWhereTheTeacherIsZero(logit: Double) throws {
    let teacher = try TeacherDistribution(.linear([1, 0]))
    let state = FitState(teacher: teacher, logits: [0, logit])
    #expect(state.reverseKL == .infinity)
    #expect(state.forwardKL.isFinite && state.entropy.isFinite && state.totalVariation.isFinite)
  }

  @Test func theTopTokenGoesToTheLowerIndexOnATie() throws {
    let metric = try Catalog.metric("top1").component
    let teacher = try TeacherDistribution(.linear([1, 2, 2]))
    let first = FitState(teacher: teacher, logits: teacher.byRank([0, 5, 5]))
    let last = FitState(teacher: teacher, logits: teacher.byRank([0, 5, 6]))
    let lower = FitState(teacher: teacher, logits: teacher.byRank([5, 5, 5]))
    #expect(try metric.values(at: first, headCount: 1) == [1])
    #expect(try metric.values(at: last, headCount: 1) == [0])
    #expect(try metric.values(at: lower, headCount: 1) == [0])
  }

  @Test func aTailOfNothingHasNoMeanLogRatio() throws {
    let metric = try Catalog.metric("log-ratio").component
    let teacher = try TeacherDistribution(.linear([1, 1]))
    let values = try metric.values(at: FitState(teacher: teacher, logits: [0, 0]), headCount: 2)
    #expect(values == [0, nil])
  }

  /// 0 for equals, log 2 for distributions that share nothing, even where q underflows.
  @Test func jensenShannonHasItsBounds() throws {
    let metric = try Catalog.metric("js").component
    let teacher = try TeacherDistribution(.logarithmic([0, -2000]))
    let same = try metric.values(at: FitState(teacher: teacher, logits: [0, -2000]), headCount: 1)
    let opposite = try metric.values(
      at: FitState(teacher: teacher, logits: [-2000, 0]), headCount: 1)
    #expect(same == [0])
    #expect(worstGap(opposite.compactMap(\.self), [0.69314718055994530942]) <= 2e-16)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Students that learn from a finite sample.
@Suite struct SampledTeacherTests {
  private static func trajectory(
    _ teacher: String, objective: String, student: String = "softmax"
  ) throws -> Trajectory {
    let setup = try Setup(
      ["teacher": teacher, "objective": objective, "student": student], epochs: 30)
    let measurement = try Measurement(
      heads: [Catalog.head("mass=0.5"), Catalog.head("count=3")],
      metrics: [Catalog.metric("js").component, Catalog.metric("gradient-share").component],
      snapshots: { _, _ in true })
    return try FitBatch(setup, seeds: [3]).run(measurement)[0]
  }

  /// The student and the loss are those of the histogram; everything else compares the student with the
  /// truth.
  @Test(
    arguments: ["fkl", "rkl", "akl:mu=0.8", "hellinger"],
    ["softmax", "zipf"])
  func errorsAreThoseAgainstTheTruth(objective: String, student: String) throws {
    let sample = "dirichlet:size=20:samples=40"
    let measured = try Self.trajectory(sample, objective: objective, student: student)
    let drawn = try Self.trajectory(
      "\(sample):reference=drawn", objective: objective, student: student)
    let truth = try Catalog.teacher("dirichlet:size=20").component.distribution(seed: 3)
    #expect(measured.teacher == truth && drawn.teacher != truth)
    for (epoch, record) in measured.records.enumerated() {
      #expect(gap(record.loss, drawn.records[epoch].loss) <= 1e-12)
      let q = truth.byToken(measured.snapshots[epoch].probabilities)
      let other = drawn.teacher.byToken(drawn.snapshots[epoch].probabilities)
      #expect(worstGap(q, other) <= 1e-12)
      let p = truth.byToken(truth.probabilities)
      let distance = zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
      #expect(gap(record.totalVariation, distance) <= 1e-12)
      for (cut, count) in measured.headCounts.enumerated() {
        let head = truth.tokens.prefix(count).reduce(0) { $0 + abs(p[$1] - q[$1]) }
        #expect(gap(record.heads[cut].head, head) <= 1e-12)
        // The gradient's share is of the truth's head, by the histogram's objective.
        let shares = record.extras[cut].suffix(2).compactMap { $0 }
        #expect(shares.isEmpty || gap(shares.reduce(0, +), 1) <= 1e-12)
      }
    }
    #expect(measured.headCounts[1] == 3)
    let entropies = zip(measured.records, drawn.records).map { gap($0.entropy, $1.entropy) }
    #expect((entropies.max() ?? 1) <= 1e-12)
  }

  /// Against the truth a student stops improving where the sample says no more; against the sample it
  /// goes on.
  @Test func theSampleLimitsWhatCanBeLearned() throws {
    let measured = try Self.trajectory("zipf:size=20:samples=100", objective: "fkl")
    let limit = try Catalog.teacher("zipf:size=20:samples=100").component.distribution(seed: 3)
    let p = limit.truth.byToken(limit.truth.probabilities)
    let h = limit.byToken(limit.probabilities)
    let distance = zip(p, h).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    let drawn = try Self.trajectory(
      "zipf:size=20:samples=100:reference=drawn", objective: "fkl")
    let (last, lastOfDrawn) = (measured.records[30], drawn.records[30])
    #expect(abs(last.totalVariation - distance) <= lastOfDrawn.totalVariation + 1e-12)
  }
}

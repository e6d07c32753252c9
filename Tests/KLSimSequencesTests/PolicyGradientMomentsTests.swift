// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Moments of the policy gradient by dynamic programming, against enumeration and worked values.
@Suite struct PolicyGradientMomentsTests {
  /// Random teachers and students with states in common or not, and end tokens.
  private static let worlds: [(teacher: String, student: String)] = [
    ("tabular:size=2:length=3", "tabular"), ("tabular:size=3:length=2:eos=1", "tabular"),
    ("markov:order=1:size=3:length=4", "markov:order=1"),
    ("markov:order=2:size=2:length=5", "markov:order=0"),
    ("markov:order=1:size=2:length=5:eos=0:student-eos=1", "markov:order=2"),
  ]
  private static let baselines: [PolicyGradient.Baseline] = [.none, .tokenKL, .value, .optimal]

  @Test(arguments: worlds.indices, [1, 0.7, 0])
  func agreeWithEnumeration(_ world: Int, _ discount: Double) throws {
    let (teacher, student) = Self.worlds[world]
    for baseline in Self.baselines {
      let setup = try SequenceSetup(
        [
          WorldAxis.name: teacher, SequenceStudentAxis.name: student,
          SignalAxis.name: "policy-gradient:gamma=\(discount):baseline=\(baseline.rawValue)",
          SequenceStartAxis.name: "normal:sigma=1",
        ], epochs: 0)
      for seed in UInt64(1)...3 {
        let space = try setup.space(seed: seed)
        let table = StudentTable(
          try setup.start(in: space, nil, seed: seed), vocabularySize: space.vocabularySize)
        let moments = PolicyGradientMoments(
          in: space, at: table, discount: discount, baseline: baseline)
        let expected = try setup.signal.component.moments(
          in: space, at: table, samples: 1, seed: seed)
        #expect(expected.sampleCount == nil)
        #expect(abs(moments.variance - expected.variance) < 1e-11 * max(1, expected.variance))
        for (own, slope) in zip(moments.mean, expected.mean) { #expect(abs(own - slope) < 1e-12) }
      }
    }
  }

  @Test(arguments: [
    (PolicyGradient.Baseline.none, 1, 0.212741112644), (.tokenKL, 1, 0.190711316309),
    (.value, 1, 0.183999529351), (.none, 0, 0.073060731762),
  ])
  func workedVariances(
    _ baseline: PolicyGradient.Baseline, _ discount: Double, _ variance: Double
  ) throws {
    let moments = PolicyGradientMoments(
      in: try WorkedModel.space(), at: WorkedModel.student, discount: discount, baseline: baseline)
    #expect(abs(moments.variance - variance) < 1e-10)
  }

  /// No prefix-dependent baseline has less variance than the optimum where no two steps share a row.
  @Test(arguments: UInt64(1)...5) func optimumIsLeast(_ seed: UInt64) throws {
    let setup = try SequenceSetup(
      [
        WorldAxis.name: "tabular:size=3:length=3", SequenceStudentAxis.name: "tabular",
        SignalAxis.name: "seq-rkl", SequenceStartAxis.name: "normal:sigma=2",
      ], epochs: 0)
    let space = try setup.space(seed: seed)
    let student = StudentTable(
      try setup.start(in: space, nil, seed: seed), vocabularySize: space.vocabularySize)
    let variances = Self.baselines.map {
      PolicyGradientMoments(in: space, at: student, discount: 1, baseline: $0).variance
    }
    #expect(variances.allSatisfy { $0 >= variances[3] - 1e-12 })
  }
}

/// Policy gradients beside a teacher that gives a token no mass after the token 1, in the second of three steps or
/// later.
@Suite struct PolicyGradientTeacherZeroTests {
  private static func point() throws -> (space: JointSpace, student: StudentTable) {
    let histories = try Histories(vocabularySize: 2, order: 1)
    let world = World(
      histories: histories, length: 3, logWeights: [0, 0, 0.4, 0, 0, -.infinity])
    let space = try JointSpace(world, studentHistories: histories, studentEndToken: nil)
    return (space, StudentTable([0, 0.5, 0.2, 0, 0.3, 0], vocabularySize: 2))
  }

  @Test(arguments: [PolicyGradient.Baseline.none, .tokenKL, .value, .optimal])
  func infiniteRowsAreThoseInWhichItCounts(_ baseline: PolicyGradient.Baseline) throws {
    let (space, student) = try Self.point()
    for (discount, infinite) in [(0.0, [false, false, true]), (1, [true, true, true])] {
      let moments = PolicyGradientMoments(
        in: space, at: student, discount: discount, baseline: baseline)
      #expect(moments.variance == .infinity)
      for (row, isInfinite) in infinite.enumerated() {
        for value in moments.mean[2 * row..<2 * row + 2] {
          #expect(isInfinite ? value == .infinity : value.isFinite)
        }
      }
    }
  }

  /// The finite rows are those of enumeration.
  @Test func finiteRowsAreExact() throws {
    let (space, student) = try Self.point()
    let moments = PolicyGradientMoments(in: space, at: student, discount: 0, baseline: .none)
    let enumerated = try space.moments(of: "policy-gradient:gamma=0", at: student)
    #expect(worstGap(Array(moments.mean[..<4]), Array(enumerated.mean[..<4])) < 1e-14)
    #expect(enumerated.mean[4...] == moments.mean[4...])
  }

  /// A token that the student never writes does not matter.
  @Test func whatIsNeverWrittenDoesNotCount() throws {
    let (space, _) = try Self.point()
    let student = StudentTable([0, 0.5, 0.2, 0, 0, -2000], vocabularySize: 2)
    let moments = PolicyGradientMoments(in: space, at: student, discount: 1, baseline: .value)
    #expect(moments.mean.allSatisfy(\.isFinite) && moments.variance.isFinite)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import Testing

@testable import KLSimSequences

/// The tabular model V = 2, T = 2 without end token: teacher rows (.5, −.5), (1, 0), (0, 1), student rows
/// (0, 0), (.3, 0), (0, −.2).
enum WorkedModel {
  static func space() throws -> JointSpace {
    let histories = try Histories(vocabularySize: 2, order: 1)
    let world = World(histories: histories, length: 2, logWeights: [0.5, -0.5, 1, 0, 0, 1])
    return try JointSpace(world, studentHistories: histories, studentEndToken: nil)
  }

  static let student = StudentTable([0, 0, 0.3, 0, 0, -0.2], vocabularySize: 2)
}

@Suite struct WorkedValueTests {
  @Test(arguments: [
    ("seq-fkl", 0.193177404190, [-0.231058578630, -0.114495515544, 0.075543648626]),
    ("seq-rkl", 0.235974655055, [-0.279531733408, -0.085560409092, 0.148509943627]),
    ("seq-gjsd", 0.051033811025, [-0.058904591472, -0.024242100108, 0.024395684162]),
    ("seq-tvd", 0.247225386983, [-0.143610629203, -0.122229155845, 0]),
    (
      "gkd:lambda=1:objective=rkl", 0.235974655055,
      [-0.250000000000, -0.085560409092, 0.148509943627]
    ),
    ("gkd", 0.052850661101, [-0.058826864967, -0.024914400925, 0.026954747011]),
  ])
  func exactObjectives(_ text: String, _ value: Double, _ slopes: [Double]) throws {
    let objective = try SequenceCatalog.objective(text).component
    var evaluator = try objective.evaluator(in: WorkedModel.space())
    var gradient = [Double](repeating: .nan, count: 6)
    let loss = evaluator.loss(at: WorkedModel.student, gradient: &gradient)
    #expect(abs(loss - value) < 1e-10)
    for (row, slope) in slopes.enumerated() {
      #expect(abs(gradient[2 * row] - slope) < 1e-10)
      #expect(abs(gradient[2 * row + 1] + slope) < 1e-10)
    }
  }

  @Test(arguments: PolicyGradient.Baseline.allCases)
  func policyGradientIsUnbiased(_ baseline: PolicyGradient.Baseline) throws {
    let space = try WorkedModel.space()
    let signal = try SequenceCatalog.estimator("policy-gradient:baseline=\(baseline.rawValue)")
      .component
    guard signal.isPerSequence(in: space) else { return }
    let moments = try SignalMoments(enumerating: signal, in: space, at: WorkedModel.student)
    var exact = moments.mean
    var evaluator = SequenceReverseKL(.none).evaluator(in: space)
    _ = evaluator.loss(at: WorkedModel.student, gradient: &exact)
    for (own, slope) in zip(moments.mean, exact) { #expect(abs(own - slope) < 1e-12) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// Tables of runs made up so that every number in them is known.
@Suite struct ComparisonTests {
  /// A run whose TVD is `last` at the last epoch, and whose head and tail errors are 1/10 and 1/5
  /// of `errors` by epoch.
  private static func run(
    seed: UInt64, last: Double, convergence: Int? = nil, errors: [Int: Double], cuts: Int = 1
  ) throws -> Trajectory {
    let teacher = try TeacherDistribution(.linear([1, 1, 1, 1]))
    var trajectory = Trajectory(
      seed: seed, teacher: teacher, headCounts: (0..<cuts).map { 2 - $0 })
    trajectory.convergenceEpoch = convergence
    trajectory.records = errors.sorted { $0.key < $1.key }.map { epoch, error in
      EpochRecord(
        epoch: epoch, loss: 0, forwardKL: 0, reverseKL: 0, totalVariation: last, entropy: 0,
        heads: (0..<cuts).map { cut in
          HeadTailError(head: error / 10 + Double(cut), tail: error / 5, headMass: 0)
        },
        extras: [])
    }
    return trajectory
  }

  private static func setup(
    _ objective: String, epochs: Int, learningRate: Double = 0.2
  ) throws -> Setup {
    try Setup(
      teacher: "uniform:size=4", objective: objective, learningRate: learningRate, epochs: epochs)
  }

  private static func text(_ comparison: Comparison) -> String {
    comparison.tables.map(\.description).joined(separator: "\n\n")
  }

  @Test func oneSeedNamesTheLeader() throws {
    var comparison = Comparison(heads: ["mass=0.5"])
    comparison.add(
      [
        try Self.run(
          seed: 7, last: 0.004, convergence: 12, errors: [0: 9, 1: 2, 5: 1, 10: 0.5, 20: 0.1])
      ], of: try Self.setup("fkl", epochs: 20))
    comparison.add(
      [try Self.run(seed: 7, last: 0.25, errors: [0: 9, 1: 1, 5: 2, 10: 0.5, 20: 0.01])],
      of: try Self.setup("akl:mu=0.8", epochs: 20))
    #expect(
      Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seed 7 · \
        head mass=0.5 (2 of 4 tokens)
                                       fkl  akl:mu=0.8       leads
        TVD at epoch 20              0.004        0.25         fkl
        first epoch with TVD < 0.01     12       never         fkl
        head error at epoch 1          0.2         0.1  akl:mu=0.8
        head error at epoch 5          0.1         0.2         fkl
        head error at epoch 10        0.05        0.05         tie
        head error at epoch 20        0.01       0.001  akl:mu=0.8
        tail error at epoch 1          0.4         0.2  akl:mu=0.8
        tail error at epoch 5          0.2         0.4         fkl
        tail error at epoch 10         0.1         0.1         tie
        tail error at epoch 20        0.02       0.002  akl:mu=0.8
        """)
  }

  @Test func severalSeedsGiveMediansAndShares() throws {
    var comparison = Comparison(heads: ["mass=0.5"])
    let fkl = try [(1, 0.1, 3), (2, 0.2, nil), (3, 0.4, 5)].map { seed, last, convergence in
      try Self.run(seed: seed, last: last, convergence: convergence, errors: [0: 1, 1: last])
    }
    let rkl = try [(1, 0.3, nil), (2, 0.1, nil), (3, 0.5, nil)].map { seed, last, convergence in
      try Self.run(seed: seed, last: last, convergence: convergence, errors: [0: 1, 1: last])
    }
    comparison.add(fkl, of: try Self.setup("fkl", epochs: 1))
    comparison.add(rkl, of: try Self.setup("rkl", epochs: 1))
    #expect(
      Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seeds 1…3, medians · \
        head mass=0.5 (2 of 4 tokens)
                                      fkl    rkl           leads
        TVD at epoch 1                0.2    0.3  fkl in 66.67 %
        first epoch with TVD < 0.01     5  never  fkl in 66.67 %
        head error at epoch 1        0.02   0.03  fkl in 66.67 %
        tail error at epoch 1        0.04   0.06  fkl in 66.67 %
        """)
  }

  @Test func anEvenNumberOfSeedsHasAMedianBetween() throws {
    var comparison = Comparison(heads: ["mass=0.5"])
    comparison.add(
      [
        try Self.run(seed: 1, last: 0.1, errors: [0: 1]),
        try Self.run(seed: 2, last: 0.3, convergence: 0, errors: [0: 3]),
      ], of: try Self.setup("fkl", epochs: 0))
    #expect(
      Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seeds 1…2, medians · \
        head mass=0.5 (2 of 4 tokens)
                                       fkl
        TVD at epoch 0                 0.2
        first epoch with TVD < 0.01  never
        head error at epoch 0          0.2
        tail error at epoch 0          0.4
        """)
  }

  /// Not a number is worse than any number.
  @Test func divergedRunsDoNotLead() throws {
    var comparison = Comparison(heads: ["mass=0.5"])
    comparison.add(
      [try Self.run(seed: 1, last: .nan, errors: [0: 1, 1: .nan])],
      of: try Self.setup("fkl", epochs: 1))
    comparison.add(
      [try Self.run(seed: 1, last: 0.9, errors: [0: 1, 1: 1])],
      of: try Self.setup("rkl", epochs: 1))
    let text = Self.text(comparison)
    #expect(text.contains("TVD at epoch 1                 nan    0.9    rkl"))
    #expect(text.contains("first epoch with TVD < 0.01  never  never    tie"))
    #expect(!text.contains("inf"))
  }

  @Test func everyHeadAndEverySetupButForTheObjectiveHasATable() throws {
    var comparison = Comparison(heads: ["mass=0.5", "count=1"])
    for learningRate in [0.2, 1] {
      for objective in ["fkl", "rkl"] {
        comparison.add(
          [try Self.run(seed: 1, last: 0.5, errors: [0: 1], cuts: 2)],
          of: try Self.setup(objective, epochs: 0, learningRate: learningRate))
      }
    }
    let titles = comparison.tables.map { String($0.description.prefix { $0 != "\n" }) }
    let common = "uniform:size=4 · softmax · adam at"
    #expect(
      titles == [
        "\(common) 0.2 · torch-uniform · seed 1 · head mass=0.5 (2 of 4 tokens)",
        "\(common) 0.2 · torch-uniform · seed 1 · head count=1 (1 of 4 tokens)",
        "\(common) 1.0 · torch-uniform · seed 1 · head mass=0.5 (2 of 4 tokens)",
        "\(common) 1.0 · torch-uniform · seed 1 · head count=1 (1 of 4 tokens)",
      ])
    #expect(comparison.tables[1].description.contains("head error at epoch 0          1.1    1.1"))
  }

  @Test func nothingAddedIsNoTable() throws {
    #expect(Comparison(heads: ["mass=0.5"]).tables.isEmpty)
    var comparison = Comparison(heads: ["mass=0.5"])
    comparison.add([], of: try Self.setup("fkl", epochs: 1))
    #expect(comparison.tables.isEmpty)
  }

  @Test(arguments: [
    (0, 10, false), (1, 10, true), (5, 10, true), (7, 10, false), (10, 10, true), (10, 20, true),
    (20, 20, true), (0, 0, true),
  ])
  func onlyTheComparedEpochsAreNeeded(epoch: Int, last: Int, isNeeded: Bool) {
    #expect(Comparison.needs(epoch, last: last) == isNeeded)
  }

  static let numbers: [(value: Double, text: String)] = [
    (0, "0"), (-0.0, "0"), (1, "1"), (12, "12"), (123456, "123500"), (0.000123456, "0.0001235"),
    (-2.34567, "-2.346"), (9999.6, "10000"), (0.99999, "1"), (0.1, "0.1"), (0.001, "0.001"),
    (1000, "1000"), (6.02214e23, "6.022e+23"), (1.23456e-300, "1.235e-300"),
    (2.2250738585072014e-308, "2.225e-308"), (1.23456e300, "1.235e+300"), (.infinity, "inf"),
    (-.infinity, "-inf"), (.nan, "nan"), (.leastNonzeroMagnitude, "5e-324"),
  ]

  @Test(arguments: numbers)
  func numbersHaveFourDigits(value: Double, expected: String) {
    #expect(digits(value, 4) == expected)
  }
}

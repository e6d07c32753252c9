// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// Tables of runs made up so that every number in them is known.
@Suite struct ComparisonTests {
  /// A run whose loss is its seed, whose TVD is `last` at all epochs, and whose head and tail errors are 1/10 and 1/5 of `errors`
  /// by epoch.
  static func run(
    seed: UInt64, last: Double, convergence: Int? = nil, errors: [Int: Double], cuts: Int = 1,
    extras: [Double?] = []
  ) throws -> Trajectory {
    let teacher = try TeacherDistribution(.linear([1, 1, 1, 1]))
    var trajectory = Trajectory(
      seed: seed, teacher: teacher, headCounts: (0..<cuts).map { 2 - $0 })
    trajectory.convergenceEpoch = convergence
    trajectory.records = errors.sorted { $0.key < $1.key }.map { epoch, error in
      EpochRecord(
        epoch: epoch, loss: Double(seed), forwardKL: 0, reverseKL: 0, totalVariation: last,
        entropy: 0,
        heads: (0..<cuts).map { cut in
          HeadTailError(head: error / 10 + Double(cut), tail: error / 5, headMass: 0)
        },
        extras: extras.isEmpty ? [] : (0..<cuts).map { _ in extras })
    }
    return trajectory
  }

  static func setup(
    _ objective: String, epochs: Int, learningRate: Double = 0.2
  ) throws -> Setup {
    try Setup(
      teacher: "uniform:size=4", objective: objective, learningRate: learningRate, epochs: epochs)
  }

  static func comparison(
    heads: [String] = ["mass=0.5"], metrics: [String] = [], recorded: EpochSelection = .all
  ) throws -> Comparison {
    Comparison(
      Measurement(
        heads: try heads.map(Catalog.head),
        metrics: try metrics.map { try Catalog.metric($0).component }),
      recorded: recorded)
  }

  private static func text(_ comparison: Comparison) throws -> String {
    comparison.answer().tables.map { $0.text(width: 120) }.joined(separator: "\n\n")
  }

  @Test func oneSeedNamesWhoIsAhead() throws {
    var comparison = try Self.comparison()
    comparison.add(
      [
        try Self.run(
          seed: 7, last: 0.004, convergence: 12, errors: [0: 9, 1: 2, 5: 1, 10: 0.5, 20: 0.1])
      ], of: try Self.setup("fkl", epochs: 20))
    comparison.add(
      [
        try Self.run(
          seed: 7, last: 0.25, errors: [0: 9, 1: 1, 5: 2, 10: 0.5 + 1e-12, 20: 0.01])
      ],
      of: try Self.setup("akl:mu=0.8", epochs: 20))
    #expect(
      try Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seed 7 · \
        head mass=0.5 (2 of 4 tokens)
                                       fkl  akl:mu=0.8       ahead
        total error at epoch 1       0.008         0.5         fkl
        total error at epoch 5       0.008         0.5         fkl
        total error at epoch 10      0.008         0.5         fkl
        total error at epoch 20      0.008         0.5         fkl
        head error at epoch 1          0.2         0.1  akl:mu=0.8
        head error at epoch 5          0.1         0.2         fkl
        head error at epoch 10        0.05        0.05         tie
        head error at epoch 20        0.01       0.001  akl:mu=0.8
        tail error at epoch 1          0.4         0.2  akl:mu=0.8
        tail error at epoch 5          0.2         0.4         fkl
        tail error at epoch 10         0.1         0.1         tie
        tail error at epoch 20        0.02       0.002  akl:mu=0.8
        first epoch with TVD < 0.01     12       never         fkl
        """)
  }

  /// Seven of eight seeds are no lead, eight of nine are one.
  @Test func severalSeedsGiveMediansAndShares() throws {
    var comparison = try Self.comparison()
    for (objective, error) in [("fkl", 0.2), ("rkl", 0.3)] {
      comparison.add(
        try (1...8).map { seed in
          let isOdd = objective == "fkl" && seed == 8
          return try Self.run(
            seed: UInt64(seed), last: isOdd ? 0.4 : error,
            convergence: objective == "fkl" && seed < 6 ? 3 : nil,
            errors: [0: 1, 1: isOdd ? 0.4 : error])
        }, of: try Self.setup(objective, epochs: 1))
    }
    #expect(
      try Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seeds 1…8 · medians over 8 seeds
          head mass=0.5 (2 of 4 tokens)
                                      fkl    rkl  leads
        total error at epoch 1        0.4    0.6    tie
        head error at epoch 1        0.02   0.03    tie
        tail error at epoch 1        0.04   0.06    tie
        first epoch with TVD < 0.01     3  never    tie
        """)
    comparison.add(
      [try Self.run(seed: 9, last: 0.1, convergence: 3, errors: [1: 0.1])],
      of: try Self.setup("fkl", epochs: 1))
    comparison.add(
      [try Self.run(seed: 9, last: 0.3, errors: [1: 0.3])], of: try Self.setup("rkl", epochs: 1))
    let text = try Self.text(comparison)
    #expect(text.contains("total error at epoch 1        0.4    0.6  fkl in 88.89 %"))
    #expect(text.contains("first epoch with TVD < 0.01     3  never             tie"))
  }

  @Test func anEvenNumberOfSeedsHasAMedianBetween() throws {
    var comparison = try Self.comparison()
    comparison.add(
      [
        try Self.run(seed: 1, last: 0.1, errors: [0: 1]),
        try Self.run(seed: 2, last: 0.3, convergence: 0, errors: [0: 3]),
      ], of: try Self.setup("fkl", epochs: 0))
    #expect(
      try Self.text(comparison) == """
        uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seeds 1…2 · medians over 2 seeds
          head mass=0.5 (2 of 4 tokens)
                                       fkl
        total error at epoch 0         0.4
        head error at epoch 0          0.2
        tail error at epoch 0          0.4
        first epoch with TVD < 0.01  never
        """)
  }

  /// Values that are not there are no values, infinite ones are the worst, and both are told apart.
  @Test func absentAndInfiniteValuesAreToldApart() throws {
    var comparison = try Self.comparison(metrics: ["relative-error"])
    for (objective, extras) in [("fkl", [0.5, nil]), ("rkl", [.infinity, 2] as [Double?])] {
      comparison.add(
        [try Self.run(seed: 1, last: 0.5, errors: [1: 1], extras: extras)],
        of: try Self.setup(objective, epochs: 1))
    }
    let text = try Self.text(comparison)
    #expect(text.contains("head_relative_error at epoch 1    0.5    inf    fkl\n"))
    #expect(text.contains("tail_relative_error at epoch 1      –      2\n"))
  }

  /// Not a number is worse than any number, and nobody leads where nobody converges.
  @Test func divergedRunsDoNotLead() throws {
    var comparison = try Self.comparison()
    comparison.add(
      [try Self.run(seed: 1, last: .nan, errors: [0: 1, 1: .nan])],
      of: try Self.setup("fkl", epochs: 1))
    comparison.add(
      [try Self.run(seed: 1, last: 0.9, errors: [0: 1, 1: 1])],
      of: try Self.setup("rkl", epochs: 1))
    let text = try Self.text(comparison)
    #expect(text.contains("total error at epoch 1         nan    1.8    rkl"))
    #expect(text.contains("first epoch with TVD < 0.01  never  never    tie"))
    #expect(!text.contains("inf"))
  }

  /// The leader leads each of the others; the share is that against the closest.
  @Test func ofThreeTheLeaderLeadsBothOthers() throws {
    var comparison = try Self.comparison()
    for (objective, errors) in [
      ("fkl", [1.0, 1, 1, 1, 1, 1, 1, 1, 1, 3]), ("rkl", Array(repeating: 2, count: 10)),
      ("akl", Array(repeating: 4, count: 10)),
    ] {
      comparison.add(
        try errors.enumerated().map {
          try Self.run(seed: UInt64($0), last: 0.5, errors: [1: $1])
        }, of: try Self.setup(objective, epochs: 1))
    }
    let text = try Self.text(comparison)
    #expect(text.contains("head error at epoch 1          0.1    0.2    0.4  fkl in ≥ 90 %"))
    #expect(text.contains("total error at epoch 1           1      1      1            tie"))
  }

  /// The columns of metrics have rows; which values are better is the column's own, and some have none.
  @Test func metricsThatAreAskedForAreShown() throws {
    var comparison = try Self.comparison(metrics: ["top1", "nucleus"])
    for (objective, extras) in [("fkl", [1.0, 0.5, 3]), ("rkl", [0, 0.25, 9])] {
      comparison.add(
        [try Self.run(seed: 1, last: 0.5, errors: [1: 1], extras: extras)],
        of: try Self.setup(objective, epochs: 1))
    }
    let text = try Self.text(comparison)
    #expect(text.contains("top1 at epoch 1                  1      0    fkl\n"))
    #expect(text.contains("max_q at epoch 1               0.5   0.25\n"))
    #expect(text.contains("nucleus at epoch 1               3      9\n"))
  }

  @Test func everyHeadHasATable() throws {
    var comparison = try Self.comparison(heads: ["mass=0.5", "count=1"])
    for objective in ["fkl", "rkl"] {
      comparison.add(
        [try Self.run(seed: 1, last: 0.5, errors: [0: 1], cuts: 2)],
        of: try Self.setup(objective, epochs: 0))
    }
    let tables = comparison.answer().tables.map { $0.text(width: 120) }
    let common = "uniform:size=4 · softmax · adam at 0.2 · torch-uniform · seed 1 · head"
    #expect(
      tables.map { String($0.prefix { $0 != "\n" }) } == [
        "\(common) mass=0.5 (2 of 4 tokens)", "\(common) count=1 (1 of 4 tokens)",
      ])
    #expect(tables[1].contains("head error at epoch 0          1.1    1.1"))
  }

  /// Forward KL is best at 0.1 and reverse KL at 0.4; for both together it is 0.2.
  @Test func everyObjectiveHasItsOwnBestBesideTheCommonOne() throws {
    let errors = ["fkl": [0.1, 0.3, 0.9], "rkl": [0.9, 0.3, 0.2]]
    var comparison = try Self.comparison()
    for (place, rate) in [0.1, 0.2, 0.4].enumerated() {
      for objective in ["fkl", "rkl"] {
        let error = errors[objective]?[place] ?? .nan
        comparison.add(
          [try Self.run(seed: 1, last: error, errors: [1: error])],
          of: try Self.setup(objective, epochs: 1, learningRate: rate))
      }
    }
    let (tables, warnings) = comparison.answer()
    #expect(
      tables.map { $0.text(width: 120) }.joined(separator: "\n") == """
        uniform:size=4 · softmax · adam at 0.2, best of 3 for all · torch-uniform · seed 1 · \
        head mass=0.5 (2 of 4 tokens)
                                       fkl    rkl  ahead
        total error at epoch 1         0.6    0.6    tie
        head error at epoch 1         0.03   0.03    tie
        tail error at epoch 1         0.06   0.06    tie
        first epoch with TVD < 0.01  never  never    tie
        uniform:size=4 · softmax · each objective at its best of 3 · torch-uniform · seed 1 · \
        head mass=0.5 (2 of 4 tokens)
                                             fkl          rkl  ahead
        at                           adam at 0.1  adam at 0.4
        total error at epoch 1               0.2          0.4    fkl
        head error at epoch 1               0.01         0.02    fkl
        tail error at epoch 1               0.02         0.04    fkl
        first epoch with TVD < 0.01        never        never    tie
        """)
    #expect(
      warnings == [
        "the best learning_rate of fkl is the smallest of the grid, 0.1: a better one may lie beyond",
        "the best learning_rate of rkl is the largest of the grid, 0.4: a better one may lie beyond",
      ])
  }

  @Test func nothingAddedIsNoTable() throws {
    #expect(try Self.comparison().answer().tables.isEmpty)
    var comparison = try Self.comparison()
    comparison.add([], of: try Self.setup("fkl", epochs: 1))
    #expect(comparison.answer().tables.isEmpty)
  }

  static let selections: [(recorded: EpochSelection, last: Int, shown: [Int])] = [
    (.all, 200, [1, 5, 10, 200]), (.all, 7, [1, 5, 7]), (.all, 0, [0]), (.every(10), 25, [10, 25]),
    (.every(7), 25, [25]), (.list([10, 3, 3]), 25, [3, 10]), (.list([0]), 25, [0]),
    (.list((0...20).map(Double.init)), 25, [1, 5, 10, 20]),
    (.list((1...10).map(Double.init)), 25, [1, 5, 10]),
  ]

  @Test(arguments: selections)
  func theEpochsShownAreRecorded(recorded: EpochSelection, last: Int, shown: [Int]) throws {
    #expect(try Self.comparison(recorded: recorded).states(of: RunLength(epochs: last)) == shown)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about students with shared parameters ask, against runs looked at context by context and
/// token by token.
@Suite struct SharedClaimTests {
  /// The states of a run, context by context, and the weights of the contexts.
  private struct Course {
    let contexts: [Trajectory]
    let weights: [Double]
    let updatesPerEpoch: Int

    init(
      _ condition: Condition, _ objective: String, learningRate: Double, epochs: Int, seed: UInt64,
      at recorded: [Double]
    ) throws {
      var condition = condition
      condition.learningRate = learningRate
      let setup = try condition.setup(objective: objective, epochs: epochs)
      let contexts = setup.teacher.component.contexts
      weights = contexts.weights
      let trained = contexts.count - Int((Double(contexts.count) * condition.heldOut).rounded())
      updatesPerEpoch = (trained + (condition.batch ?? trained) - 1) / (condition.batch ?? trained)
      self.contexts = try setup.trajectories(
        seed: seed,
        Measurement(heads: [], metrics: [], recorded: .list([]), snapshots: .list(recorded)))
    }

    /// The weighted mean over the contexts of a split.
    func mean(
      _ split: Split, epoch: Double, _ value: (_ p: [Double], _ q: [Double]) throws -> Double
    ) rethrows -> Double {
      let update = Int(epoch * Double(updatesPerEpoch))
      let own = contexts.indices.filter { contexts[$0].split == split }
      let values = try own.map { place in
        let q = contexts[place].snapshots.first { $0.epoch == update }?.probabilities ?? []
        return try weights[place] * value(contexts[place].teacher.probabilities, q)
      }
      return values.reduce(0, +) / own.reduce(0) { $0 + weights[$1] }
    }
  }

  /// The number of head ranks of a rule, counted token by token.
  private static func headCount(_ rule: String, of p: [Double]) throws -> Int {
    let parts = rule.split(separator: "=")
    let bound = try #require(Double(parts[1]))
    if parts[0] == "count" { return Int(bound) }
    // The first token, and whatever others leave the sum within the mass.
    return (2...p.count).first { p[..<$0].reduce(0, +) > bound }.map { $0 - 1 } ?? p.count
  }

  private static let settings = ["adam at 0.03", "cosine", "sgd at 10", "batch 12"]

  @Test(arguments: settings)
  func headsAreOfForwardKLAndTailsOfReverseKL(setting: String) throws {
    try Self.expectOrder(HeadFirstShared(), setting)
    try Self.expectOrder(TailFirstShared(), setting)
  }

  @Test func allPartsOfTheErrorAreComparedWithForwardKL() throws {
    try Self.expectOrder(TwoEpochs(), "drawn by weight")
  }

  private static func expectOrder(_ claim: some SharedOrder, _ name: String) throws {
    let setting = try #require(SharedSetting.all.first { $0.name == name })
    let answers = try claim.trial(setting.condition).answers(of: [3])
    let epochs = Set(answers.map(\.cell.epoch))
    #expect(epochs == (setting.epochs == 2 ? [0.5, 1, 2] : [0.5, 1, 2, 10]))
    #expect(Set(answers.map(\.cell.split)) == [.train, .heldOut])
    #expect(Set(answers.map(\.cell.part)) == Set(type(of: claim).parts))
    var courses: [RatedObjective: Course] = [:]
    func error(_ run: RatedObjective, of cell: SharedOrderCell) throws -> Double {
      let course =
        try courses[run]
        ?? Course(
          setting.condition, run.objective, learningRate: run.learningRate, epochs: setting.epochs,
          seed: 3, at: epochs.sorted())
      courses[run] = course
      return try course.mean(cell.split, epoch: cell.epoch) { p, q in
        let head = try headCount(cell.head, of: p)
        let ranks =
          switch cell.part {
          case .head: 0..<head
          case .tail: head..<p.count
          case .total: 0..<p.count
          }
        return ranks.reduce(0) { $0 + abs(p[$1] - q[$1]) }
      }
    }
    for answer in answers {
      let cell = answer.cell
      expectSmaller(
        answer.outcome, try error(cell.leader, of: cell), than: try error(cell.follower, of: cell),
        "\(answer)")
      if cell.rates == .common {
        #expect(
          [cell.leader, cell.follower].allSatisfy {
            $0.learningRate == setting.condition.learningRate
          })
      }
    }
  }

  /// The smallest median TVD on the training contexts of 16 seeds at the far end, run by run.
  @Test func bestRatesAreFoundOnTrainingContextsOfOtherSeeds() throws {
    let setting = SharedSetting.first
    let cells = try HeadFirstShared().cells(setting.condition).filter { $0.rates == .best }
    for epoch in [0.5, 2] {
      let medians = try setting.rates.map { rate in
        let errors = try (0..<16).map { seed in
          try Course(
            setting.condition, "rkl", learningRate: rate, epochs: setting.epochs,
            seed: UInt64.max - 16 + seed, at: [epoch]
          ).mean(.train, epoch: epoch) { p, q in zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } }
        }.sorted()
        return (errors[7] + errors[8]) / 2
      }
      let best = try #require(zip(setting.rates, medians).min { $0.1 < $1.1 })
      let own = cells.filter { $0.epoch == epoch }
      #expect(own.count == 6)
      #expect(own.allSatisfy { $0.follower.learningRate == best.0 }, "epoch \(epoch): \(best)")
    }
  }

  @Test func capacityIsOfTheKLThatWasMinimised() throws {
    var condition = SharedSetting.first.condition
    condition.student = "log-bilinear:rank=4"
    let answers = try CapacityShared().trial(condition).answers(of: [2])
    #expect(answers.count == 2 * 2 * 3)
    let courses = try ["fkl", "rkl"].map {
      try Course(condition, $0, learningRate: 0.03, epochs: 30, seed: 2, at: [2, 10, 30])
    }
    for answer in answers {
      let cell = answer.cell
      let values = courses.map { course in
        course.mean(cell.split, epoch: Double(cell.epoch)) { p, q in
          let (from, to) = cell.measure == .fkl ? (p, q) : (q, p)
          let ratios = zip(logarithms(from), logarithms(to)).map { $0 - $1 }
          return Double(compensatedSum(zip(from, ratios).map { Wide($0) * $1 }))
        }
      }
      let order = cell.measure == .fkl ? [0, 1] : [1, 0]
      expectSmaller(
        answer.outcome, values[order[0]], than: values[order[1]], rounding: 1e-12, "\(answer)")
    }
  }

  /// What the verdicts are about: two epochs at most, and the end of training for capacity.
  @Test func earlyEpochsAreCovered() throws {
    let first = SharedSetting.first.condition
    for (cell, condition) in try HeadFirstShared().cells(first).map({ ($0, first) }) {
      let evidence = try evidence(cell, condition: condition, hits: 1)
      #expect(HeadFirstShared().covers(evidence) == (cell.epoch <= 2))
      #expect(HeadFirstShared().isPublished(evidence) == (cell.epoch <= 2))
    }
    let published = try CapacityShared().trials()[0]
    for cell in try published.cells() {
      let evidence = try evidence(cell, condition: published.condition, hits: 1)
      #expect(CapacityShared().covers(evidence) == (cell.epoch == 30))
      #expect(
        CapacityShared().isPublished(evidence) == (cell.epoch == 30 && cell.split == .heldOut))
    }
  }
}

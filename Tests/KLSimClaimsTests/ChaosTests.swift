// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Runs whose outcome hangs on the last digit of their start, and runs whose outcome does not.
@Suite struct ChaosTests {
  /// Gradient descent with steps so long that it never settles.
  private static let chaotic = Condition(
    optimizer: "sgd", learningRate: 10, initialization: "normal:sigma=10")
  private static let calm = Condition()

  /// Whether students are within a distance of the teacher at the last epoch.
  private static func examination(
    _ condition: Condition, epochs: Int
  ) throws -> Examination<NamedCell> {
    let runs = try PairedRuns(
      condition, objectives: ["rkl"], epochs: epochs, recorded: [epochs], snapshots: [0])
    return Examination(
      runs: runs,
      questions: [
        FitQuestion(NamedCell("end"), of: [FittedState(run: 0, epoch: epochs)]) { fits in
          let distance = fits[0].record(epochs).totalVariation
          return Outcome(distance < 0.1, quantity: distance)
        },
        FitQuestion(NamedCell("start"), of: []) { fits in
          Outcome(true, quantity: fits[0].state(0).totalVariation)
        },
      ], .best)
  }

  /// Adds what says nothing of chaos.
  private static func withoutChaos(_ outcomes: [[Outcome]]) -> [[Outcome]] {
    outcomes.map { $0.map { Outcome($0.holds, quantity: $0.quantity) } }
  }

  @Test func longStepsFromAfarAreChaotic() throws {
    let seeds = Array(UInt64(1)...16)
    let examination = try Self.examination(Self.chaotic, epochs: 200)
    let outcomes = try examination.outcomes(seeds, true)
    #expect(outcomes.contains { $0[0].isChaotic == true })
    #expect(outcomes.allSatisfy { $0[0].isChaotic != nil })
    // The start itself hangs on nothing.
    #expect(outcomes.allSatisfy { $0[1].isChaotic == nil })
    // Looking at it changes nothing but that.
    let unprobed = try examination.outcomes(seeds, false)
    #expect(unprobed == Self.withoutChaos(outcomes))
  }

  @Test func publishedRunsAreCalm() throws {
    let seeds = Array(UInt64(1)...32)
    let examination = try Self.examination(Self.calm, epochs: 20)
    let outcomes = try examination.outcomes(seeds, true)
    #expect(outcomes.allSatisfy { $0[0].isChaotic == false && $0[1].isChaotic == nil })
  }

  /// What any digit decides is chaos, be the students ever so near.
  @Test func anOutcomeThatTheLastDigitDecidesIsChaotic() throws {
    let runs = try PairedRuns(
      Self.calm, objectives: ["fkl"], epochs: 1, recorded: [], snapshots: [0])
    let seeds: [UInt64] = [1, 2]
    let starts = try runs(seeds, .best).map { $0[0].student(0).logProbabilities }
    let examination = Examination(
      runs: runs,
      questions: [
        FitQuestion(NamedCell("same"), of: [FittedState(run: 0, epoch: 0)]) { fits in
          Outcome(starts.contains(fits[0].student(0).logProbabilities), quantity: 0)
        },
        FitQuestion(NamedCell("near"), of: [FittedState(run: 0, epoch: 1)]) { _ in
          Outcome(true, quantity: 0)
        },
      ], .best)
    for outcomes in try examination.outcomes(seeds, true) {
      #expect(outcomes.map(\.isChaotic) == [true, false])
      // It is the start of the seed that counts.
      #expect(outcomes[0].holds)
    }
  }

  /// A question is about the students it names: one at a calm rate is so beside one at a chaotic rate.
  @Test func studentsAreChaoticEachForItself() throws {
    let seeds = Array(UInt64(1)...16)
    let runs = try PairedRuns(
      Self.chaotic,
      objectives: ["rkl", "rkl"], learningRates: [Self.chaotic.learningRate, 0.01],
      epochs: 200, recorded: [])
    func question(_ name: String, _ places: [Int], epoch: Int = 200) -> FitQuestion<NamedCell> {
      FitQuestion(
        NamedCell(name), of: places.map { FittedState(run: $0, epoch: epoch) }
      ) { _ in Outcome(true, quantity: 0) }
    }
    let examination = Examination(
      runs: runs,
      questions: [
        question("long", [0]), question("short", [1]), question("both", [1, 0]),
        question("soon", [0], epoch: 0),
      ], .best)
    let outcomes = try examination.outcomes(seeds, true)
    let chaotic = outcomes.map { $0[0].isChaotic }
    #expect(chaotic.contains(true))
    #expect(outcomes.map { $0[2].isChaotic } == chaotic)
    #expect(outcomes.allSatisfy { $0[1].isChaotic == false && $0[3].isChaotic == false })
    // Moved by more than the bound, and by no predicate.
    let apart = try runs.probed(seeds, .best, at: [200]).map {
      $0[0].distances[200].map { $0 > 0.01 }
    }
    #expect(apart == chaotic)
  }

  /// One unit in the last place, up and down in turn, in every run.
  @Test(arguments: [
    Setup.Starts(), Setup.Starts(initialization: "zeros"),
    Setup.Starts(student: "gaussian", initialization: "student"),
    Setup.Starts(
      teacher: "dirichlet:size=5:contexts=3", student: "low-rank:rank=1", initialization: "student"),
  ])
  func startsMoveByOneUnitInTheLastPlace(starts: Setup.Starts) throws {
    let setup = try Setup(
      teacher: starts.teacher, student: starts.student, initialization: starts.initialization,
      epochs: 0)
    let seeds: [UInt64] = [1, 2, 3]
    let teachers = TeacherSet(try setup.teacher.distributions(seed: 1))
    let batch = try FitBatch(setup, teachers: teachers, seeds: seeds)
    let moved = batch.perturbed.start
    #expect(moved.count == batch.start.count && batch.start.count.isMultiple(of: seeds.count))
    let width = batch.start.count / seeds.count
    for (place, pair) in zip(batch.start, moved).enumerated() {
      let isUp = (place % width).isMultiple(of: 2)
      #expect(pair.1 == (isUp ? pair.0.nextUp : pair.0.nextDown))
      #expect(abs(pair.1 - pair.0) <= pair.0.ulp && pair.1 != pair.0)
    }
    // Twice is not back again, but one run moves as it does in company.
    let alone = try FitBatch(setup, teachers: teachers, seeds: [2]).perturbed.start
    #expect(alone == Array(moved[width..<2 * width]))
  }
}

extension Setup {
  /// What starts depend on.
  struct Starts: Sendable, CustomStringConvertible {
    var teacher = "longtail"
    var student = "softmax"
    var initialization = "torch-uniform"

    var description: String { "\(student) from \(initialization)" }
  }
}

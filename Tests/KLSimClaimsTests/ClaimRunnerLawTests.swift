// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Claims of which it is known beforehand what comes out, however the work is cut up.
@Suite struct ClaimRunnerLawTests {
  /// Two conditions of two cells: whether the seed is even, and whether it is odd.
  private static let parity = HandMadeClaim {
    [Condition(), Condition(teacher: "zipf")].map { condition in
      Trial(condition, cells: [NamedCell("even"), NamedCell("odd")]) { seed, _ in
        [
          Outcome(seed.isMultiple(of: 2), quantity: Double(seed)),
          Outcome(!seed.isMultiple(of: 2), quantity: -Double(seed)),
        ]
      }
    }
  }

  /// Whether there is one chunk of seeds, or two, or one seed more; half of the seeds decide after 128.
  @Test(arguments: [1, 2, 63, 64, 65, 127, 128, 129, 200], [1, 2, 5])
  func everySeedIsAskedOnce(count: Int, jobs: Int) async throws {
    let seeds = UInt64(7)..<7 + UInt64(count)
    var progress = 0
    let runner = try TrialRunner(Self.parity, seeds: seeds, jobs: jobs)
    let evidence = try await runner.evidence { progress += $0 }
    #expect(progress == runner.workCount)
    #expect(evidence.map(\.cell.name) == ["even", "odd", "even", "odd"])
    #expect(evidence.map(\.condition.teacher) == ["longtail", "longtail", "zipf", "zipf"])
    let asked = min(count, 128)
    for (place, one) in evidence.enumerated() {
      let sign = place.isMultiple(of: 2) ? 1.0 : -1
      #expect(one.seeds == asked)
      #expect(one.hits == (sign > 0 ? asked / 2 : asked - asked / 2))
      // Of whole numbers one after the other.
      let mean = 7 + Double(asked - 1) / 2
      #expect(abs((one.mean ?? .nan) - sign * mean) <= 1e-13 * mean)
      guard let interval = one.meanInterval else {
        #expect(count == 1)
        continue
      }
      let deviation = (Double(asked) * Double(asked + 1) / 12).squareRoot()
      let expected = try ConfidenceInterval.mean(
        sign * mean, standardDeviation: deviation, count: asked)
      #expect(worstGap([interval.low, interval.high], [expected.low, expected.high]) <= 1e-11)
    }
  }

  @Test func theLastSeedThereIs() async throws {
    let evidence = try await Self.parity.asked(of: .max - 65 ..< .max)
    #expect(evidence[0].seeds == 65 && evidence[0].hits == 33)
  }

  /// Seeds that nobody has asked for take no memory and no time.
  @Test func asManySeedsAsThereMayBe() async throws {
    let seeds = 0..<UInt64(ClaimRunner.maximumSeeds)
    let runner = try ClaimRunner(Self.parity, seeds: seeds, jobs: 1)
    #expect(runner.workCount == 2 << 34)
    // Nor where they could be asked: 128 decide.
    var progress = 0
    let finding = try await runner.finding { progress += $0 }
    #expect(progress == runner.workCount && finding.headline.seeds == 128)
  }

  /// The TVD of students of several objectives after some epochs, below a bound or not.
  private static func distance(
    _ teacher: String, epochs: [Int], bound: Double
  ) -> HandMadeClaim {
    HandMadeClaim {
      let condition = Condition(teacher: teacher)
      let objectives = ["fkl", "rkl", "akl"]
      let runs = try PairedRuns(
        condition, objectives: objectives, epochs: epochs.max() ?? 0, recorded: epochs)
      let questions = objectives.enumerated().flatMap { run, objective in
        epochs.map { epoch in
          FitQuestion(
            NamedCell("\(objective) \(epoch)"), of: [FittedState(run: run, epoch: epoch)]
          ) { fits in
            let distance = fits[run].record(epoch).totalVariation
            return Outcome(distance < bound, quantity: distance)
          }
        }
      }
      return [Trial(condition, runs: runs, questions: questions)]
    }
  }

  private static func finding(
    epochs: [Int], seeds: Range<UInt64> = 1..<101
  ) async throws -> Finding {
    try await ClaimRunner(
      distance("longtail", epochs: epochs, bound: 0.01), seeds: seeds, jobs: 2
    ).finding()
  }

  /// Starts of the published width are further than 0.01 from the long tail, and converge.
  @Test func aClaimThatHoldsOneThatFailsAndOneThatDepends() async throws {
    let late = try await Self.finding(epochs: [300])
    #expect(late.judgement == .holds && late.published == .holds && late.count(.holds) == 3)
    #expect(late.headline.hits == 100 && late.boundaries == ["in all 3 cells"])
    let early = try await Self.finding(epochs: [0])
    #expect(early.judgement == .fails && early.published == .fails && early.count(.fails) == 3)
    #expect(early.headline.hits == 0 && early.boundaries == ["in none of 3 cells"])
    let both = try await Self.finding(epochs: [0, 300])
    #expect(both.judgement == .depends && both.count(.holds) == 3 && both.count(.fails) == 3)
    #expect(both.count(.mixed) == 0 && both.cellCount == 6 && both.publishedCount == 6)
    // The least favourable cell stands for the claim.
    #expect(both.headline.hits == 0 && both.headline.words.hasSuffix("cell fkl 0"))
    let few = try await Self.finding(epochs: [300], seeds: 1..<72)
    #expect(few.judgement == .depends && few.count(.mixed) == 3 && few.headline.hits == 71)
  }

  /// Shared by all seeds, or one a seed: the numbers are those of single experiments.
  @Test(arguments: ["longtail:size=12", "dirichlet:size=8"])
  func runsAreExperiments(teacher: String) async throws {
    let claim = Self.distance(teacher, epochs: [0, 3], bound: 0.1)
    let evidence = try await claim.asked(of: 5..<8, jobs: 1)
    var expected: [Double] = []
    for objective in ["fkl", "rkl", "akl"] {
      let setup = try Setup(teacher: teacher, objective: objective, epochs: 3)
      for epoch in [0, 3] {
        let distances = try (5..<8).map { seed in
          try setup.trajectory(seed: seed, Measurement(heads: [])).records[epoch]
            .totalVariation
        }
        expected.append(Statistics.mean(distances))
      }
    }
    #expect(worstGap(evidence.compactMap(\.mean), expected) <= 1e-15)
    #expect(Set(expected).count == 4)
  }

  /// The same digits for any number of jobs and any instruction set, chaos and early ends included.
  @Test(arguments: ["longtail:size=12", "dirichlet:size=8"])
  func howItIsComputedDoesNotMatter(teacher: String) async throws {
    let claim = Self.distance(teacher, epochs: [0, 1, 2, 10], bound: 0.25)
    let seeds = UInt64(3)..<3 + 193
    let alone = try await claim.asked(of: seeds, jobs: 1)
    for jobs in [2, 5] {
      let evidence = try await claim.asked(of: seeds, jobs: jobs)
      expectSame(evidence, alone)
    }
    for kernels in VectorKernels.allCases where kernels != .plain && kernels.isAvailable {
      let evidence = try await claim.asked(of: seeds, kernels: kernels)
      expectSame(evidence, alone)
    }
    #expect(alone.contains { $0.verdict == .mixed })
    #expect(alone.allSatisfy { $0.chaos == 0 })
  }

  private func expectSame(_ actual: [Evidence<NamedCell>], _ expected: [Evidence<NamedCell>]) {
    #expect(actual.map(\.fields) == expected.map(\.fields))
    #expect(actual.map(\.mean) == expected.map(\.mean))
    #expect(actual.map(\.meanInterval) == expected.map(\.meanInterval))
  }

  /// A teacher under which reverse KL is infinite cannot be asked about.
  @Test func whatCannotBeRunIsAnError() async throws {
    let claim = Self.distance("bimodal:top-k=2", epochs: [1], bound: 1)
    await #expect(throws: (any Error).self) {
      try await ClaimRunner(claim, seeds: 1..<2, jobs: 1).finding()
    }
    let nonsense = Self.distance("nonsense", epochs: [1], bound: 1)
    #expect(throws: SpecificationError.self) { try ClaimRunner(nonsense, seeds: 1..<2, jobs: 1) }
  }
}

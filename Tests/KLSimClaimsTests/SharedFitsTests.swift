// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimStudies
import KLSimTestSupport
import Synchronization
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Fits that several claims ask for.
@Suite struct SharedFitsTests {
  private static let first = Condition(teacher: "dirichlet:size=5:contexts=3")
  private static let second = Condition(teacher: "dirichlet:size=4:contexts=3")

  /// A claim that asks for fits of one name under some conditions, and counts how often they are made.
  private static func claim(
    _ name: String, under conditions: [Condition], counting made: Counter
  ) -> HandMadeClaim {
    HandMadeClaim {
      conditions.map { condition in
        Trial(condition, cells: [NamedCell("x")]) { seed, _ in
          _ = SharedFits.fits([name, "\(seed)"], under: condition) {
            made.increment()
            return []
          }
          return [Outcome(true, quantity: 0)]
        }
      }
    }
  }

  /// Each is made once for the claims under one condition that ask for it, and for every claim under others.
  @Test(arguments: [1, 3])
  func equalFitsAreMadeOnce(jobs: Int) async throws {
    let made = Counter()
    let claims = [
      Self.claim("a", under: [Self.first], counting: made),
      Self.claim("a", under: [Self.second, Self.first], counting: made),
      Self.claim("b", under: [Self.first], counting: made),
    ]
    let runners = try claims.map { try ClaimRunner($0, seeds: 1..<11, jobs: jobs) }
    let shared = SharedFits(for: runners)
    var counts: [Int] = []
    for runner in runners {
      _ = try await shared.finding(of: runner) { _ in }
      counts.append(made.value)
    }
    #expect(counts == [10, 20, 30])
    // Nothing is kept when the last claim is finished, or beside such a run.
    _ = try await shared.finding(of: runners[0]) { _ in }
    #expect(made.value == 40)
    _ = try await runners[0].finding()
    #expect(made.value == 50)
  }

  /// Claims on the same students find the same with one another as alone.
  @Test func sharedFitsAreThose() async throws {
    let condition = Condition(
      teacher: "dirichlet:size=5:contexts=3", student: "low-rank:rank=1", learningRate: 1,
      initialization: "student")
    func claim(_ objectives: [String]) -> HandMadeClaim {
      HandMadeClaim {
        let runs = try PairedRuns(
          condition, objectives: objectives, epochs: 20, recorded: [5, 20])
        let questions = [5, 20].map { epoch in
          FitQuestion(NamedCell("\(epoch)"), runs: [0, 1], at: epoch) {
            .smaller($0[0].totalVariation, than: $0[1].totalVariation)
          }
        }
        return [Trial(condition, runs: runs, questions: questions)]
      }
    }
    let runners = try [["fkl", "rkl"], ["rkl", "fkl"], ["fkl", "js"]].map {
      try ClaimRunner(claim($0), seeds: 3..<90, jobs: 2)
    }
    let shared = SharedFits(for: runners)
    for runner in runners {
      let together = try await shared.finding(of: runner) { _ in }
      #expect(try await runner.finding().table == together.table)
    }
  }
}

/// A number that several threads increment.
final class Counter: Sendable {
  private let count = Mutex(0)

  var value: Int { count.withLock { $0 } }

  func increment() { count.withLock { $0 += 1 } }
}

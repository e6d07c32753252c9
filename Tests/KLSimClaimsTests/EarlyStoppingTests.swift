// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Synchronization
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// As many seeds as verdicts need: 128, 256 where a cell is undecided, and more where a verdict on the
/// claim hangs on it.
@Suite struct EarlyStoppingTests {
  /// Predicates of which it is known when they are decided with 99.5 % confidence.
  ///
  /// SciPy, the smaller ends for 128, 256, … seeds: `beta.ppf(.0025, n-k, k+1)` of k misses is 0.9376, 0.9544
  /// for `most`, and 0.9235, 0.9480, 0.9619 for `late`; `beta.ppf(.0025, k, n-k+1)` of k hits is 0.0412, 0.0557
  /// for `tenth`. `bound` is the bound of 0.95 itself.
  enum Predicate: String, CaseIterable, Sendable {
    case all, none, half, most, tenth, late, bound

    func holds(_ seed: UInt64) -> Bool {
      switch self {
      case .all: true
      case .none: false
      case .half: seed.isMultiple(of: 2)
      case .most: seed % 100 != 50
      case .tenth: seed.isMultiple(of: 10)
      case .late: seed % 64 != 63
      case .bound: !seed.isMultiple(of: 20)
      }
    }

    /// How many seeds decide it, of 1000.
    var needed: Int {
      switch self {
      case .all, .none, .half: 128
      case .most, .tenth: 256
      case .late: 512
      case .bound: 1000
      }
    }
  }

  /// A trial of so many cells, named after what they ask.
  private static func trial(
    _ number: Int, _ predicates: [Predicate], chaotic: Bool = false
  ) -> Trial<NamedCell> {
    Trial(
      Condition(learningRate: Double(number)),
      cells: predicates.map { NamedCell("\(number) \($0.rawValue)") }
    ) { seed, _ in
      predicates.map {
        var outcome = Outcome($0.holds(seed), quantity: 0)
        if chaotic { outcome.isChaotic = true }
        return outcome
      }
    }
  }

  /// The evidence on trials, of which all cells are covered and published but for those that are not.
  private static func evidence(
    _ trials: [Trial<NamedCell>], uncovered: Set<String> = [], unpublished: Set<String> = [],
    seeds: Int = 1000
  ) async throws -> [Evidence<NamedCell>] {
    let claim = HandMadeClaim(uncovered: uncovered, unpublished: unpublished) { trials }
    var progress = 0
    let runner = try TrialRunner(claim, seeds: 0..<UInt64(seeds), jobs: 2)
    let evidence = try await runner.evidence { progress += $0 }
    #expect(progress == runner.workCount && runner.workCount == trials.count * ((seeds + 63) / 64))
    return evidence
  }

  @Test(arguments: Predicate.allCases, [128, 129, 192, 256, 257, 511, 512, 1000])
  func aloneEachGetsWhatItNeeds(predicate: Predicate, most: Int) async throws {
    let evidence = try await Self.evidence([Self.trial(0, [predicate])], seeds: most)
    let asked = min(predicate.needed, most)
    #expect(evidence[0].seeds == asked)
    #expect(evidence[0].hits == (0..<UInt64(asked)).count { predicate.holds($0) })
  }

  @Test(arguments: Predicate.allCases)
  func whatDecidesHasTheConfidenceOf(predicate: Predicate) throws {
    let decided = try [128, 256, 512, 1000].map { seeds in
      try Verdict.isDecided(
        hits: (0..<UInt64(seeds)).count { predicate.holds($0) }, of: seeds)
    }
    let needed = [128, 256, 512, 1000].map { $0 >= predicate.needed && predicate != .bound }
    #expect(decided == needed)
  }

  /// Cells of one condition are asked together.
  @Test func theCellThatNeedsMostDecides() async throws {
    let evidence = try await Self.evidence([
      Self.trial(0, [.all, .late]), Self.trial(1, [.all, .all]), Self.trial(2, [.most, .all]),
    ])
    #expect(evidence.map(\.seeds) == [512, 512, 128, 128, 256, 256])
  }

  @Test func cellsBesideTheClaimKeepNothingOpen() async throws {
    let trials = [Self.trial(0, [.all, .bound]), Self.trial(1, [.bound, .most])]
    let evidence = try await Self.evidence(trials, uncovered: ["0 bound", "1 bound"])
    #expect(evidence.map(\.seeds) == [128, 128, 256, 256])
    // They are counted like the others.
    #expect(evidence.map(\.hits) == [128, 121, 243, 253])
  }

  /// What a claim depends on is seen from two cells that differ, or one that is mixed: the others get 256
  /// seeds at most.
  @Test(arguments: [[Predicate.all, .none], [.half], [.tenth]])
  func aSettledVerdictNeedsNoMore(settling: [Predicate]) async throws {
    let trials = settling.enumerated().map { Self.trial($0, [$1]) }
    let open = [Self.trial(8, [.bound]), Self.trial(9, [.late])]
    let evidence = try await Self.evidence(trials + open)
    #expect(evidence.suffix(2).map(\.seeds) == [256, 256])
    for (one, predicate) in zip(evidence, settling) { #expect(one.seeds == predicate.needed) }
  }

  /// As long as all that are decided agree, the undecided may still make the claim depend.
  @Test(arguments: [Predicate.all, .none, .most])
  func anOpenVerdictNeedsThemAll(agreeing: Predicate) async throws {
    let evidence = try await Self.evidence([
      Self.trial(0, [agreeing]), Self.trial(1, [.bound]), Self.trial(2, [.late]),
    ])
    // The last one holds, and so does all that is decided, or else two differ.
    let end = agreeing == .none ? 512 : 1000
    #expect(evidence.map(\.seeds) == [agreeing.needed, end, 512])
  }

  /// The verdict in the source's setting may be open where that over the grid is settled.
  @Test func theSourcesSettingIsAskedFurther() async throws {
    let trials = [
      Self.trial(0, [.all]), Self.trial(1, [.none]), Self.trial(2, [.bound]),
      Self.trial(3, [.late]),
    ]
    let rest: Set<String> = ["1 none", "3 late"]
    let evidence = try await Self.evidence(trials, unpublished: rest)
    #expect(evidence.map(\.seeds) == [128, 128, 1000, 256])
    // With the one that fails it is settled, too.
    let both = try await Self.evidence(trials, unpublished: ["3 late"])
    #expect(both.map(\.seeds) == [128, 128, 256, 256])
    // What the claim does not cover is published neither.
    let none = try await Self.evidence(trials, uncovered: ["2 bound"], unpublished: rest)
    #expect(none.map(\.seeds) == [128, 128, 128, 256])
  }

  /// No seeds clear up chaos, and it settles nothing.
  @Test func chaoticCellsAreDecided() async throws {
    let evidence = try await Self.evidence([
      Self.trial(0, [.bound], chaotic: true), Self.trial(1, [.half], chaotic: true),
      Self.trial(2, [.all]), Self.trial(3, [.bound]),
    ])
    #expect(evidence.map(\.seeds) == [128, 128, 128, 1000])
    #expect(evidence.map(\.verdict) == [.chaotic, .chaotic, .holds, .mixed])
  }

  /// Verdicts are those of the seeds that were asked, and of all seeds as well.
  @Test func earlyEndsKeepVerdicts() async throws {
    for predicate in Predicate.allCases {
      let early = try await Self.evidence([Self.trial(0, [predicate])])[0]
      let hits = (0..<1000).count { predicate.holds($0) }
      #expect(try Verdict(.share(hits: hits, of: 1000)) == early.verdict)
    }
  }

  /// What each trial was asked.
  private final class Log: Sendable {
    struct Asking {
      let trial: Int
      let seeds: [UInt64]
      let isProbing: Bool
    }

    private let entries = Mutex<[Asking]>([])

    /// A trial that writes down what it is asked.
    func trial(_ number: Int, _ predicate: Predicate) -> Trial<NamedCell> {
      Trial(condition: Condition(learningRate: Double(number))) { _ in
        Examination(cells: [NamedCell("\(number)")]) { seeds, isProbing in
          self.entries.withLock {
            $0.append(Asking(trial: number, seeds: seeds, isProbing: isProbing))
          }
          return seeds.map { seed in
            var outcome = Outcome(predicate.holds(seed), quantity: 0)
            if isProbing { outcome.isChaotic = seed == 6 }
            return [outcome]
          }
        }
      }
    }

    func asked(_ trial: Int) -> [Asking] {
      entries.withLock { $0.filter { $0.trial == trial } }
    }
  }

  /// Seeds are asked once each, in their order, and the first 32 of them with a second fit.
  @Test(arguments: [1, 3], [20, 32, 33, 64, 100, 300, 1000])
  func seedsAreAskedOnceAndInOrder(jobs: Int, count: Int) async throws {
    let log = Log()
    let seeds = UInt64(5)..<5 + UInt64(count)
    let predicates = [Predicate.all, .bound, .most]
    let claim = HandMadeClaim { predicates.enumerated().map { log.trial($0, $1) } }
    let evidence = try await claim.asked(of: seeds, jobs: jobs)
    for (trial, predicate) in predicates.enumerated() {
      var askings = log.asked(trial)
      #expect(askings.allSatisfy { !$0.seeds.isEmpty })
      // Several jobs may ask chunks in another order.
      if jobs > 1 { askings.sort { ($0.seeds.first ?? 0) < ($1.seeds.first ?? 0) } }
      #expect(askings.flatMap(\.seeds) == Array(seeds.prefix(predicate.needed)))
      #expect(askings.filter(\.isProbing).flatMap(\.seeds) == Array(seeds.prefix(32)))
      #expect(evidence[trial].seeds == min(count, predicate.needed))
      // Of those alone it is known whether they are chaotic.
      #expect(evidence[trial].chaos == 1 / Double(min(count, 32)))
    }
  }

  /// SciPy: `beta.ppf(.0025, k, n-k+1)` and `beta.ppf(.9975, k+1, n-k)` of k hits in n seeds.
  @Test(arguments: [
    (128, 128, true), (0, 128, true), (127, 128, false), (1, 128, false), (64, 128, true),
    (117, 117, true), (116, 116, false), (0, 117, true), (0, 116, false), (113, 128, true),
    (114, 128, false), (15, 128, true), (14, 128, false), (950, 1000, false), (50, 1000, false),
    (500, 1000, true), (969, 1000, true), (966, 1000, false),
  ])
  func aVerdictIsDecidedWithTheConfidenceOf(hits: Int, seeds: Int, isDecided: Bool) throws {
    #expect(try Verdict.isDecided(hits: hits, of: seeds) == isDecided)
  }
}

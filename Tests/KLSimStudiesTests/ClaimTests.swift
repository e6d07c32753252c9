// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimStudies

/// What the claims of the catalog ask, against runs looked at token by token.
@Suite struct ClaimTests {
  @Test(arguments: ["unimodal", "longtail"])
  func convergenceIsTheDistanceAfterTwoHundredEpochs(teacher: String) throws {
    let trial = try Convergence().trial(Condition(teacher: teacher, learningRate: 0.1))
    #expect(trial.cells == [["fkl"], ["rkl"]])
    for (seed, cell, outcome) in try trial.outcomes() {
      let run = try trial.condition.run(cell[0], epochs: 200, seed: seed)
      let distance = run.error(epoch: 200) / 2
      #expect(abs(outcome.quantity - distance) <= 1e-14)
      #expect(outcome.holds == (distance < 0.01))
    }
  }

  @Test(arguments: ["normal:sigma=2", "normal:sigma=20"])
  func survivalIsTheFirstEpochBelowTheBound(initialization: String) throws {
    let trial = try ConvergenceFromAnywhere().trial(
      Condition(teacher: "bimodal", initialization: initialization))
    for (seed, cell, outcome) in try trial.outcomes() {
      let run = try trial.condition.run(cell[0], epochs: 1000, seed: seed)
      let first = run.records.first { $0.totalVariation < 0.01 }?.epoch
      let epoch = try #require(Int(cell[1]))
      #expect(outcome.holds == (first.map { $0 <= epoch } ?? false), "\(seed), \(cell)")
      #expect(outcome.quantity == Double(first ?? 1000))
    }
  }

  @Test(arguments: ["unimodal", "zipf"])
  func ordersAreOfErrorsBeforeAndBeyondACut(teacher: String) throws {
    let head = try HeadFirst().trial(Condition(teacher: teacher, optimizer: "sgd", learningRate: 3))
    let tail = try TailFirst().trial(Condition(teacher: teacher, optimizer: "sgd", learningRate: 3))
    #expect(head.cells == tail.cells)
    let runs = try [1, 2].map { (seed: UInt64) in
      try ["fkl", "rkl"].map { try head.condition.run($0, epochs: 200, seed: seed) }
    }
    let size = runs[0][0].teacher.size
    let p = runs[0][0].teacher.probabilities
    for (heads, tails) in zip(try head.outcomes(), try tail.outcomes()) {
      let cut = try #require(Int(heads.cell[0]))
      let epoch = try #require(Int(heads.cell[3]))
      #expect(heads.cell[1] == "\(size)")
      let mass = try #require(Double(heads.cell[2]))
      let beyondCut = p[cut...].reduce(0, +)
      #expect(abs(mass - beyondCut) <= 1e-5 * beyondCut)
      let pair = runs[Int(heads.seed) - 1]
      let errors = pair.map { $0.error(epoch: epoch, over: 0..<cut) }
      let beyond = pair.map { $0.error(epoch: epoch, over: cut..<size) }
      #expect(abs(heads.outcome.quantity - (errors[0] - errors[1])) <= 1e-13)
      #expect(abs(tails.outcome.quantity - (beyond[1] - beyond[0])) <= 1e-13)
      // Within rounding of a tie either may be called smaller.
      if abs(errors[0] - errors[1]) > 1e-13 {
        #expect(heads.outcome.holds == (errors[0] < errors[1]))
      }
      if abs(beyond[0] - beyond[1]) > 1e-13 {
        #expect(tails.outcome.holds == (beyond[1] < beyond[0]))
      }
    }
  }

  @Test func cutsAreAllOfSmallVocabulariesAndSpreadOverLargeOnes() throws {
    for (text, count) in [("longtail", 79), ("zipf:size=101", 100), ("uniform:size=2", 1)] {
      let teacher = try Catalog.teacher(text).distribution(seed: 1)
      #expect(ErrorOrderCells.cuts(of: teacher) == Array(1...count), "\(text)")
    }
    let large = try Catalog.teacher("zipf:size=5000").distribution(seed: 1)
    let cuts = ErrorOrderCells.cuts(of: large)
    #expect(cuts == Set(cuts).sorted() && cuts.first == 1 && cuts.allSatisfy { $0 < 5000 })
    // No gap is wider than 15 % and one token.
    #expect(zip(cuts, cuts.dropFirst()).allSatisfy { Double($1) <= 1.15 * Double($0) + 1 })
    for mass in [0.1, 0.5, 0.9, 0.99] {
      #expect(cuts.contains(MassHead(mass: mass).headCount(of: large)))
    }
  }

  @Test func balanceIsTheTotalErrorAgainstEachRival() throws {
    let trial = try AdaptiveBalance().trial(Condition(teacher: "overlapping", learningRate: 0.05))
    for (seed, cell, outcome) in try trial.outcomes() {
      let epoch = try #require(Int(cell[1]))
      let errors = try ["akl", cell[0]].map { objective in
        let run = try trial.condition.run(objective, epochs: epoch, seed: seed)
        return run.error(epoch: epoch)
      }
      #expect(abs(outcome.quantity - (errors[0] - errors[1])) <= 1e-13)
      #expect(outcome.holds == (errors[0] < errors[1]))
    }
  }

  @Test(arguments: ["torch-uniform", "normal:sigma=10"])
  func modesAreDroppedByMass(initialization: String) throws {
    let trial = try NoModeDropping().trial(
      Condition(teacher: "bimodal", learningRate: 0.1, initialization: initialization))
    for (seed, cell, outcome) in try trial.outcomes() {
      let run = try trial.condition.run(cell[0], epochs: 200, seed: seed)
      let p = run.teacher.byToken(run.teacher.probabilities)
      let q = run.teacher.byToken(run.snapshots[200].probabilities)
      let gap = try #require(ReferenceMetrics(p: p, q: q, head: [0]).extras["mode-mass"]?[0])
      #expect(abs(outcome.quantity - gap) <= 1e-13)
      #expect(outcome.holds == (gap < 0.01))
    }
  }

  @Test func minimaAreLookedForAtTheStartAndAtTheEnd() throws {
    let trial = try OneMinimum().trial(
      Condition(teacher: "mixture", learningRate: 0.1, initialization: "normal:sigma=20"))
    for (seed, cell, outcome) in try trial.outcomes() {
      let epoch = cell[1] == "start" ? 0 : 1000
      let run = try trial.condition.run(cell[0], epochs: epoch, seed: seed)
      let p = run.teacher.probabilities
      let snapshot = run.snapshots[epoch]
      let distance = run.error(epoch: epoch) / 2
      #expect(abs(outcome.quantity - distance) <= 1e-13)
      let (q, logQ) = (snapshot.probabilities, snapshot.logProbabilities)
      let divergence = run.records[epoch].reverseKL
      let gradient = p.indices.map { rank in
        cell[0] == "fkl"
          ? q[rank] - p[rank]
          : q[rank] * (logQ[rank] - run.teacher.logProbabilities[rank] - divergence)
      }
      let slope = gradient.reduce(0) { $0 + abs($1) }
      #expect(outcome.holds == (slope >= 1e-6 || distance <= 0.01), "\(seed), \(cell), \(slope)")
    }
  }

  /// `∇ soft-ce = ∇ fkl = q − p` and `soft-ce = fkl + H(p)`, for every seed.
  @Test func crossEntropyIsForwardKL() async throws {
    let evidence = try await ClaimRunner(CrossEntropyIdentity(), seeds: 1..<73, jobs: 2).evidence()
    let finding = Finding(CrossEntropyIdentity(), seeds: 1..<73, evidence: evidence)
    #expect(finding.judgement == .holds)
    #expect(evidence.allSatisfy { $0.hits == 72 && ($0.mean ?? 1) < 1e-12 })
  }
}

/// What holds of every claim, whatever the seeds say.
@Suite struct ClaimCatalogLawTests {
  static let names = ClaimCatalog.claims.map { $0.name }

  private static func claim(_ name: String) throws -> any Claim {
    try #require(ClaimCatalog.claims.first { $0.name == name }).init()
  }

  @Test func namesAreOnesOwn() {
    let names = Self.names + ExhibitCatalog.names
    #expect(Set(names).count == names.count)
    // They are file names, too.
    #expect(names.allSatisfy { $0.wholeMatch(of: #/[a-z0-9-]+/#) != nil && $0 != "claims" })
  }

  @Test(arguments: names)
  func cellsAreOnesOwn(name: String) throws {
    let claim = try Self.claim(name)
    let trials = try claim.trials()
    let width = type(of: claim).cellColumns.count
    #expect(Set(trials.map(\.condition)).count == trials.count)
    for trial in trials {
      #expect(Set(trial.cells).count == trial.cells.count)
      #expect(trial.cells.allSatisfy { $0.count == width })
      // A condition is written as the canonical form of what it names.
      let setup = try trial.condition.setup(objective: "fkl", epochs: 1)
      #expect(setup.keys.filter { $0 != "fkl" } == trial.condition.keys)
    }
  }

  /// Evidence of every cell, `hits` of 100.
  private static func finding(_ claim: any Claim, hits: (Int) -> Int) throws -> Finding {
    // There are many cells, and few counts of hits.
    var known: [Int: (tally: Tally, share: ConfidenceInterval)] = [:]
    var count = -1
    let all = try claim.trials().flatMap { trial in
      try trial.cells.map { cell in
        count += 1
        let hits = hits(count)
        let (tally, share) = try known[hits] ?? tally(hits: hits, of: 100)
        known[hits] = (tally, share)
        return try Evidence(tally, share: share, condition: trial.condition, cell: cell)
      }
    }
    return Finding(claim, seeds: 1..<101, evidence: all)
  }

  @Test(arguments: names)
  func unanimousSeedsDecide(name: String) throws {
    let claim = try Self.claim(name)
    let holding = try Self.finding(claim) { _ in 100 }
    #expect(holding.judgement == .holds)
    #expect(holding.count(.mixed) == 0 && holding.count(.fails) == 0)
    let failing = try Self.finding(claim) { _ in 0 }
    #expect(failing.judgement == .fails)
    #expect(failing.count(.holds) == 0 && failing.count(.mixed) == 0)
    let mixed = try Self.finding(claim) { _ in 50 }
    #expect(mixed.judgement == .depends)
    for finding in [holding, failing, mixed] {
      #expect(!finding.boundaries.contains(""))
      #expect(claim.covers(finding.headline) && claim.isHeadline(finding.headline))
      #expect(finding.headline.hits == finding.evidence[0].hits)
    }
    // Where it holds is told differently when it holds nowhere.
    #expect(holding.boundaries[0] != failing.boundaries[0])
    #expect(mixed.boundaries.count == failing.boundaries.count)
  }

  /// The published cell with the fewest hits stands for the claim.
  @Test(arguments: names)
  func theHeadlineIsTheLeastFavourable(name: String) throws {
    let claim = try Self.claim(name)
    let finding = try Self.finding(claim) { $0.isMultiple(of: 7) ? 3 : 97 - $0 % 50 }
    let published = finding.evidence.filter { claim.covers($0) && claim.isHeadline($0) }
    #expect(finding.headline.hits == published.map(\.hits).min())
    #expect(finding.judgement == .depends)
    let cells = Verdict.allCases.map { finding.count($0) }
    #expect(cells.reduce(0, +) == finding.evidence.count(where: claim.covers))
  }
}

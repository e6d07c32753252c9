// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Synchronization
import Testing

@testable import KLSimCore
@testable import KLSimClaims
@testable import KLSimSequences

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

  /// What a table and a listing show of it.
  @Test(arguments: names)
  func wordsFitIntoATable(name: String) throws {
    let claim = type(of: try Self.claim(name))
    for text in [claim.statement, claim.source, claim.setting] {
      #expect(!text.isEmpty && !text.contains("|") && !text.contains("\n"))
    }
    #expect(!claim.quantity.isEmpty)
    #expect(claim.statement.hasSuffix("."))
  }

  @Test func checksAreOfTheorems() {
    let checks = ClaimCatalog.claims.filter { $0.kind == .check }.map { $0.name }
    #expect(checks == ["fkl-is-cross-entropy", "one-minimum", "pg-unbiased"])
  }

  /// The cells of all conditions.
  private static func cells<C: Claim>(
    of claim: C
  ) throws -> [(condition: Condition, cell: C.Cell)] {
    try claim.trials().flatMap { trial in
      let cells = try tunes(C.self) ? tunedCells(of: trial, C.name) : trial.cells()
      return cells.map { (trial.condition, $0) }
    }
  }

  private static func tunes(_ claim: (some Claim).Type) -> Bool {
    claim == Mixing.self || claim == LearningRate.self || claim is any SharedOrder.Type
  }

  private static let known = Mutex<[String: any Sendable]>([:])

  /// Rates are tuned, which takes its time: conditions of one optimizer share those of the first, and all
  /// tests share them.
  private static func tunedCells<Cell: ClaimCell>(
    of trial: Trial<Cell>, _ claim: String
  ) throws -> [Cell] {
    let setting = SharedSetting.all.first { $0.condition == trial.condition }
    let key = "\(claim) \(trial.condition.optimizer) \(setting?.rates.isEmpty ?? false)"
    return try known.withLock { known in
      if let cells = known[key] as? [Cell] { return cells }
      let cells = try trial.cells()
      known[key] = cells
      return cells
    }
  }

  @Test(arguments: names)
  func cellsAreOnesOwn(name: String) throws {
    try Self.expectOwnCells(Self.claim(name))
  }

  private static func expectOwnCells<C: Claim>(_ claim: C) throws {
    let columns = C.Cell.columns
    #expect(Set(columns.map(\.name)).count == columns.count)
    let cells = try cells(of: claim)
    for cell in cells {
      #expect(cell.cell.values.map(\.kind) == columns.map(\.kind), "\(cell.cell)")
    }
    for (condition, own) in Dictionary(grouping: cells, by: \.condition) {
      #expect(!own.isEmpty)
      #expect(Set(own.map(\.cell)).count == own.count, "\(condition)")
      // Nor are there two that a table shows alike.
      #expect(Set(own.map(\.cell.fields)).count == own.count, "\(condition)")
      // A condition is written as the canonical form of what it names.
      let axes = Condition.axes(of: [condition])
      #expect(try canonicalValues(of: condition, on: axes) == condition.values(on: axes))
    }
    let conditions = try claim.trials().map(\.condition)
    #expect(Set(conditions).count == conditions.count && !conditions.isEmpty)
  }

  private static func canonicalValues(
    of condition: Condition, on axes: [any Axis.Type]
  ) throws -> [Value] {
    let name = condition.teacher.prefix { $0 != ":" }
    guard SequenceCatalog.worlds.names.contains(String(name)) else {
      let setup = try condition.setup(objective: "fkl", epochs: 1)
      return axes.map { setup.value(on: $0) }
    }
    let choices = try condition.sequenceSetup(signal: SequenceForwardKL.name).choices
    return try axes.map { axis in
      choices.value(on: try #require(SequenceAxes.all.first { $0.name == axis.name }))
    }
  }

  @Test(arguments: names)
  func theSourcesSettingIsPartOfTheGrid(name: String) throws {
    try Self.expectPublished(Self.claim(name))
  }

  private static func expectPublished<C: Claim>(_ claim: C) throws {
    let all = try evidence(on: claim) { _ in (50, nil) }
    let published = all.filter(claim.isPublished)
    #expect(!published.isEmpty && published.allSatisfy(claim.covers))
    // The verdicts of a check are about the same cells.
    #expect(C.kind == .finding || published.count == all.count(where: claim.covers))
    #expect(C.kind == .check || published.count < all.count)
  }

  /// Evidence of every cell, so many of 100 hits and of 32 chaotic.
  private static func evidence<C: Claim>(
    on claim: C, _ counts: (Int) -> (hits: Int, chaotic: Int?)
  ) throws -> [Evidence<C.Cell>] {
    // There are many cells, and few counts of hits.
    var shares: [Int: ConfidenceInterval] = [:]
    return try cells(of: claim).enumerated().map { place, cell in
      let (hits, chaotic) = counts(place)
      let share = try shares[hits] ?? ConfidenceInterval.share(hits: hits, of: 100)
      shares[hits] = share
      return try Evidence(
        tallies[hits][(chaotic ?? -1) + 1], share: share, condition: cell.condition,
        cell: cell.cell)
    }
  }

  /// By hits and by one more than the chaotic of them.
  private static let tallies = (0...100).map { hits in
    [nil, 0, 1, 2].map { tally(hits: hits, of: 100, chaotic: $0) }
  }

  @Test(arguments: names)
  func unanimousSeedsDecide(name: String) throws {
    try Self.expectDecisions(Self.claim(name))
  }

  private static func expectDecisions<C: Claim>(_ claim: C) throws {
    func finding(_ hits: Int) throws -> Finding {
      Finding(claim, seeds: 1..<101, evidence: try evidence(on: claim) { _ in (hits, nil) })
    }
    let holding = try finding(100)
    #expect(holding.judgement == .holds && holding.published == .holds)
    #expect(holding.count(.holds) == holding.cellCount)
    let failing = try finding(0)
    #expect(failing.judgement == .fails && failing.published == .fails)
    #expect(failing.count(.fails) == failing.cellCount)
    #expect(holding.headline.hits == 100 && failing.headline.hits == 0)
    #expect(holding.publishedCount <= holding.cellCount)
    // Where it holds is told differently when it holds nowhere.
    #expect(holding.boundaries[0] != failing.boundaries[0])
    for finding in [holding, failing] { expectReadable(finding.boundaries) }
  }

  /// One to five lines that a person reads.
  private static func expectReadable(
    _ boundaries: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect((1...5).contains(boundaries.count), sourceLocation: sourceLocation)
    for line in boundaries {
      #expect(
        !line.isEmpty && line.count <= 400 && !line.contains("|") && !line.contains("\n"),
        "\(line)",
        sourceLocation: sourceLocation)
    }
  }

  /// Whatever is where, also if all is chaos.
  @Test(arguments: names)
  func boundariesAreReadable(name: String) throws {
    try Self.expectReadableBoundaries(Self.claim(name))
  }

  private static func expectReadableBoundaries<C: Claim>(_ claim: C) throws {
    let chaos = try evidence(on: claim) { _ in (100, 2) }
    #expect(chaos.allSatisfy { $0.verdict == .chaotic })
    expectReadable(claim.boundaries(chaos))
    let finding = Finding(claim, seeds: 1..<101, evidence: chaos)
    #expect(finding.judgement == .depends && finding.published == .depends)
    #expect(finding.count(.chaotic) == finding.cellCount)
    for seed in UInt64(1)...3 {
      var generator = SplitMix64(seed: seed)
      let most = [100, 50, 0]
      let random = try evidence(on: claim) { _ in
        (
          most.randomElement(using: &generator) ?? 0,
          [nil, 0, 1, 2].randomElement(using: &generator) ?? nil
        )
      }
      expectReadable(claim.boundaries(random))
      // Half of the cells, so that stretches are short.
      let halves = try evidence(on: claim) { _ in (Bool.random(using: &generator) ? 100 : 0, 0) }
      expectReadable(claim.boundaries(halves))
    }
    // Every other cell.
    let alternating = try evidence(on: claim) { ($0.isMultiple(of: 2) ? 100 : 0, 0) }
    expectReadable(claim.boundaries(alternating))
  }

  /// The published cell with the fewest hits stands for the claim.
  @Test(arguments: names)
  func theHeadlineIsTheLeastFavourable(name: String) throws {
    try Self.expectHeadline(Self.claim(name))
  }

  private static func expectHeadline<C: Claim>(_ claim: C) throws {
    let all = try evidence(on: claim) { ($0.isMultiple(of: 7) ? 3 : 97 - $0 % 50, 0) }
    let finding = Finding(claim, seeds: 1..<101, evidence: all)
    let published = all.filter { claim.covers($0) && claim.isPublished($0) }
    let least = try #require(published.map(\.hits).min())
    #expect(finding.headline.hits == least && finding.headline.seeds == 100)
    let words = published.filter { $0.hits == least }.map { Words.name(of: $0) }
    #expect(words.contains(finding.headline.words))
    #expect(finding.judgement == .depends && finding.publishedCount == published.count)
    let counts = Verdict.allCases.map { finding.count($0) }
    #expect(counts.reduce(0, +) == all.count(where: claim.covers))
    #expect(finding.cellCount == all.count(where: claim.covers))
  }

  /// A figure is of rows that the claim's table has.
  @Test(arguments: names)
  func figuresSelectWhatIsThere(name: String) throws {
    try Self.expectFigures(Self.claim(name))
  }

  private static func expectFigures<C: Claim>(_ claim: C) throws {
    guard !claim.figures.isEmpty else { return }
    let cells = try cells(of: claim)
    let axes = Condition.axes(of: cells.map(\.condition))
    let columns = (axes.map { $0.column } + C.Cell.columns).map(\.name)
    let rows = cells.map {
      $0.condition.values(on: axes).map(\.description) + $0.cell.fields
    }
    for figure in claim.figures {
      let places = figure.selection.map { selection in
        (columns.firstIndex(of: selection.column), selection.value)
      }
      #expect(places.allSatisfy { $0.0 != nil })
      #expect(
        rows.contains { row in places.allSatisfy { $0.0.map { row[$0] } == $0.1 } },
        "\(figure.name)")
    }
    #expect(Set(claim.figures.map(\.name)).count == claim.figures.count)
  }
}

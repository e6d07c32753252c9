// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimClaims
@testable import KLSimCore
@testable import KLSimFiles
@testable import KLSimReport
@testable import KLSimStudies

/// A claim whose every text is hostile, in cells that hold, fail and are mixed, one of them uncovered.
private struct HostileClaim: Claim {
  static let name = hostileNames.joined()
  static let statement = name
  static let source = name
  static let setting = name
  static let quantity = name

  struct Cell: ClaimCell {
    let name: String
    let place: Int
    static let columns = [
      Column(key: "label", .text, hostileNames[0]), Column(key: "place", .integer, "any"),
    ]
    var values: [Value] { [.text(name), Value(place)] }
  }

  func trials() throws -> [Trial<Cell>] {
    let cells = hostileNames.enumerated().map { Cell(name: $1, place: $0) }
    return [
      Trial(Condition(), cells: cells) { seed, _ in
        cells.map { Outcome(Int(seed) % 3 <= $0.place % 4 - 1, quantity: Double(seed % 5)) }
      }
    ]
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.place != 2 }
  func isPublished(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.place < 5 }
  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] { hostileNames }
}

@Suite struct PartTests {
  private func document(_ parts: [(key: String, value: JSON)]) throws -> PageDocument {
    try PageDocument(
      page: ReportPage(title: "t", version: "v", command: "c", parts: parts).bytes)
  }

  private func finding(on claim: any Claim, seeds: Int) async throws -> Finding {
    try await ClaimRunner(claim, seeds: 1..<UInt64(seeds + 1), jobs: 2).finding()
  }

  @Test func everyCellOfTheEvidenceIsInThePage() async throws {
    for claim in [HostileClaim(), SinkhornBias()] as [any Claim] {
      let finding = try await finding(on: claim, seeds: 100)
      let page = try document([try ClaimsPart.member([finding])])
      let claims: [[String: Any]] = try page.member("claims")
      #expect(claims.count == 1)
      #expect(claims[0]["name"] as? String == type(of: claim).name)
      #expect(claims[0]["statement"] as? String == type(of: claim).statement)
      let (names, rows) = try PageDocument.rows(claims[0]["table"])
      var reader = CSVReader(path: "evidence", bytes: finding.table)
      let header = try #require(try reader.next()).fields
      var counts: [String: Int] = [:]
      for row in rows {
        let found = Dictionary(uniqueKeysWithValues: zip(names, row))
        let own = Dictionary(
          uniqueKeysWithValues: zip(header, try #require(try reader.next()).fields))
        for name in header where !["mean_low", "mean_high"].contains(name) {
          #expect(found[name] == own[name] || Double(found[name] ?? "") == Double(own[name] ?? "-"))
        }
        let ends = ["mean_low", "mean_high"].map { Double(own[$0] ?? "") ?? .nan }
        let half = Double(found["mean_half"] ?? "") ?? .nan
        let expected = (ends[1] - ends[0]) / 2
        #expect(abs(half - expected) <= 0.051 * expected || half.isNaN && expected.isNaN)
        counts[found["counts"] ?? "", default: 0] += 1
        if found["counts"] != "beside" { counts[found["verdict"] ?? "", default: 0] += 1 }
      }
      #expect(try reader.next() == nil)
      #expect(counts["source"] == finding.publishedCount)
      #expect((counts["source"] ?? 0) + (counts["grid"] ?? 0) == finding.cellCount)
      for verdict in Verdict.allCases {
        #expect(counts[verdict.rawValue, default: 0] == finding.count(verdict))
      }
    }
  }

  /// A finding that an interrupted run recorded gives the same page.
  @Test func aRecordedFindingIsTheSame() async throws {
    let finding = try await finding(on: HostileClaim(), seeds: 80)
    let line = finding.record.line
    let record = try #require(JSON(parsing: Array(line.utf8)))
    let again = try #require(
      Finding(HostileClaim(), seeds: finding.seeds, record: record, table: finding.table))
    #expect(again.places == finding.places)
    #expect(try ClaimsPart.member([again]).value.line == ClaimsPart.member([finding]).value.line)
    for (old, new) in [("[\"grid\",", "[\"elsewhere\","), ("[\"beside\",1]", "[\"beside\",2]")] {
      #expect(line.contains(old))
      let changed = line.replacing(old, with: new, maxReplacements: 1)
      let other = try #require(JSON(parsing: Array(changed.utf8)))
      #expect(
        Finding(HostileClaim(), seeds: finding.seeds, record: other, table: finding.table) == nil)
    }
  }

  @Test func aComparisonOfHostileNames() throws {
    var rows: [[Value]] = []
    let levels = hostileNames.filter { !$0.isEmpty }
    for level in levels {
      for seed in 1...9 {
        for (objective, tvd) in [(level, seed), ("fkl", seed + 1)] {
          rows.append([
            .text(level + "t"), .text(objective), Value(seed), Value(1), .number(Double(tvd)),
          ])
        }
      }
    }
    let columns = [
      Column(key: "teacher", .text, ""), Column.objective, Column.seed, Column.epoch,
      Column("tvd", .number, ""),
    ]
    var question = RecordComparison.Question()
    question.metrics = ["tvd"]
    question.within = ["teacher"]
    let table = Table(source: "rows", columns: columns, rows: rows)
    let comparison = try RecordComparison(table, question)
    let page = try document([try ComparisonPart.member(comparison)])
    let answer: [String: Any] = try page.member("comparison")
    let (names, found) = try PageDocument.rows(answer["table"])
    let expected = try comparison.rows()
    #expect(names == comparison.columns.map(\.name) && found.count == expected.count)
    #expect(expected.count == levels.count)
    for (row, values) in zip(found, expected) {
      for (text, value) in zip(row, values) {
        if case .number(let number) = value {
          #expect(abs((Double(text) ?? .nan) - number) <= 1e-5 * abs(number))
        } else {
          #expect(text == value.description)
        }
      }
    }
  }

  /// The students are those of the engine, to three digits, and the page stays small.
  @Test func theGridIsComputedByTheEngine() throws {
    let member = try ExplorablePart.member()
    #expect(member.value.line.utf8.count < 300_000)
    let grid: [String: Any] = try document([member]).member("explorable")
    let teachers = try #require(grid["teachers"] as? [[String: Any]])
    #expect(teachers.count == ExplorablePart.exponents.count)
    for (teacher, exponent) in zip(teachers, ExplorablePart.exponents) {
      let p = try #require(teacher["p"] as? [Double])
      let norm = (1...40).reduce(0) { $0 + pow(Double($1), -exponent) }
      for (rank, value) in p.enumerated() {
        let exact = pow(Double(rank + 1), -exponent) / norm
        #expect(abs(value - exact) <= 0.006 * exact)
      }
      let head = try #require(teacher["head_count"] as? Int)
      for student in try #require(teacher["students"] as? [[String: Any]]) {
        let states = try #require(student["q"] as? [[Double]])
        let errors = try ["head_error", "tail_error"].map { try #require(student[$0] as? [Double]) }
        #expect(states.count == ExplorablePart.epochs.count)
        for (state, q) in states.enumerated() {
          #expect(q.count == 40 && abs(q.reduce(0, +) - 1) < 0.005)
          let gaps = zip(p, q).map { abs($0 - $1) }
          #expect(abs(gaps[..<head].reduce(0, +) - errors[0][state]) < 0.005)
          #expect(abs(gaps[head...].reduce(0, +) - errors[1][state]) < 0.005)
        }
      }
    }
  }
}

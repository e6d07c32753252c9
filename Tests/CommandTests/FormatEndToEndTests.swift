// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Both formats of tables say the same, value by value.
@Suite struct FormatEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  static let commands = [
    "--seeds 2 --epochs 3 --metric js,top1,mode-mass",
    "--epochs 3 --aggregate --head mass=0.5,count=1",
    "--teacher dirichlet:contexts=2:size=4 --epochs 2 --schedule constant,cosine",
    "--teacher longtail:top-k=3 --objective fkl --epochs 1", "gradient --objective akl",
  ]

  @Test(arguments: commands)
  func jsonLinesSayWhatCSVSays(command: String) async throws {
    let csv = try await klsim.table("\(command) --quiet")
    let outcome = try await klsim("\(command) --quiet --format jsonl")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == csv.rows.count)
    for (line, row) in zip(lines, csv.rows) {
      let object = try JSONDecoder().decode([String: Cell].self, from: Data(line.utf8))
      #expect(Set(object.keys) == Set(csv.header))
      for name in csv.header {
        switch object[name] {
        case .missing: #expect(row[name] == "", "\(name)")
        case .number(let number): #expect(Double(row[name]) == number, "\(name)")
        case .text(let text): #expect(row[name] == text, "\(name)")
        case nil: Issue.record("no \(name)")
        }
      }
    }
  }

  /// A value of a row.
  private enum Cell: Decodable {
    case missing
    case number(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .missing
      } else if let number = try? value.decode(Double.self) {
        self = .number(number)
      } else {
        self = .text(try value.decode(String.self))
      }
    }
  }

  /// The ending of a file is its format, unless another is asked for.
  @Test func theEndingChooses() async throws {
    for (options, isJSON) in [
      ("--output r.jsonl", true), ("--output r.csv", false),
      ("--output r.jsonl --format csv", false), ("--output r.csv --format jsonl", true),
      ("--output r.JSONL", true), ("--output lr0.1", false),
      ("--output r.dat --format jsonl", true),
    ] {
      let outcome = try await klsim("--epochs 1 --quiet \(options)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
      let name = try #require(options.split(separator: " ").dropFirst().first.map(String.init))
      #expect(try klsim.folder.text(of: name).hasPrefix("{") == isJSON, "\(options)")
    }
  }

  @Test func packedTablesSayTheSame() async throws {
    for name in ["r.csv", "r.jsonl"] {
      let plain = try await klsim("--epochs 5 --output \(name)")
      let packed = try await klsim("--epochs 5 --output \(name).gz")
      #expect(packed.end == .exit(0), "\(packed.errors)")
      expectSameText(packed.errors, plain.errors)
      let text = try await klsim.shell("gzip -dc \(name).gz").output
      expectSameText(text, try klsim.folder.text(of: name))
    }
  }

  @Test(arguments: ["r.parquet", "r.xlsx", "r.txt", "r.json", "r.csv.zst", "r.tsv.gz"])
  func otherEndingsAreRefused(name: String) async throws {
    for line in [
      "--output \(name)", "gradient --output \(name)", "--snapshots 1 --snapshot-output \(name)",
    ] {
      let refusal = Refusal(
        line, says: "\(name): a table ends in .csv, .csv.gz, .jsonl, .jsonl.gz or in nothing")
      try await klsim.expectRefusal(refusal, code: 64)
    }
  }

  @Test func unknownFormatsAreRefused() async throws {
    let outcome = try await klsim("--format xml --output r.xml")
    #expect(outcome.end == .exit(64))
    #expect(outcome.errors.contains("unknown format 'xml'; known: csv, jsonl"))
    #expect(try klsim.folder.names() == [])
  }
}

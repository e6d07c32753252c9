// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Studies in files: what is read, printed and refused.
@Suite struct StudyFileEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private func expectSuccess(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0), "\(outcome.errors)", sourceLocation: sourceLocation)
    return outcome.output
  }

  /// A command line, printed as a study, gives the same bytes when that is run.
  @Test(
    arguments: [
      "run --objective fkl,akl:mu=0.8 --lr 0.1,1 --epochs 3 --seeds 3 --head count=8 --metric js",
      "run --teacher uniform:size=5 --epochs 4 --record 0,2,4 --aggregate --seeds 5",
      "run --teacher dirichlet:contexts=3:size=4 --contexts mean --epochs 2",
      "sequence --teacher tabular:size=2:length=2 --signal seq-fkl,seqkd --samples 5 --epochs 2",
      "sequence --teacher tabular:size=2:length=2 --signal seqkd --epochs 1 --diagnose --against seq-fkl",
    ])
  func aPrintedStudyRunsTheSame(line: String) async throws {
    let records = try await expectSuccess("\(line) --output -")
    let study = try await expectSuccess("\(line) --print-study --output none.csv")
    #expect(try klsim.folder.names().isEmpty)
    try klsim.folder.write(study, to: "study.yaml")
    let command = try #require(line.split(separator: " ").first)
    #expect(try await expectSuccess("\(command) --study study.yaml --output -") == records)
    #expect(try await expectSuccess("\(command) --study study.yaml --print-study") == study)
  }

  @Test func optionsTakeThePlaceOfKeys() async throws {
    try klsim.folder.write(
      "objective: [fkl, rkl]\nepochs: 9\nseeds: 4\naggregate: true\nhead: count=3\n", to: "a.yaml")
    #expect(
      try await expectSuccess("--study a.yaml --loss akl --steps 2 --record 2 --print-study") == """
        # yaml-language-server: $schema=study.schema.json
        experiment: fit
        objective: akl
        epochs: 2
        seeds: 4
        head: count=3
        record: 2
        aggregate: true

        """)
  }

  @Test func aStudyIsReadFromStandardInput() async throws {
    try klsim.folder.write("objective: rkl\nepochs: 2\n", to: "a.yaml")
    let outcome = try await klsim.shell(#"cat a.yaml | "$klsim" run --study - --output - --quiet"#)
    #expect(outcome.end == .exit(0))
    #expect(outcome.output == (try await expectSuccess("--loss rkl --epochs 2 --output - --quiet")))
  }

  /// A file may ask for snapshots, and the command line says where they go.
  @Test func snapshotsOfAStudyNeedAnOutput() async throws {
    try klsim.folder.write("epochs: 2\nsnapshots: 0,2\n", to: "a.yaml")
    try await klsim.expectRefusal(
      Refusal("--study a.yaml --output out.csv", says: "--snapshots EPOCHS and --snapshot-output"),
      code: 64)
    _ = try await expectSuccess("--study a.yaml --output out.csv --snapshot-output q.csv")
    #expect(try klsim.folder.names().sorted() == ["a.yaml", "out.csv", "q.csv"])
  }

  static let refused: [(study: String, code: Int32, says: String)] = [
    (
      "objectve: fkl\n", 65,
      "klsim: error: study.yaml, line 1, column 1: objectve: unknown key; known: experiment, name"
    ),
    ("epochs: 1\nobjective: fkll\n", 64, "study.yaml, line 2, column 12: objective: unknown"),
    (
      "experiment: sequence\n", 64,
      "study.yaml, line 1, column 13: experiment: sequence, and fit is needed here; klsim sequence"
        + " --study study.yaml runs it"
    ),
    ("objective: [fkl\n", 65, "study.yaml, line 2, column 1: it is not YAML"),
    (
      "teacher: file:path=none.csv\n", 66,
      "study.yaml, line 1, column 10: teacher: none.csv: no such"
    ),
    ("teacher: longtail:top-k=3\n", 65, "hint: --objective fkl"),
  ]

  @Test(arguments: refused.indices)
  func whatIsWrongIsSaidWithItsPlace(place: Int) async throws {
    let (study, code, says) = Self.refused[place]
    try klsim.folder.write(study, to: "study.yaml")
    try await klsim.expectRefusal(
      Refusal("run --study study.yaml --output out.csv", says: says), code: code)
  }

  @Test func aMissingStudyIsRefused() async throws {
    try await klsim.expectRefusal(
      Refusal("run --study none.yaml", says: "none.yaml: no such file"), code: 66)
    try klsim.folder.write("epochs: 1\n", to: "a.yaml")
    try await klsim.expectRefusal(
      Refusal(
        "sequence --study a.yaml", says: "a.yaml: experiment: fit", "klsim run --study a.yaml"),
      code: 64)
  }

  /// The schema that is installed is the one that the keys, axes and components make.
  @Test func theSchemaIsAsRecorded() async throws {
    try Golden(shared: "study.schema.json").expectText(
      try await expectSuccess("list study-schema"))
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test(arguments: ["run objectives.yaml 793", "sequence signals.yaml 46"])
  func examplesRun(example: String) async throws {
    let words = example.split(separator: " ")
    let file = Self.root.appending(path: "Examples/Studies/\(words[1])").path(percentEncoded: false)
    let output = try await expectSuccess("\(words[0]) --study \(file) --output - --quiet")
    #expect(output.split(separator: "\n").count == Int(words[2]))
  }

  /// The studies of the documentation can be run.
  @Test func articlesShowStudies() async throws {
    let article = try String(
      contentsOf: Self.root.appending(path: "Sources/KLSimCore/KLSimCore.docc/Studies.md"),
      encoding: .utf8)
    let blocks = article.components(separatedBy: "```").filter {
      $0.hasPrefix("yaml\nexperiment: ")
    }
    for block in blocks {
      try klsim.folder.write(String(block.dropFirst("yaml\n".count)), to: "study.yaml")
      let command = block.contains("experiment: sequence") ? "sequence" : "run"
      _ = try await expectSuccess("\(command) --study study.yaml --print-study")
    }
    #expect(blocks.count == 2)
  }
}

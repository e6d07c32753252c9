// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimStudies
import KLSimStudyFiles
import KLSimTestSupport
import Testing

/// Studies as YAML.
@Suite struct StudyWriterTests {
  private func read(_ text: String) throws -> Study {
    try StudyFile(Array(text.utf8), path: "study.yaml").study
  }

  @Test func onlyWhatDiffersFromTheDefaultsIsWritten() throws {
    #expect(
      StudyFile.text(of: Study(), schema: "study.schema.json") == """
        # yaml-language-server: $schema=study.schema.json
        experiment: fit

        """)
    var study = Study(
      ["objective": ["fkl", "akl:mu=0.8"], "teacher": ["file:path=\"a,b.csv\""]], epochs: 5,
      seeds: 1..<101)
    (study.heads, study.record, study.isAggregated) = (["mass=0.5", "count=37"], "0,1,5", true)
    study.zips = [["learning-rate": ["0.1", "1"], "optimizer": ["adam", "sgd"]]]
    study.exclusions = [["objective": ["fkl"], "optimizer": ["sgd"]], ["optimizer": ["adam"]]]
    #expect(
      StudyFile.text(of: study, schema: "a b.json") == """
        # yaml-language-server: $schema=a b.json
        experiment: fit
        teacher: file:path="a,b.csv"
        objective: [fkl, 'akl:mu=0.8']
        epochs: 5
        seeds: 100
        head: [mass=0.5, count=37]
        record: 0,1,5
        aggregate: true
        zip:
          optimizer: [adam, sgd]
          learning-rate: [0.1, 1]
        exclude:
        - objective: fkl
          optimizer: sgd
        - optimizer: adam

        """)
  }

  /// Reading what is written gives the same study, whatever is in its texts.
  @Test(arguments: 0..<300)
  func whatIsWrittenIsReadAsTheSame(seed: Int) throws {
    var random = RandomStudies(seed: UInt64(seed))
    let study = random.study()
    let text = StudyFile.text(of: study, schema: "study.schema.json")
    #expect(try read(text) == study, "\(text)")
  }
}

/// Random studies, not all of which can be run.
private struct RandomStudies {
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  private static let specifications = [
    "longtail", "zipf:size=32000", "akl:mu=0.8", "file:path=\"a,b: c#d.csv\"", "0.2", "1e-3", "all",
    "norm=1", "true", "null", "~", "0x1f", "- a", "a: b", "a #b", "'quoted'", "\"q\"", "é:ü=ß", "*",
    "&a", "!tag", "%x", "@y", "{a", "]", "|", ">", "?", " leading", "trailing ", "2026-11-27",
    String(repeating: "longtail:size=", count: 9),
  ]
  private static let scalars: [Unicode.Scalar] =
    Array("ab :#-'\"\n\t&*{}[]|>%@`!?,é漢🙂\u{85}\u{A0}".unicodeScalars)

  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  private mutating func text() -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0...below(40) { scalars.append(Self.scalars[below(Self.scalars.count)]) }
    return String(scalars)
  }

  private mutating func list(_ maximum: Int = 12) -> [String] {
    (0...below(maximum)).map { _ in Self.specifications[below(Self.specifications.count)] }
  }

  private mutating func choices(of axes: [any Axis.Type]) -> [String: [String]] {
    var all: [String: [String]] = [:]
    for axis in axes where below(3) == 0 { all[axis.name] = list() }
    return all.isEmpty ? [axes[0].name: list()] : all
  }

  mutating func study() -> Study {
    var study = Study()
    if below(2) == 0 { study.experiment = .sequence }
    if below(2) == 0 { study.name = text() }
    if below(2) == 0 { study.description = text() }
    let axes = study.experiment.axes
    if below(4) > 0 { study.choices = choices(of: axes) }
    study.zips = (0..<below(3)).map { _ in choices(of: axes) }
    study.exclusions = (0..<below(3)).map { _ in choices(of: axes) }
    (study.epochs, study.seeds) = (below(1000), below(1000))
    study.seed = UInt64.random(in: 0...UInt64.max, using: &generator)
    if below(2) == 0 { study.heads = list() }
    if below(2) == 0 { study.record = ["every=5", "0,1,5", "every=3steps", "7"][below(4)] }
    study.isAggregated = below(2) == 0
    guard study.experiment == .fit else {
      if below(2) == 0 { study.against = ["seq-rkl", "seq-fkl", "gkd:beta=0.5"][below(3)] }
      return study
    }
    if below(2) == 0 { study.metrics = list(3) }
    if below(2) == 0 { study.snapshots = "0,200" }
    if below(2) == 0 { study.snapshotTokens = "top=5" }
    if below(2) == 0 { study.contexts = ContextRows.allCases[below(3)] }
    return study
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimNumerics
import KLSimSequences
import KLSimStudies
import KLSimStudyFiles
import Testing

/// Errors that show after a file has been read have a place in it.
@Suite struct StudyFileErrorTests {
  /// The error of a study that cannot be run, with its place in the file.
  private func error(_ text: String, change: (inout Study) -> Void = { _ in }) throws -> String {
    let file = try StudyFile(Array(text.utf8), path: "study.yaml")
    var study = file.study
    change(&study)
    let error = #expect(throws: (any Error).self) {
      if study.experiment == .fit {
        _ = try FitStudy(study, reader: NumberFile())
      } else {
        _ = try SequenceStudy(study, reader: NumberFile())
      }
    }
    return "\(file.located(try #require(error), in: study, reader: NumberFile()))"
  }

  static let refused: [(text: String, says: String)] = [
    (
      "epochs: 3\nobjective: [fkl, fkll]\n",
      "study.yaml, line 2, column 18: objective: unknown objective 'fkll'; did you mean fkl?"
    ),
    ("objective: fkl,fkll\n", "study.yaml, line 1, column 12: objective: unknown objective 'fkll'"),
    (
      "teacher:\n- longtail\n- zipf:size=0\n",
      "study.yaml, line 3, column 3: teacher: zipf: size=0 is not a whole number in 1…16777216"
    ),
    ("learning-rate: fast\n", "study.yaml, line 1, column 16: learning-rate 'fast' is not"),
    (
      "epochs: 3\nrecord: 0,5\n",
      "study.yaml, line 2, column 9: record asks for epoch 5, but epochs is 3"
    ),
    (
      "record: [0, x]\n", "study.yaml, line 1, column 9: record: '0,x' is not a selection of epochs"
    ),
    ("seeds: 0\n", "study.yaml, line 1, column 8: seeds 0: a number of at least 1 is needed"),
    ("head: mass=2\n", "study.yaml, line 1, column 7: head: mass: mass=2 is not"),
    ("metric: js,foo\n", "study.yaml, line 1, column 9: metric: unknown metric 'foo'"),
    (
      "objective: [fkl, forward-kl]\n",
      "study.yaml, line 1, column 12: objective: fkl is given twice, also as forward-kl"
    ),
    (
      "teacher: file:path=missing.csv\n",
      "study.yaml, line 1, column 10: teacher: missing.csv: no such"
    ),
    (
      "zip:\n  objective: [fkl, rkl]\n  optimizer: [adam]\n",
      "study.yaml, line 2, column 3: zip: objective has 2 and optimizer 1 values"
    ),
    (
      "zip:\n  objective: [fkl, rkl]\n  optimizer: [adam, adamm]\n",
      "study.yaml, line 3, column 21: zip: unknown optimizer 'adamm'"
    ),
    (
      "exclude:\n  objective: akl\n",
      "study.yaml, line 2, column 3: exclude: rule 1 leaves out no setup with objective akl"
    ),
    (
      "experiment: sequence\nsignal: seqkdd\n",
      "study.yaml, line 2, column 9: signal: unknown signal 'seqkdd'"
    ),
    (
      "experiment: sequence\ndiagnose: true\nagainst: foo\n",
      "study.yaml, line 3, column 10: against: unknown sequence-objective 'foo'"
    ),
  ]

  @Test(arguments: refused.indices)
  func errorsHaveAPlace(place: Int) throws {
    let (text, says) = Self.refused[place]
    let description = try error(text)
    #expect(description.hasPrefix(says), "\(description)")
  }

  /// What was said beside the file has no place in it, and is called what the command line calls it.
  @Test func whatTheFileDoesNotSayHasNoPlace() throws {
    #expect(
      try error("objective: fkl\n") { $0.choices["objective"] = ["fkll"] }
        .hasPrefix("unknown objective 'fkll'"))
    #expect(
      try error("record: 0,5\n") { $0.epochs = 3 }
        == "study.yaml, line 1, column 9: record asks for epoch 5, but --epochs is 3")
  }

  @Test func aCauseKeepsItsCategory() throws {
    let file = try StudyFile(Array("teacher: file:path=missing.csv\n".utf8), path: "study.yaml")
    let cause = InputError.missing(path: "missing.csv")
    let error = file.located(cause, in: file.study, reader: NumberFile()) as? StudyFileError
    #expect(error?.category == .missingInput)
    #expect(error?.cause as? InputError == cause)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimSequences
import KLSimStudies
import KLSimTestSupport
import Testing

/// Axes that walk together, setups that are left out, and the axes of each experiment.
@Suite struct StudyChoicesTests {
  private func words(_ study: Study, _ axes: any Axis.Type...) throws -> [[String]] {
    try study.choices(of: study.experiment, reader: NoFiles(), kernels: .best).map { choices in
      axes.map { choices.specification(on: $0) }
    }
  }

  /// The zip's place changes with its first axis; within it, the axes between change as ever.
  @Test func zippedAxesWalkTogetherInTheOrderOfAxes() throws {
    var study = Study()
    study.choices = ["teacher": ["longtail"], "optimizer": ["adam", "sgd"]]
    study.zips = [["objective": ["fkl", "rkl", "fkl"], "learning-rate": ["0.1", "0.2", "0.3"]]]
    #expect(
      try words(study, ObjectiveAxis.self, OptimizerAxis.self, LearningRateAxis.self) == [
        ["fkl", "adam", "0.1"], ["fkl", "sgd", "0.1"], ["rkl", "adam", "0.2"],
        ["rkl", "sgd", "0.2"], ["fkl", "adam", "0.3"], ["fkl", "sgd", "0.3"],
      ])
  }

  /// Two zips multiply like two axes, however their axes are interleaved.
  @Test func zipsMultiply() throws {
    var study = Study()
    study.zips = [
      ["teacher": ["longtail", "uniform"], "optimizer": ["adam", "sgd"]],
      ["objective": ["fkl", "rkl"], "learning-rate": ["0.1", "0.2"]],
    ]
    let axes: [any Axis.Type] = [
      TeacherAxis.self, ObjectiveAxis.self, OptimizerAxis.self, LearningRateAxis.self,
    ]
    let all = try words(study, axes[0], axes[1], axes[2], axes[3])
    #expect(
      all == [
        ["longtail", "fkl", "adam", "0.1"], ["longtail", "rkl", "adam", "0.2"],
        ["uniform", "fkl", "sgd", "0.1"], ["uniform", "rkl", "sgd", "0.2"],
      ])
  }

  /// What is left out is that part of the product, in its order; aliases and other spellings of a value
  /// count as the value.
  @Test func exclusionsLeaveOutWhatMeetsAllOfARule() throws {
    var study = Study()
    study.choices = [
      "objective": ["fkl", "rkl", "akl"], "optimizer": ["adam", "sgd"],
      "learning-rate": ["0.1", "1"],
    ]
    let axes: (any Axis.Type, any Axis.Type, any Axis.Type) =
      (ObjectiveAxis.self, OptimizerAxis.self, LearningRateAxis.self)
    let all = try words(study, axes.0, axes.1, axes.2)
    study.exclusions = [
      ["objective": ["forward-kl", "akl:mu=0.5"], "learning-rate": ["1.0"]],
      ["optimizer": ["sgd"], "objective": ["rkl"]],
    ]
    let rest = try words(study, axes.0, axes.1, axes.2)
    #expect(
      rest
        == all.filter {
          !(["fkl", "akl"].contains($0[0]) && $0[2] == "1.0") && !($0[0] == "rkl" && $0[1] == "sgd")
        })
    #expect((all.count, rest.count) == (12, 6))
  }

  static let refused: [(change: @Sendable (inout Study) -> Void, text: String)] = [
    ({ $0.choices = ["objektive": ["fkl"]] }, "objektive: 'objektive' is no axis"),
    ({ $0.choices = ["signal": ["seq-fkl"]] }, "signal: 'signal' is no axis of the experiment fit"),
    ({ $0.choices = ["objective": []] }, "objective: a value is needed"),
    ({ $0.zips = [["objektive": ["fkl"]]] }, "zip: 'objektive' is no axis"),
    ({ $0.zips = [[:]] }, "zip: axes with values are needed"),
    ({ $0.zips = [["objective": []]] }, "zip: axes with values are needed"),
    (
      { $0.zips = [["objective": ["fkl", "rkl"], "optimizer": ["adam", "sgd", "adamw"]]] },
      "zip: objective has 2 and optimizer 3 values"
    ),
    (
      { ($0.zips, $0.choices) = ([["objective": ["fkl"]]], ["objective": ["rkl"]]) },
      "zip has objective, which has choices of its own"
    ),
    (
      { $0.zips = [["objective": ["fkl"]], ["objective": ["rkl"]]] },
      "zip: objective is in two zips"
    ),
    (
      {
        $0.zips = [
          ["objective": ["fkl", "rkl", "forward-kl"], "optimizer": ["adam", "sgd", "adam"]]
        ]
      }, "zip: fkl, adam is given twice"
    ),
    ({ $0.exclusions = [["objektive": ["fkl"]]] }, "exclude: 'objektive' is no axis"),
    ({ $0.exclusions = [[:]] }, "exclude: rule 1 has no axis"),
    (
      { $0.exclusions = [["objective": ["fkl"]], ["objective": ["akl"]]] },
      "exclude: rule 2 leaves out no setup with objective akl; the study has none"
    ),
    (
      { $0.exclusions = [["objective": ["fkl", "akl"]]] },
      "exclude: rule 1 leaves out no setup with objective akl"
    ),
    (
      { $0.exclusions = [["objective": ["fkl"], "optimizer": ["sgd"]]] },
      "exclude: rule 1 leaves out no setup with objective fkl; the study has none that fits the rule"
    ),
    ({ $0.exclusions = [["objective": ["fkl", "rkl"]]] }, "exclude leaves out every setup"),
    ({ $0.against = "seq-rkl" }, "against: the experiment fit has no such key"),
    ({ $0.experiment = .sequence }, "experiment is sequence, and fit is needed"),
  ]

  @Test(arguments: refused.indices)
  func whatCannotBeChosenIsRefused(place: Int) throws {
    var study = Study()
    Self.refused[place].change(&study)
    let error = #expect(throws: StudyError.self) { try FitStudy(study) }
    let text = error?.description { $0 } ?? ""
    #expect(text.hasPrefix(Self.refused[place].text), "\(text)")
  }

  static let foreign: [(change: @Sendable (inout Study) -> Void, key: String)] = [
    ({ $0.metrics = ["js"] }, "metric"), ({ $0.snapshots = "0" }, "snapshots"),
    ({ $0.snapshotTokens = "top=5" }, "snapshot-tokens"), ({ $0.contexts = .mean }, "contexts"),
  ]

  @Test(arguments: foreign.indices)
  func sequencesRefuseWhatOnlyFitsHave(place: Int) throws {
    var study = Study()
    study.experiment = .sequence
    Self.foreign[place].change(&study)
    let error = #expect(throws: StudyError.self) { try SequenceStudy(study) }
    #expect(
      error?.description { $0 }
        == "\(Self.foreign[place].key): the experiment sequence has no such key")
  }

  /// Studies of sequences have zips and exclusions by the same words.
  @Test func sequencesAreZippedAndExcludedAlike() throws {
    var study = Study()
    study.experiment = .sequence
    study.epochs = 1
    study.choices = ["teacher": ["tabular:size=2:length=2"], "samples": ["5", "10"]]
    study.zips = [["signal": ["seq-fkl", "seqkd"], "learning-rate": ["0.1", "0.2"]]]
    study.exclusions = [["signal": ["seq-fkl"], "samples": ["10"]]]
    #expect(
      try words(study, SequenceAxes.all[2], SequenceAxes.all[3], LearningRateAxis.self) == [
        ["seq-fkl", "5", "0.1"], ["seqkd", "5", "0.2"], ["seqkd", "10", "0.2"],
      ])
    #expect(try SequenceStudy(study).itemCount == 3)
  }

  @Test func bothExperimentsAreCodable() throws {
    var fits = Study()
    (fits.name, fits.description) = ("rates", "which rate\nis best")
    fits.zips = [["objective": ["fkl", "rkl"], "learning-rate": ["0.1", "0.2"]]]
    fits.exclusions = [["optimizer": ["adam"]]]
    var sequences = Study(["signal": ["seq-fkl"]], epochs: 3, seeds: 2..<5)
    (sequences.experiment, sequences.against) = (.sequence, "seq-rkl")
    for study in [fits, sequences] {
      #expect(try JSONDecoder().decode(Study.self, from: JSONEncoder().encode(study)) == study)
    }
    let foreign = Data(#"{"experiment": "sequence", "objective": ["fkl"]}"#.utf8)
    #expect(throws: StudyError.self) { try JSONDecoder().decode(Study.self, from: foreign) }
  }
}

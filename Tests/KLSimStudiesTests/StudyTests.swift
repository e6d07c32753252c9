// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimStudies
import KLSimTestSupport
import Testing

/// Which setups a study stands for, and in what order.
@Suite struct StudyTests {
  @Test func setupsAreTheProductWithTheLastChangingFastest() throws {
    let study = Study(
      teachers: ["longtail", "uniform"], objectives: ["fkl", "rkl"], optimizers: ["adam", "sgd"],
      learningRates: [0.1, 1], initializations: ["zeros", "normal"], epochs: 3, seeds: 5..<8)
    let setups = try study.setups()
    let keys = setups.map { $0.specifications { !$0.isAddition } }
    #expect(keys.count == 32)
    #expect(try FitStudy(study).runCount == 96)
    #expect(keys[0] == ["longtail", "softmax", "fkl", "adam", "0.1", "zeros"])
    #expect(keys[1] == ["longtail", "softmax", "fkl", "adam", "0.1", "normal"])
    #expect(keys[2] == ["longtail", "softmax", "fkl", "adam", "1.0", "zeros"])
    #expect(keys[4] == ["longtail", "softmax", "fkl", "sgd", "0.1", "zeros"])
    #expect(keys[8] == ["longtail", "softmax", "rkl", "adam", "0.1", "zeros"])
    #expect(keys[16] == ["uniform", "softmax", "fkl", "adam", "0.1", "zeros"])
    #expect(keys[31] == ["uniform", "softmax", "rkl", "sgd", "1.0", "normal"])
    #expect(setups.allSatisfy { $0.epochs == 3 })
  }

  /// What is not asked for is the published long-tail experiment; a student without free logits starts by
  /// itself.
  @Test func axesHaveDefaults() throws {
    let study = Study(["student": ["softmax", "zipf"]], epochs: 1, seeds: 1..<2)
    let keys = try study.setups().map { setup in
      setup.specifications { !$0.isAddition || setup.departs(on: $0) || $0 == ScheduleAxis.self }
    }
    #expect(
      keys == [
        ["longtail", "softmax", "fkl", "adam", "0.2", "torch-uniform", "constant"],
        ["longtail", "softmax", "rkl", "adam", "0.2", "torch-uniform", "constant"],
        ["longtail", "zipf", "fkl", "adam", "0.2", "student", "constant"],
        ["longtail", "zipf", "rkl", "adam", "0.2", "student", "constant"],
      ])
  }

  static let refused: [(change: @Sendable (inout Study) -> Void, text: String)] = [
    ({ $0.epochs = -1 }, "--epochs -1: a number of at least 0 is needed"),
    ({ $0.epochs = .max }, "--epochs \(Int.max): at most \(Setup.maximumEpochs) are possible"),
    ({ $0.seeds = 0 }, "--seeds 0: a number of at least 1 is needed"),
    (
      { ($0.seed, $0.seeds) = (.max, 2) }, "--seed \(UInt64.max) --seeds 2: beyond the largest seed"
    ),
    ({ $0.record = "4" }, "--record asks for epoch 4, but --epochs is 3"),
    ({ $0.snapshots = "0,5" }, "--snapshots asks for epoch 5, but --epochs is 3"),
    (
      { $0.choices["objective"] = ["fkl", "fkl"] },
      "--objective: fkl is given twice; its rows would be duplicates"
    ),
    ({ $0.heads = ["count=1", "count=1"] }, "--head: count=1 is given twice"),
    (
      { $0.metrics = ["void-mass", "void-mass:mass=0.8"] },
      "--metric: void-mass and void-mass:mass=0.8 fill the same columns; ask for one of them"
    ),
    (
      {
        $0.choices["teacher"] = ["dirichlet:contexts=1000000"]
        $0.seeds = .max
      }, "more runs than can be counted"
    ),
  ]

  /// Runs of sequences are counted, too.
  @Test func moreSequencesThanCanBeCountedAreRefused() throws {
    var study = Study()
    (study.experiment, study.seeds) = (.sequence, .max)
    study.choices = ["signal": ["seq-fkl", "seq-rkl"]]
    let error = #expect(throws: StudyError.self) { try SequenceStudy(study) }
    #expect(error?.description == "more runs than can be counted")
  }

  /// Whatever is wrong is said in the words of the study, which a command turns into its own.
  @Test(arguments: refused.indices)
  func whatCannotBeRunIsRefused(place: Int) throws {
    var study = Study(epochs: 3)
    Self.refused[place].change(&study)
    let error = #expect(throws: StudyError.self) { try FitTables(of: FitStudy(study)) }
    let text = error?.description { "--\($0)" } ?? ""
    #expect(text.hasPrefix(Self.refused[place].text), "\(text)")
    #expect(error.map { !namesAnOption($0.description) } == true)
  }

  /// A study survives being written and read, and what is left out is the default.
  @Test func studiesAreCodable() throws {
    var study = Study(
      teachers: ["zipf:size=9"], objectives: ["fkl", "akl"], epochs: 7, seeds: 3..<9)
    study.heads = ["count=2"]
    study.metrics = ["js"]
    (study.record, study.snapshots, study.snapshotTokens) = ("every=2", "0,7", "top=5")
    (study.isAggregated, study.contexts) = (true, .each)
    let data = try JSONEncoder().encode(study)
    #expect(try JSONDecoder().decode(Study.self, from: data) == study)
    #expect(try JSONDecoder().decode(Study.self, from: Data("{}".utf8)) == Study())
    let short = Data(#"{"objective": ["rkl"], "epochs": 5}"#.utf8)
    #expect(
      try JSONDecoder().decode(Study.self, from: short)
        == Study(["objective": ["rkl"]], epochs: 5, seeds: 1..<2))
    #expect(throws: StudyError.self) {
      try JSONDecoder().decode(Study.self, from: Data(#"{"epoch": 5}"#.utf8))
    }
  }
}

extension Study {
  /// A study made of specifications.
  init(
    teachers: [String] = ["longtail"], objectives: [String] = ["fkl"],
    optimizers: [String] = ["adam"], learningRates: [Double] = [0.2],
    initializations: [String] = ["torch-uniform"], epochs: Int = 3, seeds: Range<UInt64> = 1..<2
  ) {
    self.init(
      [
        "teacher": teachers, "objective": objectives, "optimizer": optimizers,
        "learning-rate": learningRates.map(\.description), "init": initializations,
      ], epochs: epochs, seeds: seeds)
  }
}

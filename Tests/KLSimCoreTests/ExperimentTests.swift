// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// The library's front door, with minibatches.
@Suite struct ExperimentTests {
  private static func experiment(
    student: String = "log-bilinear:rank=2", optimizer: String? = nil, batch: Int? = nil,
    sampling: String? = nil, accumulate: Int? = nil, clip: String? = nil, heldOut: Double? = nil,
    epochs: Int = 2, record: String = "all"
  ) throws -> Experiment {
    try Experiment(
      teacher: LetterText.teacher, student: student, optimizer: optimizer, learningRate: 0.05,
      batch: batch, sampling: sampling, accumulate: accumulate, clip: clip, heldOut: heldOut,
      epochs: epochs, record: record, reader: LetterText())
  }

  /// Every choice reaches the run: it is the one of the same words.
  @Test func choicesAreThoseOfTheSetup() throws {
    let experiment = try Self.experiment(
      batch: 4, sampling: "weights", accumulate: 2, clip: "norm=0.5", heldOut: 0.2, record: "0.5,2")
    let setup = try LetterText.setup(
      [
        "student": "log-bilinear:rank=2", "learning-rate": "0.05", "batch": "4",
        "sampling": "weights", "accumulate": "2", "clip": "norm=0.5", "held-out": "0.2",
      ], epochs: 2)
    let measurement = Measurement(
      heads: [try Catalog.head("mass=0.5")], metrics: [],
      recorded: try EpochSelection(parsing: "0.5,2"), snapshots: .list([]))
    let (own, other) = try (
      experiment.runContexts(seed: 3), setup.trajectories(seed: 3, measurement)
    )
    #expect(own.map(\.records) == other.map(\.records) && own.map(\.split) == other.map(\.split))
    // Eleven of fourteen contexts: three batches, two updates.
    #expect(experiment.updatesPerEpoch == 2)
    #expect(own[0].records.map(\.epoch) == [1, 4])
    #expect(own.count { $0.split == .heldOut } == 3)
  }

  /// Trajectories count updates, and held-out contexts are among them.
  @Test func theStateAfterTwoEpochsIsThatOfTheirUpdates() throws {
    let experiment = try Experiment(
      teacher: "ngram:text=alice:order=3:size=50:histories=20", student: "log-bilinear:rank=4",
      learningRate: 0.05, batch: 4, heldOut: 0.2, epochs: 2)
    let runs = try experiment.runContexts(seed: 1)
    let heldOut = runs.filter { $0.split == .heldOut }
    #expect(runs.count == 20 && heldOut.count == 4 && experiment.updatesPerEpoch == 4)
    for run in runs { #expect(run.records.map(\.epoch) == [0, 4, 8]) }
    #expect(heldOut.compactMap { $0[epoch: 2 * experiment.updatesPerEpoch] }.count == 4)
  }

  @Test func anEpochOfTheFullBatchIsAnUpdate() throws {
    #expect(try Experiment().updatesPerEpoch == 1)
    #expect(try Self.experiment(heldOut: 0.5).updatesPerEpoch == 1)
  }

  /// What does not go together is refused, not ignored.
  @Test func whatDoesNotGoTogetherIsRefused() {
    func message(_ make: () throws -> Experiment) -> String {
      #expect(throws: SetupError.self) { try make() }?.description ?? ""
    }
    #expect(message { try Self.experiment(student: "softmax", batch: 4) }.hasPrefix("`batch` 4: "))
    #expect(
      message { try Self.experiment(student: "softmax", heldOut: 0.5) }.hasPrefix(
        "`held-out` 0.5: "))
    #expect(message { try Self.experiment(accumulate: 2) }.contains("set `batch` n"))
    #expect(message { try Self.experiment(sampling: "weights") }.contains("set `batch` n"))
    #expect(
      message { try Self.experiment(optimizer: "natural-gradient", clip: "value=1") }.hasPrefix(
        "`clip` value=1.0: "))
    #expect(message { try Self.experiment(record: "0.5,2") }.contains("between two updates"))
    #expect(
      message { try Self.experiment(batch: 4, record: "1,3") }
        == "`record` asks for epoch 3, but `epochs` is 2")
    #expect(throws: SpecificationError.self) { try Self.experiment(batch: 0) }
    #expect(throws: SpecificationError.self) { try Self.experiment(batch: 2, heldOut: 1) }
    #expect(throws: SpecificationError.self) { try Self.experiment(batch: 2, epochs: -1) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Minibatches: what is the same as on the full batch, and what holds of every pass.
@Suite struct MinibatchLawTests {
  private static let students = [
    "log-bilinear:rank=3", "low-rank:rank=2", "log-bilinear:rank=2:bias=false",
  ]
  private static let measurement = Measurement(
    heads: [MassHead(mass: 0.5)].map { Chosen(specification: "mass=0.5", component: $0) })

  /// n = all contexts is the full batch, to the last bit.
  @Test(arguments: students, ["fkl", "akl", "topk-kl:k=3", "js:temperature=2", "sinkhorn-batch"])
  func allContextsAreTheFullBatch(student: String, objective: String) throws {
    var choices = ["student": student, "objective": objective, "learning-rate": "0.05"]
    let epochs = objective == "sinkhorn-batch" ? 2 : 12
    let full = try LetterText.setup(choices, epochs: epochs).trajectories(seed: 2, Self.measurement)
    choices["batch"] = "14"
    let own = try LetterText.setup(choices, epochs: epochs).trajectories(seed: 2, Self.measurement)
    #expect(own.map(\.records) == full.map(\.records))
    choices["batch"] = "100"
    let more = try LetterText.setup(choices, epochs: epochs).trajectories(seed: 2, Self.measurement)
    #expect(more.map(\.records) == full.map(\.records))
  }

  /// The gradient of all contexts.
  private func fullGradient(
    _ choices: [String: String], at parameters: [Double]
  ) throws -> [Double] {
    var full = MinibatchLoss(of: try FitBatch(LetterText.setup(choices, epochs: 1), seeds: [1]))
    var gradient = parameters
    full.begin(seed: 1)
    full.advanceToNextBatch()
    full.evaluate(at: parameters, gradient: &gradient)
    return gradient
  }

  /// The mean of the gradients of a pass is the gradient of all contexts, last batch and all.
  @Test(arguments: students, [1, 3, 4, 7, 13])
  func theMeanOfAPassIsTheFullGradient(student: String, size: Int) throws {
    let choices = ["student": student, "objective": "rkl"]
    let setup = try LetterText.setup(choices.merging(["batch": "\(size)"]) { $1 }, epochs: 1)
    let runs = try FitBatch(setup, seeds: [1])
    let parameters = runs.start.map { $0 + 0.1 }
    let expected = try fullGradient(choices, at: parameters)
    var signal = MinibatchLoss(of: runs)
    signal.begin(seed: 1)
    for _ in 0..<3 {
      var (mean, gradient, count) = (parameters.map { _ in 0.0 }, parameters, 0.0)
      repeat {
        signal.advanceToNextBatch()
        signal.evaluate(at: parameters, gradient: &gradient)
        for index in mean.indices { mean[index] += gradient[index] }
        count += 1
      } while !signal.isAtEndOfEpoch
      #expect(count == (14 / Double(size)).rounded(.up))
      #expect(worstGap(mean.map { $0 / count }, expected) <= 1e-12 * (1 + largest(expected)))
    }
  }

  /// Any objective meets minibatches.
  @Test(arguments: ObjectiveCatalog.specifications)
  func everyObjectiveHasMinibatches(objective: String) throws {
    let choices = ["objective": objective, "student": "log-bilinear:rank=4", "batch": "5"]
    let runs = try LetterText.setup(choices, epochs: 1).trajectories(seed: 1, Self.measurement)
    #expect(runs.allSatisfy { $0.records.allSatisfy { $0.loss.isFinite } })
  }

  @Test(arguments: ["adam", "adamw", "sgd", "sgd:momentum=0.9", "rmsprop"])
  func everyOptimizerLowersTheLoss(optimizer: String) throws {
    let choices = [
      "optimizer": optimizer, "student": "log-bilinear:rank=4", "batch": "5",
      "learning-rate": optimizer.hasPrefix("sgd") ? "0.3" : "0.01",
    ]
    let runs = try LetterText.setup(choices, epochs: 40).trajectories(seed: 1, Self.measurement)
    func loss(_ epoch: Int) -> Double { runs.reduce(0) { $0 + $1.records[epoch].loss } }
    #expect(loss(40) < 0.9 * loss(0))
  }

  /// What makes no sense is refused, and the message says what to do.
  @Test(arguments: [
    (["batch": "2", "student": "softmax"], "log-bilinear"),
    (["held-out": "0.5", "student": "softmax"], "log-bilinear"),
    (["held-out": "0.5", "student": "low-rank"], "parameters of its own"),
    (["held-out": "0.5", "student": "softmax", "objective": "sinkhorn-batch"], "log-bilinear"),
    (["batch": "15", "student": "low-rank", "sampling": "weights"], "14 contexts"),
    (["batch": "4", "student": "low-rank", "accumulate": "5"], "4 minibatches"),
    (["sampling": "weights", "student": "low-rank"], "set `batch`"),
    (["accumulate": "2", "student": "low-rank"], "set `batch`"),
    (["batch": "2", "student": "low-rank", "optimizer": "gradient-flow"], "exact gradient"),
    (["clip": "norm=1", "optimizer": "natural-gradient"], "choose another optimizer"),
  ])
  func whatDoesNotGoTogetherIsRefused(choices: [String: String], advice: String) throws {
    let setup = try LetterText.setup(choices, epochs: 1)
    let error = #expect(throws: SetupError.self) { try setup.check() }
    #expect(error?.description.contains(advice) == true)
  }

  /// Draws by weight: the mean of many batches approaches the full gradient, within five standard errors.
  @Test func drawsByWeightAreUnbiased() throws {
    let choices = ["student": "log-bilinear:rank=2", "objective": "fkl"]
    let setup = try LetterText.setup(
      choices.merging(["batch": "3", "sampling": "weights"]) { $1 }, epochs: 1)
    let runs = try FitBatch(setup, seeds: [1])
    let parameters = runs.start.map { $0 + 0.1 }
    let expected = try fullGradient(choices, at: parameters)
    var signal = MinibatchLoss(of: runs)
    signal.begin(seed: 5)
    let count = 4000
    var (sum, squares, gradient) = (
      parameters.map { _ in 0.0 }, parameters.map { _ in 0.0 }, parameters
    )
    for _ in 0..<count {
      signal.advanceToNextBatch()
      signal.evaluate(at: parameters, gradient: &gradient)
      for index in sum.indices {
        sum[index] += gradient[index]
        squares[index] += gradient[index] * gradient[index]
      }
    }
    for index in sum.indices {
      let mean = sum[index] / Double(count)
      let error = ((squares[index] / Double(count) - mean * mean) / Double(count)).squareRoot()
      #expect(abs(mean - expected[index]) <= 5 * error + 1e-12, "\(index)")
    }
  }

  /// k batches of n are one update, whether or not the last of an epoch are fewer: that of one batch of
  /// k · n, and over a whole pass that of the full batch.
  @Test(arguments: [(2, 2, "4"), (4, 2, "8"), (3, 3, "9"), (4, 4, "all"), (5, 3, "all")])
  func accumulationIsALargerBatch(size: Int, accumulate: Int, batch: String) throws {
    let choices = ["student": "log-bilinear:rank=3", "optimizer": "sgd", "learning-rate": "0.3"]
    let whole = try LetterText.setup(choices.merging(["batch": batch]) { $1 }, epochs: 20)
      .trajectories(seed: 2, Self.measurement)
    let own = try LetterText.setup(
      choices.merging(["batch": "\(size)", "accumulate": "\(accumulate)"]) { $1 }, epochs: 20
    ).trajectories(seed: 2, Self.measurement)
    for (first, second) in zip(own, whole) {
      #expect(first.records.map(\.epoch) == second.records.map(\.epoch))
      #expect(
        worstGap(first.records.map(\.forwardKL), second.records.map(\.forwardKL)) <= 1e-11)
    }
  }

  /// Every context is held out with the same probability, and heavy ones as often as light ones in a run.
  @Test(arguments: ["0.1", "0.3", "0.5", "0.6", "0.9"])
  func contextsAreHeldOutAlike(share: String) throws {
    let setup = try LetterText.setup(
      ["student": "log-bilinear:rank=1", "held-out": share], epochs: 0)
    var (counts, runCount) = ([Int](repeating: 0, count: 14), 400)
    var expected = 0
    for seed in 1...UInt64(runCount) {
      let runs = try FitBatch(setup, seeds: [seed])
      var signal = MinibatchLoss(of: runs)
      signal.begin(seed: seed)
      let heldOut = Set(0..<14).subtracting(signal.training)
      expected = heldOut.count
      #expect(!signal.training.isEmpty && !heldOut.isEmpty)
      for context in heldOut { counts[context] += 1 }
      // Histories are ordered by weight; each half has about its share.
      let heavy = heldOut.count { $0 < 7 }
      #expect(abs(Double(heavy) - Double(heldOut.count) / 2) <= 1.5)
    }
    #expect(abs(Double(expected) - 14 * (Double(share) ?? 0)) <= 0.5)
    let probability = Double(expected) / 14
    let error = (probability * (1 - probability) * Double(runCount)).squareRoot()
    for count in counts {
      #expect(abs(Double(count) - probability * Double(runCount)) <= 4 * error)
    }
  }

  /// No update depends on a context that is held out: a token that only such contexts have in a place gets no
  /// gradient there.
  @Test(arguments: 1...5)
  func heldOutContextsAreNotTrainedOn(seed: Int) throws {
    let choices = ["student": "log-bilinear:rank=2", "held-out": "0.4", "batch": "3"]
    let setup = try LetterText.setup(choices, epochs: 5)
    let own = try setup.trajectories(seed: UInt64(seed), Self.measurement)
    let heldOut = own.indices.filter { own[$0].split == .heldOut }
    #expect(heldOut.count == 6)
    let histories = setup.teacher.component.contexts.histories
    let trained = Set(histories.indices).subtracting(heldOut)
    let runs = try FitBatch(setup, seeds: [UInt64(seed)])
    var signal = MinibatchLoss(of: runs)
    signal.begin(seed: UInt64(seed))
    #expect(Set(signal.training) == trained)
    var gradient = runs.start
    for _ in 0..<8 {
      signal.advanceToNextBatch()
      signal.evaluate(at: runs.start, gradient: &gradient)
      for position in 0..<2 {
        for token in Set(0..<9).subtracting(trained.map { histories[$0][position] }) {
          let first = (position * 9 + token) * 2
          #expect(gradient[first] == 0 && gradient[first + 1] == 0)
        }
      }
    }
  }

  /// More contexts than are evaluated at a time, packed or not, by shuffle and by weight.
  @Test(arguments: ["shuffle", "weights"], ["akl", "rkl"])
  func packedTeachersGiveTheSameBits(sampling: String, objective: String) throws {
    let setup = try LetterText.setup(
      [
        "teacher": LetterText.teacher(histories: 60, order: 4), "student": "log-bilinear:rank=3",
        "objective": objective, "batch": "20", "sampling": sampling, "held-out": "0.2",
      ], epochs: 3)
    let contexts = 0..<setup.teacher.component.contexts.count
    func teachers(_ wholeSize: Int) throws -> TeacherSet {
      try TeacherSet(of: contexts, wholeSize: wholeSize) {
        try setup.teacher.distribution(seed: 1, context: $0)
      }
    }
    let own = try FitBatch(setup, teachers: teachers(0), seeds: [1]).run(Self.measurement)
    let expected = try FitBatch(setup, teachers: teachers(.max), seeds: [1]).run(Self.measurement)
    #expect(own.map(\.records) == expected.map(\.records))
    #expect(own.allSatisfy { $0.records.last?.loss.isFinite == true })
  }

  /// A metric that compares with the start has one, recorded or not.
  @Test func metricsKnowTheStart() throws {
    let setup = try LetterText.setup(["student": "log-bilinear", "batch": "4"], epochs: 2)
    func records(_ recorded: EpochSelection) throws -> [EpochRecord?] {
      let measurement = Measurement(
        heads: Self.measurement.heads, metrics: [try Catalog.metric("progress").component],
        recorded: recorded, snapshots: .list([]))
      return try setup.trajectories(seed: 1, measurement).map(\.records.last)
    }
    #expect(try records(.list([2])) == records(.all))
  }

  /// The same bits from every instruction set.
  @Test func allInstructionSetsGiveTheSameBits() throws {
    let setup = try LetterText.setup(
      ["student": "log-bilinear:rank=5", "batch": "5", "clip": "norm=0.1", "held-out": "0.2"],
      epochs: 6)
    let expected = try FitBatch(setup, seeds: [4]).run(Self.measurement, kernels: .baseline)
    for kernels in VectorKernels.allCases where kernels.isAvailable && kernels != .plain {
      let own = try FitBatch(setup, seeds: [4]).run(Self.measurement, kernels: kernels)
      #expect(own.map(\.records) == expected.map(\.records))
    }
  }

  /// States between two epochs are those of longer and shorter runs.
  @Test func stepsAreRecordedWhereTheyAreAskedFor() throws {
    let setup = try LetterText.setup(["student": "log-bilinear", "batch": "4"], epochs: 3)
    func updates(_ text: String) throws -> [Int] {
      let measurement = Measurement(
        heads: [], metrics: [], recorded: try EpochSelection(parsing: text), snapshots: .list([]))
      return try setup.trajectories(seed: 1, measurement)[3].records.map(\.epoch)
    }
    #expect(setup.length == RunLength(epochs: 3, updatesPerEpoch: 4))
    #expect(try updates("all") == [0, 4, 8, 12])
    #expect(try updates("every=2") == [0, 8, 12])
    #expect(try updates("every=5steps") == [0, 5, 10, 12])
    #expect(try updates("0.5,1.25,3") == [2, 5, 12])
  }
}

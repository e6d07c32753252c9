// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimStudies
import KLSimTestSupport
import Testing

/// Which runs a grid stands for, and in what order.
@Suite struct GridTests {
  @Test func setupsAreTheProductWithTheLastChangingFastest() throws {
    let grid = try Grid(
      teachers: ["longtail", "uniform"], objectives: ["fkl", "rkl"], optimizers: ["adam", "sgd"],
      learningRates: [0.1, 1], initializations: ["zeros", "normal"], epochs: 3, seeds: 5..<8)
    let keys = try grid.setups.map { $0.specifications { !$0.isAddition } }
    #expect(keys.count == 32)
    #expect(try grid.runCount == 96)
    #expect(keys[0] == ["longtail", "softmax", "fkl", "adam", "0.1", "zeros"])
    #expect(keys[1] == ["longtail", "softmax", "fkl", "adam", "0.1", "normal"])
    #expect(keys[2] == ["longtail", "softmax", "fkl", "adam", "1.0", "zeros"])
    #expect(keys[4] == ["longtail", "softmax", "fkl", "sgd", "0.1", "zeros"])
    #expect(keys[8] == ["longtail", "softmax", "rkl", "adam", "0.1", "zeros"])
    #expect(keys[16] == ["uniform", "softmax", "fkl", "adam", "0.1", "zeros"])
    #expect(keys[31] == ["uniform", "softmax", "rkl", "sgd", "1.0", "normal"])
    #expect(try grid.setups.allSatisfy { $0.epochs == 3 })
  }

  /// What is not asked for is the published long-tail experiment; a student without free logits starts by
  /// itself.
  @Test func axesHaveDefaults() throws {
    let grid = try Grid(specifications: ["student": ["softmax", "zipf"]], epochs: 1, seeds: 1..<2)
    let keys = try grid.setups.map { $0.specifications() }
    #expect(
      keys == [
        ["longtail", "softmax", "fkl", "adam", "0.2", "torch-uniform", "constant"],
        ["longtail", "softmax", "rkl", "adam", "0.2", "torch-uniform", "constant"],
        ["longtail", "zipf", "fkl", "adam", "0.2", "student", "constant"],
        ["longtail", "zipf", "rkl", "adam", "0.2", "student", "constant"],
      ])
  }

  @Test func aGridWithoutAChoiceHasNoRuns() throws {
    var grid = try Grid()
    grid.choices["objective"] = []
    #expect(try grid.setups.isEmpty && grid.runCount == 0)
    #expect(try Grid(seeds: 4..<4).runCount == 0)
  }
}

extension Grid {
  /// A grid made of specifications.
  init(
    teachers: [String] = ["longtail"], objectives: [String] = ["fkl"],
    optimizers: [String] = ["adam"], learningRates: [Double] = [0.2],
    initializations: [String] = ["torch-uniform"], epochs: Int = 3, seeds: Range<UInt64> = 1..<2
  ) throws {
    try self.init(
      specifications: [
        "teacher": teachers, "objective": objectives, "optimizer": optimizers,
        "learning-rate": learningRates.map(\.description), "init": initializations,
      ], epochs: epochs, seeds: seeds)
  }
}

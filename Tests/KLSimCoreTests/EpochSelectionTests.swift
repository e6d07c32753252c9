// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

@Suite struct EpochSelectionTests {
  @Test(arguments: [
    ("all", EpochSelection.all), ("every=1", .every(1)), ("every=7", .every(7)),
    ("0", .list([0])), ("0,1,5,10", .list([0, 1, 5, 10])), ("10,0", .list([10, 0])),
    ("0.5,2", .list([0.5, 2])), ("every=10steps", .everySteps(10)),
  ])
  func selectionsAreRead(text: String, expected: EpochSelection) throws {
    #expect(try EpochSelection(parsing: text) == expected)
  }

  @Test(arguments: [
    "", "All", "every", "every=", "every=0", "every=-1", "every=1.5", "every=x", "1,", ",1", "1,,2",
    "-1", "-0.5", "1 2", "0,x", "nan", "inf", "every=99999999999999999999", "every=0steps",
    "every=steps", "every=2 steps", "every=1.5steps",
  ])
  func otherTextsAreRefused(text: String) {
    let error = #expect(throws: SpecificationError.self) {
      try EpochSelection(parsing: text)
    }
    #expect(error?.description.contains("'\(text)'") == true)
  }

  @Test(arguments: [
    ("all", 5, [0, 1, 2, 3, 4, 5]), ("every=2", 5, [0, 2, 4, 5]), ("every=2", 4, [0, 2, 4]),
    ("every=100", 5, [0, 5]), ("every=1", 2, [0, 1, 2]), ("1,4", 5, [1, 4]), ("4,1,1", 5, [1, 4]),
    ("9", 5, []), ("all", 0, [0]),
  ])
  func epochsAreSelected(text: String, last: Int, expected: [Int]) throws {
    let selection = try EpochSelection(parsing: text)
    #expect((0...last).filter { selection.contains($0, of: RunLength(epochs: last)) } == expected)
    #expect((0...last).filter { selection.membership($0, RunLength(epochs: last)) } == expected)
  }

  @Test func epochsAfterTheLastAreRefused() throws {
    for text in ["3,10,5", "all", "every=30", "every=30steps"] {
      try EpochSelection(parsing: text).check(upTo: 10, key: "record")
    }
    for (text, words) in [("3,10,5", "10"), ("0.5,9.5", "9.5"), ("1e300", "1e+300")] {
      let error = #expect(throws: SetupError.self) {
        try EpochSelection(parsing: text).check(upTo: 9, key: "record")
      }
      #expect(error?.description == "`record` asks for epoch \(words), but `epochs` is 9")
    }
  }

  private static let third = 1.0 / 3

  /// A fraction names the state that agrees in all its digits, a whole number itself alone.
  @Test func fractionsNameTheNearestRecordedState() {
    let recorded: [Double] = [1, Self.third, 2 * Self.third, 2.99]
    func found(_ epoch: Double) -> Double? {
      EpochSelection.epoch(named: epoch, among: recorded)
    }
    for epoch in [0.33, 0.333, Self.third] { #expect(found(epoch) == Self.third) }
    for epoch in [0.67, 0.667] { #expect(found(epoch) == 2 * Self.third) }
    for epoch in [1, 2.99] { #expect(found(epoch) == epoch) }
    for epoch in [0, 0.1, 0.3, 0.5, 0.66, 0.7, 3, 7] { #expect(found(epoch) == nil) }
    #expect(EpochSelection.epoch(named: 0.5, among: []) == nil)
  }

  /// A number without a state of its own means the nearest one that is less than a quarter away; of two as near
  /// the later; epoch 0 only itself.
  @Test func numbersMeanTheNearestRecordedState() {
    func found(_ epoch: Double, _ recorded: [Double]) -> Double? {
      EpochSelection.epoch(nearest: epoch, among: recorded)
    }
    #expect(found(0.5, [Self.third, 2 * Self.third, 1]) == 2 * Self.third)
    #expect(found(0.33, [Self.third, 0.35]) == Self.third)
    #expect(found(2, [1.8125, 2.1875]) == 2.1875)
    #expect(found(2, [1.75, 2.25]) == nil && found(2, [1.751]) == 1.751)
    #expect(found(0.1, [0, 1]) == nil && found(0, [0.1]) == nil && found(0, [0, 0.1]) == 0)
  }

  /// Of three updates an epoch, an epoch above 0 takes at least the first.
  @Test func listedEpochsTakeTheNearestState() {
    let length = RunLength(epochs: 2, updatesPerEpoch: 3)
    let states = [0, 1e-9, 0.1, 0.33, 0.5, 1, 1.4, 2].map { length.update(at: $0) }
    #expect(states == [0, 1, 1, 1, 2, 3, 4, 6])
    #expect(length.update(at: 1e300) == .max)
    #expect(
      EpochSelection.list([0, 0.1, 0.2, 0.5, 1, 1.33]).notes(on: length) == [
        "epochs 0.1 and 0.2 are recorded at 0.333, after 1 update; an epoch has 3",
        "epoch 0.5 is recorded at 0.667, after 2 updates; an epoch has 3",
      ])
    #expect(
      EpochSelection.list([0.5]).notes(on: RunLength(epochs: 2, updatesPerEpoch: 31)) == [
        "epoch 0.5 is recorded at 0.516, after 16 updates; an epoch has 31"
      ])
    #expect(EpochSelection.all.notes(on: length).isEmpty)
    #expect(
      EpochSelection.list([0.5, 2]).notes(on: RunLength(epochs: 2, updatesPerEpoch: 2)).isEmpty)
  }

  static let words: [(Double, String)] = [
    (0, "0"), (10, "10"), (12_345_678, "12345678"), (0.5, "0.5"), (2 * third, "0.667"),
    (1234 + third, "1234.333"), (0.0002, "0.0002"), (third * 1e-6, "3.33e-07"), (4.9999, "5"),
  ]

  @Test(arguments: words)
  func epochsHaveThreeDigitsOfAFraction(epoch: Double, words: String) {
    #expect(RunLength.words(epoch: epoch) == words)
  }

  /// What a measurement keeps is what it asks for, in ascending order and once.
  @Test func trajectoriesKeepTheSelectedEpochs() throws {
    let selection = EpochSelection.list([4, 0, 2])
    let setup = try Setup(epochs: 5)
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(
        heads: [], epochs: { selection.contains($0, of: RunLength(epochs: $1)) },
        snapshots: { EpochSelection.every(3).contains($0, of: RunLength(epochs: $1)) }))
    #expect(trajectory.records.map(\.epoch) == [0, 2, 4])
    #expect(trajectory.snapshots.map(\.epoch) == [0, 3, 5])
  }

  @Test func noEpochsAreOnlyTheStart() throws {
    let trajectory = try Setup(epochs: 0).trajectory(
      seed: 1,
      Measurement(heads: []))
    #expect(trajectory.records.map(\.epoch) == [0])
  }

  /// The number of selected epochs is what counting finds.
  @Test(arguments: ["all", "every=1", "every=3", "every=7", "every=100", "0", "1,1,5,10", "40"])
  func epochsAreCounted(text: String) throws {
    let selection = try EpochSelection(parsing: text)
    for last in [0, 1, 6, 7, 20, 21] {
      let counted = (0...last).count { selection.contains($0, of: RunLength(epochs: last)) }
      #expect(selection.count(of: RunLength(epochs: last)) == counted, "last epoch \(last)")
    }
  }
}

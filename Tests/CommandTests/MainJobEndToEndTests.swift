// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Forward and reverse KL on the long-tailed teacher: what klsim is for.
@Suite struct MainJobEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  static let header = [
    "teacher", "student", "objective", "optimizer", "learning_rate", "init", "seed", "head",
    "epoch", "loss", "fkl", "rkl", "tvd", "entropy", "head_error", "tail_error",
    "head_mass_error", "akl_head_weight",
  ]

  @Test func recordsEveryEpochOfBothObjectives() async throws {
    let table = try await klsim.table("--teacher longtail --epochs 200")
    #expect(table.header == Self.header)
    #expect(table.rows.count == 402)
    let epochs = (0...200).map(\.description)
    #expect(table.column("epoch") == epochs + epochs)
    #expect(
      table.column("objective") == epochs.map { _ in "fkl" } + epochs.map { _ in "rkl" })
    let keys = [
      "teacher": "longtail", "student": "softmax", "optimizer": "adam", "learning_rate": "0.2",
      "init": "torch-uniform", "seed": "1", "head": "mass=0.5",
    ]
    for (column, value) in keys { #expect(Set(table.column(column)) == [value]) }
    for column in Self.header.dropFirst(9) {
      #expect(table.numbers(column).allSatisfy { $0.isFinite }, "\(column)")
    }
  }

  @Test func columnsAgreeWithEachOther() async throws {
    let table = try await klsim.table("--epochs 20")
    for row in table.rows {
      let head = row.number("head_error")
      let tail = row.number("tail_error")
      #expect(abs(head + tail - 2 * row.number("tvd")) <= 1e-14)
      #expect(abs(row.number("akl_head_weight") - head / (head + tail)) <= 1e-14)
      #expect(row["loss"] == row[row["objective"]])
      #expect(abs(row.number("head_mass_error")) <= head)
    }
  }

  @Test(arguments: [("fkl", 57), ("rkl", 80)])
  func convergesAsPublished(objective: String, firstEpoch: Int) async throws {
    let table = try await klsim.table("--teacher longtail --epochs 200 --objective \(objective)")
    let distances = table.numbers("tvd")
    #expect(distances.firstIndex { $0 < 0.01 } == firstEpoch)
    #expect(distances.last.map { $0 < 0.002 } == true)
    #expect(table.rows.last.map { $0.number("fkl") < 1e-3 && $0.number("rkl") < 5e-3 } == true)
  }

  /// `Σ |p − q|` over tokens 0–7, 8–79 and 37–79, of fkl and rkl, to the 5 decimals published.
  @Test(
    arguments: [
      (1, [0.32987, 0.34387], [0.79015, 0.85437], [0.46765, 0.46457]),
      (5, [0.18120, 0.28099], [0.31801, 0.60195], [0.20975, 0.20247]),
      (10, [0.06691, 0.20080], [0.12905, 0.35678], [0.05942, 0.05371]),
      (20, [0.05068, 0.04619], [0.06448, 0.04473], [0.01078, 0.00399]),
      (50, [0.00735, 0.01182], [0.01600, 0.04852], [0.00461, 0.00370]),
    ] as [(Int, [Double], [Double], [Double])])
  func headAndTailErrorsAreThePublishedOnes(
    epoch: Int, head: [Double], tail: [Double], farTail: [Double]
  ) async throws {
    let table = try await klsim.table(
      "--epochs \(epoch) --record \(epoch) --head mass=0.5,count=37"
        + " --objective fkl:reduction=mean,rkl:reduction=mean")
    for (index, objective) in ["fkl:reduction=mean", "rkl:reduction=mean"].enumerated() {
      let half = try table.row(["objective": objective, "head": "mass=0.5"])
      let far = try table.row(["objective": objective, "head": "count=37"])
      #expect(gap(half.number("head_error"), head[index]) <= 0.5e-5)
      #expect(gap(half.number("tail_error"), tail[index]) <= 0.5e-5)
      #expect(gap(far.number("tail_error"), farTail[index]) <= 0.5e-5)
    }
  }

  @Test(arguments: [("fkl", 1.149132e-6), ("rkl", 5.116172e-6)])
  func lastLossesAreThePublishedOnes(objective: String, loss: Double) async throws {
    let table = try await klsim.table(
      "--epochs 800 --record 799 --objective \(objective):reduction=mean")
    let row = try table.row(["epoch": "799"])
    #expect(gap(row.number("loss"), loss) <= 0.5e-12)
  }

  @Test func theCommandIsCalledRunByDefault() async throws {
    let named = try await klsim("run --epochs 3")
    let unnamed = try await klsim("--epochs 3")
    #expect(named.end == .exit(0))
    expectSameText(unnamed.output, named.output)
    expectSameText(unnamed.errors, named.errors)
  }

  /// What users of other programs write is understood, and recorded as klsim names it.
  @Test func otherWordsForOptionsAndComponentsAreTheSame() async throws {
    let familiar = try await klsim("--loss forward-kl,reverse-kl,jsd --lr 0.1 --steps 3 --seeds 2")
    let canonical = try await klsim(
      "--objective fkl,rkl,js --learning-rate 0.1 --epochs 3 --seeds 2")
    #expect(canonical.end == .exit(0))
    expectSameText(familiar.output, canonical.output)
    expectSameText(familiar.errors, canonical.errors)
    try await klsim.expectRefusal(
      Refusal("--objective kl", says: "objective 'kl' can mean fkl or rkl"), code: 64)
  }

  @Test func everyOptionHasTheDocumentedDefault() async throws {
    let plain = try await klsim("--epochs 200 --quiet")
    let spelled = try await klsim(
      "run --teacher longtail --student softmax --objective fkl,rkl --optimizer adam"
        + " --learning-rate 0.2 --init torch-uniform --seed 1 --seeds 1 --head mass=0.5"
        + " --record all --output - --quiet")
    #expect(spelled.end == .exit(0))
    expectSameText(plain.output, spelled.output)
    let unasked = try await klsim("--quiet")
    expectSameText(unasked.output, plain.output)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Files of parameters, with which one fit goes on from another.
@Suite struct ParametersEndToEndTests {
  let klsim: CommandUnderTest

  private static let teacher = "--teacher ngram:text=alice:size=20:order=3:histories=12"
  private static let fit =
    "--objective fkl --optimizer sgd --learning-rate 0.5 --contexts each --quiet"

  init() throws { klsim = try CommandUnderTest() }

  /// Without momentum, epochs in two fits are epochs in one, to the last bit.
  @Test(arguments: ["log-bilinear:rank=3", "low-rank:rank=2:bias=false"])
  func twoFitsAreOne(student: String) async throws {
    let line = "\(Self.teacher) --student \(student) \(Self.fit) --seed 4 --seeds 2"
    let whole = try await klsim.table("\(line) --epochs 7 --parameters-output whole.npy")
    _ = try await klsim.table("\(line) --epochs 4 --parameters-output first.npy")
    let rest = try await klsim.table(
      "\(line) --epochs 3 --init file:path=first.npy:first-seed=4 --parameters-output rest.npy")
    #expect(rest.rows.count == 2 * 12 * 4)
    for row in rest.rows {
      let epoch = try #require(Int(row["epoch"]))
      let other = whole.rows([
        "epoch": "\(epoch + 4)", "seed": row["seed"], "context": row["context"],
      ])
      #expect(other.count == 1)
      for column in rest.header where !["init", "epoch"].contains(column) {
        #expect(row[column] == other.first?[column], "\(column)")
      }
    }
    let files = try ["whole.npy", "rest.npy"].map {
      try Data(contentsOf: URL(filePath: klsim.folder($0)))
    }
    #expect(files[0] == files[1])
    // Magic, version, a dictionary to a multiple of 64 bytes, then float64.
    let count = student.hasPrefix("log") ? 3 * 21 * 3 + 21 : 12 * 2 + 21 * 2
    #expect(files[0].starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]))
    #expect(files[0].count == 128 + 2 * 8 * count)
  }

  /// One row serves every seed; the fit of many minibatches is written as well.
  @Test func oneRowServesAllSeeds() async throws {
    let line = "\(Self.teacher) --student log-bilinear:rank=2 \(Self.fit)"
    _ = try await klsim.table("\(line) --batch 5 --epochs 2 --parameters-output one.npy")
    let table = try await klsim.table(
      "\(line) --init file:path=one.npy --seed 30 --seeds 2 --epochs 1")
    let (first, second) = (table.rows(["seed": "30"]), table.rows(["seed": "31"]))
    #expect(!first.isEmpty)
    #expect(first.map { $0["fkl"] } == second.map { $0["fkl"] })
  }

  @Test(
    arguments: [
      (
        Refusal(
          "--student log-bilinear --parameters-output p.npy", says: "one setup, and there are 2",
          "--objective fkl and rkl"), 64
      ),
      (
        Refusal(
          "--student softmax --objective fkl --parameters-output p.npy", says: "softmax",
          "share no parameters"), 64
      ),
      (
        Refusal(
          "--student log-bilinear --objective fkl --parameters-output p.csv", says: "ends in .npy"),
        64
      ),
      (
        Refusal(
          "--student log-bilinear:rank=3 --init file:path=two.npy",
          says: "a row has 147 numbers", "has 210 parameters", "order E₁"), 65
      ),
      (
        Refusal(
          "--student log-bilinear:rank=2 --seed 3 --init file:path=two.npy",
          says: "of the seeds 1…2, not of seed 3", "first-seed=…"), 65
      ),
      (
        Refusal(
          "--student softmax --init file:path=two.npy:first-seed=2", says: "first-seed=…",
          "one row a context"), 64
      ),
      (
        Refusal("--student softmax --init pretrained", says: "share none", "log-bilinear"), 64
      ),
    ] as [(Refusal, Int32)])
  func whatMakesNoSenseIsRefused(refusal: Refusal, code: Int32) async throws {
    _ = try await klsim.table(
      "\(Self.teacher) --student log-bilinear:rank=2 \(Self.fit) --epochs 0 --seeds 2"
        + " --parameters-output two.npy")
    let line = "\(Self.teacher) --epochs 1 \(refusal.line) --output out.csv"
    try await klsim.expectRefusal(Refusal(line, refusal.says), code: code)
  }

  @Test func inputsAreNotOverwritten() async throws {
    let line = "\(Self.teacher) --student log-bilinear:rank=2 \(Self.fit) --epochs 0"
    _ = try await klsim.table("\(line) --parameters-output p.npy")
    try await klsim.expectRefusal(
      Refusal("\(line) --init file:path=p.npy --parameters-output p.npy", says: "it is an input"),
      code: 73)
  }
}

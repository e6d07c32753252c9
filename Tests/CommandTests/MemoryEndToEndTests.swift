// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimStudies
import KLSimTestSupport
import Testing

@testable import KLSimCommand

/// What a command says that it takes, and what it takes.
@Suite(.serialized) struct MemoryEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// Code, stacks and what the allocator keeps, in bytes.
  private static let overhead = 40e6

  @Test(arguments: [
    "--teacher zipf:size=1048576 --objective fkl --epochs 1",
    "--teacher zipf:size=1048576 --objective fkl --epochs 1 --optimizer natural-gradient",
    "--teacher zipf:size=524288 --objective fkl --epochs 1 --learning-rate 1e-4"
      + " --optimizer gradient-flow",
    "--teacher zipf:size=1048576 --objective tvd --epochs 1 --optimizer rmsprop:momentum=0.9",
    "--teacher zipf:size=1048576 --objective fkl:temperature=2 --epochs 1 --optimizer sgd",
    "--teacher zipf:size=524288 --objective renyi --epochs 1 --metric js,gradient-share",
    "--teacher lognormal:size=524288:samples=1000 --objective rkl --epochs 1",
    "--teacher geometric:size=524288:ratio=1,uniform:size=524288,zipf:size=524288 --epochs 1"
      + " --jobs 2",
    "--teacher zipf:size=65536 --objective fkl --epochs 4 --seeds 2 --snapshots all"
      + " --snapshot-output snapshots.csv",
    "--teacher zipf:size=262144 --student gaussian-mixture:modes=4 --objective fkl --epochs 1",
    "--teacher ngram:text=alice:size=2000:order=3:histories=1000 --student low-rank --epochs 1"
      + " --objective fkl",
    "--teacher uniform:size=4 --objective fkl --epochs 200 --seeds 4000 --aggregate",
    "--teacher permuted-zipf:size=100:contexts=800 --student low-rank:rank=4 --epochs 1"
      + " --objective sinkhorn-batch",
    "sequence --teacher tabular:size=4:length=9 --student tabular --signal gkd --epochs 1",
    "sequence --teacher markov:size=3 --signal seq-fkl --epochs 100000",
    "sequence --teacher markov:size=4:order=8:length=9 --student markov:order=8 --epochs 1"
      + " --signal kl-estimator:k=3 --record 1",
  ])
  func whatIsTakenIsWhatWasSaid(line: String) async throws {
    let line = line + Self.rest(of: line)
    let said = try await needed(by: line)
    let taken = try await klsim.peakMemory(line)
    // Two digits are said.
    #expect(
      taken <= 1.05 * said + Self.overhead, "\(taken / 1e6) MB were taken, \(said / 1e6) said")
    #expect(said <= 2 * taken, "\(said / 1e6) MB were said, \(taken / 1e6) taken")
  }

  /// Some hundred megabytes, beside which what every process takes is little.
  @Test(arguments: [
    "--teacher zipf:size=4194304 --objective fkl --epochs 1",
    "--teacher zipf:size=2097152 --objective fkl --epochs 1 --optimizer natural-gradient",
    "--teacher geometric:size=1048576:ratio=1,uniform:size=1048576,zipf:size=1048576 --epochs 1"
      + " --jobs 2 --objective tvd",
    "--teacher uniform:size=4 --objective fkl --epochs 500000",
    "--teacher uniform:size=4 --objective fkl --epochs 3000 --seeds 256 --jobs 2",
    "--teacher permuted-zipf:size=2000:contexts=1500 --student low-rank:rank=4 --epochs 1"
      + " --objective fkl",
    "sequence --teacher markov:size=3 --signal promptkd --samples 5000000 --epochs 1",
    "sequence --teacher markov:size=3 --signal policy-gradient:baseline=leave-one-out --epochs 1"
      + " --samples 5000000",
    "sequence --teacher markov:size=3 --signal minillm:whiten=true --epochs 1 --samples 3000000",
    "sequence --teacher markov:size=3 --signal score-climbing:candidates=5 --samples 1000000"
      + " --epochs 2 --record 2",
    "sequence --teacher markov:size=2:length=2 --signal seq-fkl --epochs 18000 --seeds 4"
      + " --jobs 2 --head mass=0.2,mass=0.5,mass=0.9,count=1,count=2",
    "sequence --teacher markov:size=4:order=8:length=9 --student markov:order=8 --epochs 1"
      + " --signal snis:candidates=64 --samples 10 --record 1",
    "estimate --teacher markov:size=3 --signal policy-gradient:baseline=leave-one-out --draws 1"
      + " --samples 5000000",
  ])
  func muchIsTakenAsIsSaid(line: String) async throws {
    let line = line + Self.rest(of: line)
    let said = try await needed(by: line)
    let taken = try await klsim.peakMemory(line)
    #expect(taken > 2e8, "\(taken / 1e6) MB are little")
    #expect(taken <= 1.15 * said, "\(taken / 1e6) MB were taken, \(said / 1e6) said")
    #expect(said <= 1.6 * taken, "\(said / 1e6) MB were said, \(taken / 1e6) taken")
  }

  /// The options of a line that it does not say itself; `estimate` has one job, and no progress.
  private static func rest(of line: String) -> String {
    let more = line.contains("--jobs") ? " --quiet" : " --quiet --jobs 1"
    return " --output rows.csv" + (line.hasPrefix("estimate") ? "" : more)
  }

  /// What a refusal says that a command takes, in bytes.
  private func needed(by line: String) async throws -> Double {
    let outcome = try await klsim(line + " --memory 1")
    #expect(outcome.end == .exit(64), "\(outcome.errors)")
    let words = try #require(outcome.errors.firstMatch(of: /about ([0-9.]+ [kMGT]?B) of memory/))
    return try MemoryOptions.bytes(String(words.1))
  }

  @Test func whatIsTooLargeIsRefusedBeforeItIsMade() async throws {
    let outcome = try await klsim(
      "--teacher zipf:size=16777216 --optimizer gradient-flow --jobs 2 --memory 4GB --output r.csv")
    #expect(outcome.end == .exit(64))
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.errors.contains("of memory with 2 jobs, more than the 4 GB that --memory allows"))
    #expect(outcome.errors.contains("hint: another --optimizer than gradient-flow"))
    #expect(outcome.errors.contains("--memory allows more"))
    #expect(try klsim.folder.names().isEmpty)
  }

  /// Where all samples of a step are needed at once, and where every look is kept.
  @Test(arguments: [
    "--signal score-climbing --samples 4000000000000", "--signal promptkd --samples 4000000000000",
    "--signal seqkd --epochs 1000000 --record all --seeds 1000000",
  ])
  func estimatesThatAreTooLargeAreRefused(options: String) async throws {
    let outcome = try await klsim("estimate --teacher markov \(options)")
    #expect(outcome.end == .exit(64) && outcome.output.isEmpty)
    #expect(outcome.errors.contains("B of memory with 1 job, more than the "))
  }

  @Test func oneItemTakesTheSameForAnyNumberOfJobs() async throws {
    let line = "--teacher zipf:size=1000000 --objective fkl --epochs 1"
    let said = [try await needed(by: line + " --jobs 1"), try await needed(by: line + " --jobs 8")]
    #expect(said[0] == said[1])
  }

  @Test func aStudyIsPrintedWhateverItTakes() async throws {
    let outcome = try await klsim("--teacher zipf:size=1000000 --print-study --memory 1MB")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    #expect(outcome.output.contains("zipf:size=1000000"))
  }

  @Test func fewerJobsMayFit() async throws {
    let line = "--teacher zipf:size=1000000 --optimizer natural-gradient --objective fkl,rkl,tvd"
    let (one, three) = (
      try await needed(by: line + " --jobs 1"), try await needed(by: line + " --jobs 3")
    )
    let between = Int((one + three) / 2)
    let outcome = try await klsim(line + " --jobs 3 --memory \(between)")
    #expect(
      outcome.errors.contains(/klsim: hint: --jobs [12], which takes about/), "\(outcome.errors)")
  }

  @Test func aSweepSaysWhatItTakes() async throws {
    try klsim.folder.write(
      "teacher: zipf:size=1000\nepochs: 3\nseeds: 2\n", to: "study.yaml")
    let text = try await klsim("sweep study.yaml --dry-run --jobs 2")
    #expect(text.end == .exit(0))
    #expect(text.output.contains(/about [0-9.]+ MB of memory with --jobs 2\n/))
    let tight = try await klsim("sweep study.yaml --dry-run --jobs 2 --memory 1MB")
    #expect(tight.end == .exit(0))
    #expect(tight.output.contains("with --jobs 2, more than the 1 MB that --memory allows\n"))
    let refused = try await klsim("sweep study.yaml --output s --jobs 2 --memory 1MB")
    #expect(refused.end == .exit(64))
    #expect(refused.errors.contains("more than the 1 MB that --memory allows"))
    #expect(try klsim.folder.names() == ["study.yaml"])
    let tables = try await klsim("sweep study.yaml --output s --format json")
    #expect(tables.end == .exit(64))
    #expect(tables.errors.contains("--format json goes with --dry-run alone"))
  }

  /// What is known of each chunk takes memory, however small the chunks are.
  @Test(arguments: ["fit", "sequence"])
  func aSweepOfTooManyChunksIsRefused(experiment: String) async throws {
    try klsim.folder.write(
      "experiment: \(experiment)\nepochs: 20\nseeds: 4000000000000000000\n", to: "study.yaml")
    let refused = try await klsim("sweep study.yaml --output s --jobs 1")
    #expect(refused.end == .exit(64))
    #expect(refused.errors.contains(/about [0-9.e+]+ TB of memory with 1 job, more than the/))
    #expect(refused.errors.contains("hint: fewer choices or seeds of the study;"))
    #expect(try klsim.folder.names() == ["study.yaml"])
    let estimate = try await klsim("sweep study.yaml --dry-run --jobs 1")
    #expect(estimate.end == .exit(0))
    #expect(estimate.output.contains(/about [0-9.e+]+ TB of memory with --jobs 1, more than the/))
  }

  /// Like --jobs, the limit is none of the study.
  @Test func aSweepGoesOnUnderAnotherLimit() async throws {
    try klsim.folder.write("teacher: zipf:size=8\nepochs: 3\n", to: "study.yaml")
    for limit in ["--memory 10GB", "--memory 5GiB", ""] {
      let outcome = try await klsim("sweep study.yaml --output s \(limit)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
    }
  }

  @Test(arguments: ["2 giga", "0", "-1", "GB", "1e9", "2G", "1.2.3GB", "nan"])
  func badSizes(size: String) async throws {
    let outcome = try await klsim(["--memory=\(size)", "--epochs", "1"])
    #expect(outcome.end == .exit(64))
    #expect(outcome.errors.contains("a size such as 512MB, 2GB or 2GiB"), "\(outcome.errors)")
  }

  @Test func sizes() throws {
    let sizes: [(String, Double)] = [
      ("1", 1), ("512MB", 512e6), ("2GB", 2e9), ("2GiB", 0x1p31), ("1.5 kb", 1500),
      ("3KiB", 3072), ("1TiB", 0x1p40), ("7B", 7),
    ]
    for (text, bytes) in sizes { #expect(try MemoryOptions.bytes(text) == bytes) }
  }

  /// Both versions of control groups, each with limits around it; `max` and what is missing are no limits.
  @Test func limitsOfControlGroups() throws {
    let folder = klsim.folder
    for group in ["a/b", "memory/job"] {
      try FileManager.default.createDirectory(
        atPath: folder(group), withIntermediateDirectories: true)
    }
    for (path, text) in [
      ("memory.max", "max\n"), ("a/memory.max", "3000000000\n"), ("a/b/memory.max", "max\n"),
      ("memory/job/memory.limit_in_bytes", "2000000\n"),
      ("memory/memory.limit_in_bytes", "9223372036854771712\n"),
    ] {
      try folder.write(text, to: path)
    }
    func limits(_ groups: String) -> [Double] {
      SystemMemory.groupLimits(groups, in: folder.path)
    }
    #expect(limits("0::/a/b/c") == [3e9])
    #expect(limits("0::/") == [])
    #expect(
      limits("12:cpu,cpuacct:/job\n5:memory:/job/gone\n0::/x") == [9_223_372_036_854_771_712, 2e6])
  }

  @Test func theProcessHasMemory() {
    #expect(SystemMemory.limit.bytes > SystemMemory.resident)
    #expect(SystemMemory.resident > 1e6)
  }
}

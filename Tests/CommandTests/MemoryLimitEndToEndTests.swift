// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimStudies
import KLSimTestSupport
import Testing

@testable import KLSimCommand

/// Whose limit a command keeps, and what is advised where it does not suffice.
@Suite(.serialized) struct MemoryLimitEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// The first advice is on the largest part.
  @Test(arguments: [
    ("--teacher zipf:size=1000000 --objective fkl", "fewer tokens;"),
    (
      "--teacher zipf:size=1000000 --optimizer gradient-flow",
      "another --optimizer than gradient-flow"
    ),
    ("--teacher zipf:size=5000 --objective sinkhorn", "another --objective than sinkhorn"),
    ("--teacher uniform:size=4 --epochs 1000000", "fewer epochs in --record;"),
    (
      "--teacher uniform:size=4 --epochs 1000 --seeds 10000 --aggregate",
      "fewer epochs in --record, or rows of single runs"
    ),
    (
      "--teacher zipf:size=100000 --epochs 100 --snapshots all --snapshot-output s.csv",
      "fewer epochs in --snapshots;"
    ),
    (
      "--teacher permuted-zipf:size=1000:contexts=1000 --student low-rank --objective fkl"
        + " --epochs 1",
      "updates of fewer contexts by --batch"
    ),
    (
      "--teacher permuted-zipf:size=1000:contexts=1000 --student low-rank --objective fkl"
        + " --epochs 1 --batch 10",
      "fewer contexts or tokens"
    ),
    (
      "--teacher permuted-zipf:size=1000:contexts=10 --student low-rank:rank=1000 --objective fkl",
      "a smaller --student than low-rank:rank=1000"
    ),
    ("sequence --signal score-climbing --samples 100000000", "fewer --samples;"),
    (
      "sequence --teacher tabular:size=4:length=9 --student tabular --signal seqkd --epochs 1",
      "a lower order or length, or fewer tokens;"
    ),
    ("sequence --signal seq-fkl --epochs 1000000", "fewer epochs in --record;"),
  ])
  func theLargestPartIsNamed(line: String, advice: String) async throws {
    let outcome = try await klsim(line + " --memory 1MB --jobs 1 --output rows.csv")
    #expect(outcome.end == .exit(64))
    #expect(outcome.errors.contains("klsim: hint: \(advice)"), "\(outcome.errors)")
    #expect(outcome.errors.contains("more than the 1 MB that --memory allows"))
    #expect(try klsim.folder.names().isEmpty)
  }

  /// What a sweep takes is in its study, and no option of the command.
  @Test func aSweepIsAdvisedOnItsStudy() async throws {
    try klsim.folder.write(
      "teacher: zipf:size=1000000\noptimizer: gradient-flow\nepochs: 3\n", to: "study.yaml")
    let outcome = try await klsim("sweep study.yaml --output s --jobs 1 --memory 100MB")
    #expect(outcome.end == .exit(64))
    #expect(
      outcome.errors.contains("hint: another optimizer of the study than gradient-flow, which"),
      "\(outcome.errors)")
    #expect(!outcome.errors.contains("--optimizer"))
  }

  /// Samples that are there at once are refused, not allocated; the same number of others is no matter.
  @Test(arguments: [
    ("score-climbing", true), ("promptkd", true), ("policy-gradient:baseline=leave-one-out", true),
    ("minillm:form=code", true), ("gkd-samples:reduction=token-mean", false),
    ("policy-gradient", false), ("gkd-samples:mixing=coin", false), ("seqkd", false),
  ])
  func samplesThatAreThereAtOnce(signal: String, areMany: Bool) async throws {
    let line = "sequence --signal \(signal) --samples 4611686018427387904 --epochs 0 --quiet"
    let outcome = try await klsim(line + " --output rows.csv")
    #expect(outcome.end == .exit(areMany ? 64 : 0), "\(outcome.errors)")
    #expect(outcome.errors.contains("hint: fewer --samples") == areMany)
  }

  /// With an end token, sequences and so the tokens of a step are of any number.
  @Test func anEndTokenMakesSamplesDepend() async throws {
    let line =
      "sequence --teacher markov:eos=0 --signal gkd-samples:reduction=token-mean --epochs 0"
      + " --samples 4611686018427387904"
    #expect(try await klsim(line).errors.contains("hint: fewer --samples"))
  }

  #if os(Linux)
    /// A refusal under a limit of the address space names the limit that is enough; with a tenth more it is.
    @Test(arguments: [
      "--teacher zipf:size=8388608 --objective fkl --epochs 1 --jobs 1",
      "--teacher zipf:size=2097152 --epochs 1 --jobs 2 --optimizer natural-gradient",
      "--teacher uniform:size=4 --objective fkl --epochs 1000000 --jobs 1",
      "--teacher uniform:size=4 --objective fkl --epochs 3000 --seeds 400 --jobs 4",
      "sequence --signal policy-gradient:baseline=mean --samples 10000000 --epochs 1 --jobs 1",
      "sequence --signal seq-fkl --teacher markov:size=2:length=2 --epochs 130000 --seeds 4 --jobs 2",
    ])
    func theNamedLimitOfTheAddressSpaceIsEnough(line: String) async throws {
      let script = "exec \"$klsim\" \(line) --output rows.csv --quiet"
      let refused = try await klsim.shell("ulimit -v 400000; \(script)")
      #expect(refused.end == .exit(64), "\(refused.errors)")
      #expect(refused.errors.contains("B that 'ulimit -v' leaves"))
      let words = try #require(
        refused.errors.firstMatch(of: /'ulimit -v ([0-9]+)' allows it/), "\(refused.errors)")
      let limit = try #require(Int(words.1))
      let outcome = try await klsim.shell("ulimit -v \(limit + limit / 10); \(script)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
    }

    /// Where klsim is loaded but threads have no room, it says what has; it neither waits for them nor traps.
    @Test func anAddressSpaceWithoutRoomForThreads() async throws {
      var named: [Int] = []
      for limit in stride(from: 60_000, through: 300_000, by: 10_000) {
        let outcome = try await klsim.shell(
          "ulimit -v \(limit); exec \"$klsim\" --epochs 1 --quiet --output rows.csv")
        guard let words = outcome.errors.firstMatch(of: /'ulimit -v ([0-9]+)' is enough to start/)
        else { continue }
        #expect(outcome.end == .exit(64))
        named.append(try #require(Int(words.1)))
      }
      let limit = try #require(named.max())
      let outcome = try await klsim.shell(
        "ulimit -v \(limit + limit / 100); exec \"$klsim\" --epochs 1 --quiet --output rows.csv")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
    }
  #endif

  /// The lowest limit counts, and whose it is is said.
  @Test func whoseLimitItIs() {
    let need = 5e9
    let sources: [(MemoryLimit.Source, String, String)] = [
      (.option, "2 GB that --memory allows", "--memory allows more"),
      (.machine, "2 GB that this machine has", "--memory allows more"),
      (
        .controlGroup, "2 GB that the control group of this process may have",
        "--memory allows more"
      ),
      (
        .addressSpace(unused: 24), "2 GB that 'ulimit -v' leaves", "'ulimit -v 4948349' allows it"
      ),
    ]
    for (source, words, allowance) in sources {
      let limit = MemoryLimit(bytes: 2e9, source: source, used: 0, jobs: 1)
      #expect(limit.excess == "more than the \(words)")
      #expect(source.allowance(of: need) == allowance)
    }
    #expect(SystemMemory.limit(of: 1).bytes == 1)
    #expect(SystemMemory.limit(of: 1).source == .option)
    #expect(SystemMemory.limit(of: .infinity).bytes >= SystemMemory.limit.bytes)
  }
}

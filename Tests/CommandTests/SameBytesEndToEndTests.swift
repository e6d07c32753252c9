// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// The same experiment gives the same bytes, however it is asked for.
@Suite struct SameBytesEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  static let teachers = [
    "longtail", "zipf:size=50", "dirichlet:size=20", "longtail:size=30:samples=100",
  ]
  static let objectives = ["fkl", "rkl", "akl:mu=0.8"]

  /// 70 seeds do not fit into one batch of seeds that are fitted in step.
  @Test func anyNumberOfJobs() async throws {
    let line =
      "--teacher \(Self.teachers.joined(separator: ","))"
      + " --objective \(Self.objectives.joined(separator: ",")) --seeds 70 --epochs 4"
      + " --record every=2 --metric js,log-ratio,top1 --snapshots 3"
    let one = try await klsim("\(line) --jobs 1 --output 1.csv --snapshot-output s1.csv")
    let two = try await klsim("\(line) --jobs 2 --output 2.csv --snapshot-output s2.csv")
    let many = try await klsim("\(line) --jobs 9 --output 9.csv --snapshot-output s9.csv")
    for outcome in [one, two, many] { #expect(outcome.end == .exit(0), "\(outcome.errors)") }
    expectSameText(two.errors, one.errors)
    expectSameText(many.errors, one.errors)
    let text = try klsim.folder.text(of: "1.csv")
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 1 + 4 * 3 * 70 * 3)
    expectSameText(try klsim.folder.text(of: "2.csv"), text)
    expectSameText(try klsim.folder.text(of: "9.csv"), text)
    let snapshots = try klsim.folder.text(of: "s1.csv")
    #expect(snapshots.utf8.count { $0 == UInt8(ascii: "\n") } == 1 + (80 + 50 + 20 + 30) * 3 * 70)
    expectSameText(try klsim.folder.text(of: "s2.csv"), snapshots)
    expectSameText(try klsim.folder.text(of: "s9.csv"), snapshots)
  }

  /// Small and large vocabularies, every blend and optimizer: the lanes change, the bytes do not.
  @Test func everyInstructionSet() async throws {
    let line =
      "--teacher longtail,zipf:size=1030,dirichlet:size=20"
      + " --objective fkl,rkl,akl,mix:reduction=mean --optimizer adam,sgd:momentum=0.9 --seeds 9"
      + " --epochs 3 --head mass=0.5,count=3 --metric js,log-ratio,top1 --quiet"
    let sets = VectorKernels.allCases.filter { $0 != .plain && $0.isAvailable }
    var texts: [String] = []
    for kernels in sets {
      let outcome = try await klsim.shell("KLSIM_KERNELS=\(kernels.rawValue) \"$klsim\" \(line)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
      texts.append(outcome.output)
    }
    let best = try await klsim(line).output
    #expect(best.utf8.count { $0 == UInt8(ascii: "\n") } == 1 + 3 * 4 * 2 * 9 * 4 * 2)
    for text in texts { expectSameText(text, best) }
  }

  @Test func everyInstructionSetHasTheSameGradient() async throws {
    let line = "gradient --teacher zipf:size=1030 --objective ikl --init normal:sigma=2"
    let best = try await klsim(line)
    for kernels in VectorKernels.allCases where kernels.isAvailable {
      let outcome = try await klsim.shell("KLSIM_KERNELS=\(kernels.rawValue) \"$klsim\" \(line)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
      // The plain loops round otherwise.
      #expect((outcome.output == best.output) == (kernels != .plain), "\(kernels)")
      #expect((outcome.errors == best.errors) || kernels == .plain, "\(kernels)")
    }
  }

  @Test(arguments: ["--epochs 1", "gradient", "reproduce akl"])
  func kernelsThatAreNotThereAreRefused(line: String) async throws {
    let outcome = try await klsim.shell("KLSIM_KERNELS=mmx \"$klsim\" \(line)")
    #expect(outcome.end == .exit(64))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains("KLSIM_KERNELS=mmx: this processor has plain, baseline"))
  }

  @Test func oneByOneOrTogether() async throws {
    let rest = "--epochs 3 --head mass=0.5,count=3 --quiet"
    let together = try await klsim(
      "--teacher \(Self.teachers.joined(separator: ","))"
        + " --objective \(Self.objectives.joined(separator: ",")) --seeds 70 \(rest)")
    var rows: [Substring] = []
    for teacher in Self.teachers {
      for objective in Self.objectives {
        for (first, count) in [(1, 1), (2, 65), (67, 4)] {
          let part = try await klsim(
            "--teacher \(teacher) --objective \(objective) --seed \(first) --seeds \(count)"
              + " \(rest)")
          let lines = part.output.split(separator: "\n")
          if rows.isEmpty { rows = Array(lines.prefix(1)) }
          rows += lines.dropFirst()
        }
      }
    }
    expectSameText(together.output, rows.joined(separator: "\n") + "\n")
  }

  @Test(arguments: teachers)
  func askedTwice(teacher: String) async throws {
    let line = "--teacher \(teacher) --optimizer sgd:momentum=0.9 --epochs 5 --seed 7"
    let first = try await klsim(line)
    let second = try await klsim(line)
    #expect(first.end == .exit(0))
    expectSameText(second.output, first.output)
    expectSameText(second.errors, first.errors)
  }

  @Test(arguments: ["dirichlet:size=5", "lognormal:size=5", "pareto:size=5", "uniform:jitter=1"])
  func everySeedHasARandomTeacherOfItsOwn(teacher: String) async throws {
    let table = try await klsim.table(
      "--teacher \(teacher) --objective fkl --init zeros --seeds 3 --epochs 0 --quiet")
    #expect(Set(table.column("loss")).count == 3)
  }

  /// What a file says about its rows is enough to make them again.
  @Test func keyColumnsAskForTheSameRows() async throws {
    let line =
      "--teacher zipf:exponent=1.50:size=12,longtail:jitter=1e-2:size=8"
      + " --objective mix:lambda=.25 --optimizer adam:epsilon=1e-6,sgd:nesterov=true:momentum=0.5"
      + " --learning-rate 5e-2 --init normal:sigma=3.0 --seed 11 --epochs 2 --head rank=.25"
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let table = try Table(outcome.output)
    #expect(table.rows.count == 12)
    var lines = outcome.output.split(separator: "\n").prefix(1)
    for row in table.rows where row["epoch"] == "0" {
      let again = try await klsim(
        "--teacher \(row["teacher"]) --student \(row["student"]) --objective \(row["objective"])"
          + " --optimizer \(row["optimizer"]) --learning-rate \(row["learning_rate"])"
          + " --init \(row["init"]) --seed \(row["seed"]) --head \(row["head"]) --epochs 2")
      lines += again.output.split(separator: "\n").dropFirst()
    }
    expectSameText(lines.joined(separator: "\n") + "\n", outcome.output)
  }
}

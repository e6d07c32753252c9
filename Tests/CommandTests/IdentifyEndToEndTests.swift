// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// `klsim points` and `klsim identify`.
@Suite struct IdentifyEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// Points of which the gradient is `q − p`, or its sign turned, as CSV.
  private func write(factor: Double = 1, broken: String? = nil) async throws {
    let points = try await klsim("points --points 6 --vocabulary 5 --kinds random,near --seed 3")
    #expect(points.end == .exit(0))
    let table = try Table(points.output)
    #expect(table.header == ["context", "token", "teacher_logits", "p", "z"])
    let (z, p) = (table.numbers("z"), table.numbers("p"))
    var lines = ["context,token,p,z,g"]
    for row in z.indices {
      let point = row / 5
      let total = z[5 * point..<5 * point + 5].reduce(0) { $0 + exp($1) }
      let g = factor * (exp(z[row]) / total - p[row])
      lines.append(
        "\(point),\(row % 5),\(p[row]),\(z[row]),\(row == 12 ? broken ?? "\(g)" : "\(g)")")
    }
    try klsim.folder.write(lines.joined(separator: "\n") + "\n", to: "asked.csv")
  }

  @Test func pointsAreTheSameForTheSameSeed() async throws {
    for (seed, name) in [(4, "a.npz"), (4, "b.npz"), (5, "c.npz")] {
      let outcome = try await klsim("points --points 7 --seed \(seed) --output \(name)")
      #expect(outcome.end == .exit(0))
    }
    let bytes = try ["a.npz", "b.npz", "c.npz"].map {
      try Data(contentsOf: URL(filePath: klsim.folder($0)))
    }
    #expect(bytes[0] == bytes[1])
    #expect(bytes[0] != bytes[2])
    let identified = try await klsim("identify a.npz")
    #expect(identified.end == .exit(65))
    #expect(identified.errors.contains("no array 'g'"))
  }

  @Test func forwardKLIsNamedAndNotReverseKL() async throws {
    try await write()
    let outcome = try await klsim("identify asked.csv --expect fkl")
    #expect(outcome.end == .exit(0))
    #expect(outcome.output.hasPrefix("fkl: forward KL, KL(p‖q), × 1, to "))
    #expect(outcome.output.contains("You asked for fkl: that is it."))
    let other = try await klsim("identify asked.csv --expect rkl --nearest 0")
    #expect(other.end == .exit(1))
    #expect(other.output.contains("You asked for rkl: the direction is swapped."))
  }

  @Test func aTurnedSignIsNotWhatWasAskedFor() async throws {
    try await write(factor: -1)
    let outcome = try await klsim("identify asked.csv --expect fkl --format json")
    #expect(outcome.end == .exit(1))
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let match = try #require(json["match"] as? [String: Any])
    #expect(match["objective"] as? String == "fkl")
    #expect(match["factor_names"] as? [String] == ["-1"])
    #expect(json["as_expected"] as? Bool == false)
  }

  @Test func aGradientThatIsNotFiniteIsReportedWithItsPoint() async throws {
    try await write(broken: "nan")
    let outcome = try await klsim("identify asked.csv --expect fkl")
    #expect(outcome.end == .exit(1))
    #expect(outcome.output.contains("point 2 has nan at token 2"))
  }

  /// However large the tolerance is, small derivatives are not rounding.
  @Test func aSmallGradientIsNotZero() async throws {
    try await write(factor: 1e-4, broken: "0.01")
    let outcome = try await klsim("identify asked.csv --tolerance 0.1")
    #expect(outcome.end == .exit(0))
    #expect(!outcome.output.contains("The gradient is 0"), "\(outcome.output)")
  }

  @Test(arguments: [
    ("identify missing.npz", 66, "no such file"), ("points --points 0", 64, "--points 0"),
    ("points --kinds randm", 64, "random"), ("identify asked.csv --tolerance 2", 64, "--tolerance"),
    ("identify asked.csv", 65, "no column 'g'"),
    ("points --vocabulary 4097", 64, "at most 4096 tokens"),
    ("points --output points.txt", 64, ".npz, .csv or .csv.gz"),
    ("points --output points.jsonl", 64, ".npz, .csv or .csv.gz"),
  ])
  func whatIsWrongIsSaid(line: String, code: Int32, reason: String) async throws {
    try klsim.folder.write("context,token,p,z\n0,0,1,0\n", to: "asked.csv")
    let outcome = try await klsim(line)
    #expect(outcome.end == .exit(code))
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
  }

  @Test(arguments: [
    ("context,token,p,g\n0,0,1,0\n", "no column 'z'"),
    ("context,token,z,g\n0,0,1,0\n", "no column 'teacher_logits' or 'p'"),
    ("context,token,p,z,g\n0,0,0.5,0,1\n0,1,0.4,0,-1\n", "point 0: 'p' sums to 0.9"),
    ("context,token,p,z,g\n0,0,0.5,inf,1\n0,1,0.5,0,-1\n", "point 0, token 0: z is inf"),
    ("context,token,p,z,g\n0,0,0.5,x,1\n0,1,0.5,0,-1\n", "line 2"),
    ("context,token,p,z,g\n0,0,1.5,0,1\n0,1,-0.5,0,-1\n", "point 0: the teacher"),
    ("context,token,p,z,g\n0,0,0.5,0,0\n0,1,0.5,0,0\n", "0 everywhere"),
    ("context,token,p,z,g\n0,0,0.5,0,nan\n0,1,0.5,0,nan\n", "point 0, token 0, it is nan"),
    ("context,token,p,z,g\n0,0,1,0,1\n", "at least 2"),
  ])
  func malformedPointsAreRefusedByWhatAndWhere(text: String, reason: String) async throws {
    try klsim.folder.write(text, to: "asked.csv")
    let outcome = try await klsim("identify asked.csv")
    #expect(outcome.end == .exit(65))
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(reason), "\(outcome.errors)")
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// `klsim gradient` against worked values.
@Suite struct GradientEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  /// A worked value: good to 11 decimals.
  struct Worked: CustomTestStringConvertible {
    let objective: String
    let loss: Double
    let gradient: [Double]

    var testDescription: String { objective }
  }

  static let precision = 1e-11

  /// At p = (.5, .3, .15, .05), z = (.2, −.1, .4, 0).
  static let worked = [
    Worked(
      objective: "soft-ce", loss: 1.399975758871,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    Worked(
      objective: "fkl", loss: 0.257855715883,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    Worked(
      objective: "rkl", loss: 0.313316001776,
      gradient: [-0.251297728047, -0.144857959734, 0.146605162964, 0.249550524817]),
    Worked(
      objective: "mix:lambda=0.9", loss: 0.307769973187,
      gradient: [-0.249719587982, -0.140778731387, 0.149248755388, 0.241249563980]),
    Worked(
      objective: "jeffreys", loss: 0.571171717659,
      gradient: [-0.486814055442, -0.248923635995, 0.319646250172, 0.416091441266]),
    Worked(
      objective: "akl:mu=0.5", loss: 0.294083824115,
      gradient: [-0.245825150757, -0.130712261955, 0.155772450574, 0.220764962139]),
    Worked(
      objective: "akl:mu=0.8", loss: 0.285585858829,
      gradient: [-0.243407027721, -0.124461817998, 0.159823125086, 0.208045720633]),
  ]

  private func writePoint() throws -> String {
    try klsim.folder.write("0.5\n0.3\n0.15\n0.05\n", to: "p.csv")
    try klsim.folder.write("0.2\n-0.1\n0.4\n0\n", to: "z.csv")
    return "--teacher-file p.csv --logits-file z.csv"
  }

  /// The number after a word at the start of a line.
  private func number(_ name: String, in text: String) -> Double {
    let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
    return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? .nan
  }

  @Test(arguments: worked)
  func lossAndGradientAreTheWorkedOnes(_ worked: Worked) async throws {
    let outcome = try await klsim("gradient --objective \(worked.objective) \(writePoint())")
    #expect(outcome.end == .exit(0))
    let table = try Table(outcome.output)
    #expect(table.header == ["token", "p", "z", "q", "gradient"])
    #expect(table.column("token") == ["0", "1", "2", "3"])
    #expect(table.column("p") == ["0.5", "0.3", "0.15", "0.05"])
    #expect(table.numbers("z") == [0.2, -0.1, 0.4, 0])
    #expect(abs(table.numbers("q").reduce(0, +) - 1) <= 1e-15)
    #expect(worstGap(table.numbers("gradient"), worked.gradient) <= Self.precision)
    #expect(gap(number("loss", in: outcome.errors), worked.loss) <= Self.precision)
  }

  @Test(arguments: worked)
  func meanDividesByTheVocabulary(_ worked: Worked) async throws {
    let specification = "\(worked.objective):reduction=mean"
    let outcome = try await klsim("gradient --objective \(specification) \(writePoint())")
    let gradient = try Table(outcome.output).numbers("gradient")
    #expect(worstGap(gradient, worked.gradient.map { $0 / 4 }) <= Self.precision)
    #expect(gap(number("loss", in: outcome.errors), worked.loss / 4) <= Self.precision)
  }

  @Test(arguments: worked)
  func tokensKeepTheirPlaces(_ worked: Worked) async throws {
    try klsim.folder.write("0.05\n0.5\n0.15\n0.3\n", to: "p.csv")
    try klsim.folder.write("0\n0.2\n0.4\n-0.1\n", to: "z.csv")
    let table = try await klsim.table(
      "gradient --objective \(worked.objective) --teacher-file p.csv --logits-file z.csv")
    let permuted = [3, 0, 2, 1].map { worked.gradient[$0] }
    #expect(table.column("token") == ["0", "1", "2", "3"])
    #expect(table.column("p") == ["0.05", "0.5", "0.15", "0.3"])
    #expect(worstGap(table.numbers("gradient"), permuted) <= Self.precision)
  }

  @Test(
    arguments: [
      ("exclusive", 0.5, 0.153169911492), ("inclusive", 0.646832763190, 0.152989165556),
    ])
  func headRulesWeighAsWorkedOut(rule: String, weight: Double, loss: Double) async throws {
    try klsim.folder.write("0.45\n0.3\n0.15\n0.1\n", to: "p.csv")
    try klsim.folder.write("0\n0.5\n-0.3\n0.1\n", to: "z.csv")
    let outcome = try await klsim(
      "gradient --objective akl:mu=0.5:head-rule=\(rule)"
        + " --teacher-file p.csv --logits-file z.csv")
    #expect(outcome.end == .exit(0))
    #expect(gap(number("loss", in: outcome.errors), loss) <= Self.precision)
    #expect(gap(number("akl_head_weight", in: outcome.errors), weight) <= Self.precision)
    #expect(gap(number("akl_tail_weight", in: outcome.errors), 1 - weight) <= Self.precision)
    let count = rule == "inclusive" ? 2 : 1
    #expect(outcome.errors.contains("head mass=0.5:rule=\(rule), \(count) of 4 tokens"))
  }

  @Test func weightsBlendTheTwoLosses() async throws {
    let outcome = try await klsim("gradient --objective akl \(writePoint())")
    let (forward, reverse) = (0.257855715883, 0.313316001776)
    let weight = number("akl_head_weight", in: outcome.errors)
    let loss = number("loss", in: outcome.errors)
    #expect(gap(weight * forward + (1 - weight) * reverse, loss) <= Self.precision)
  }

  @Test func weightsOfOtherObjectivesAreTakenAtTheHeadAskedFor() async throws {
    try klsim.folder.write("0.45\n0.3\n0.15\n0.1\n", to: "p.csv")
    try klsim.folder.write("0\n0.5\n-0.3\n0.1\n", to: "z.csv")
    let outcome = try await klsim(
      "gradient --objective fkl --head mass=0.5:rule=inclusive"
        + " --teacher-file p.csv --logits-file z.csv")
    #expect(gap(number("akl_head_weight", in: outcome.errors), 0.646832763190) <= Self.precision)
  }

  @Test func aNamedOutputHoldsTheTableAndQuietSaysNothing() async throws {
    let point = try writePoint()
    let printed = try await klsim("gradient \(point)")
    let written = try await klsim("gradient \(point) --output g.csv --quiet")
    #expect(written.end == .exit(0))
    #expect(written.output.isEmpty)
    #expect(written.errors.isEmpty)
    expectSameText(try klsim.folder.text(of: "g.csv"), printed.output)
    #expect(try klsim.folder.names() == ["g.csv", "p.csv", "z.csv"])
  }

  @Test(
    arguments: [
      Refusal("--logits-file z3.csv", says: "z3.csv: 3 logits for a teacher of 4 tokens"),
      Refusal("--logits-file nan.csv", says: "nan.csv", "token 1", "nan"),
      Refusal("--logits-file empty.csv", says: "empty.csv", "empty"),
    ])
  func badDataIsRefused(_ refusal: Refusal) async throws {
    let folder = klsim.folder
    try folder.write("0.5\n0.3\n0.15\n0.05\n", to: "p.csv")
    try folder.write("1\n2\n3\n", to: "z3.csv")
    try folder.write("1\nnan\n3\n4\n", to: "nan.csv")
    try folder.write("", to: "empty.csv")
    let line = "gradient --teacher-file p.csv \(refusal.line) --output g.csv"
    try await klsim.expectRefusal(Refusal(line, refusal.says), code: 65)
    try await klsim.expectRefusal(
      Refusal("gradient --teacher-file p.csv --head count=5", says: "count=5", "4 tokens"), code: 64
    )
  }

  @Test(
    arguments: [
      Refusal("--logits-file z.csv --init zeros", says: "--logits-file", "--init", "take one"),
      Refusal("--logits-column a", says: "--logits-column", "--logits-file", "missing"),
      Refusal("--teacher longtail,zipf", says: "one teacher, not 2"),
      Refusal("--objective fkl,rkl", says: "unknown objective 'fkl,rkl'", "klsim list objectives"),
      Refusal("--objective akl --head mass=0.3", says: "akl has a head of its own", "akl:mu="),
      Refusal("--epochs 3", says: "--epochs"),
    ])
  func badUsageIsRefused(_ refusal: Refusal) async throws {
    try klsim.folder.write("0\n", to: "z.csv")
    let line = "gradient \(refusal.line) --output g.csv"
    try await klsim.expectRefusal(Refusal(line, refusal.says), code: 64)
  }

  @Test func lossesThatAreNotFiniteAreSaid() async throws {
    let outcome = try await klsim("gradient --objective rkl:temperature=1e-308")
    #expect(outcome.end == .exit(0) && outcome.output.contains("nan"))
    #expect(outcome.errors.contains("klsim: warning: the loss or its gradient is infinite"))
    #expect(outcome.errors.contains("\nloss nan\n"))
  }

  @Test func aMissingLogitsFileIsRefused() async throws {
    try await klsim.expectRefusal(
      Refusal("gradient --logits-file z.csv", says: "z.csv: no such file"), code: 66)
  }
}

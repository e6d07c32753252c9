// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Where head ends and tail begins.
@Suite struct HeadRuleTests {
  /// A teacher, a rule, and the tokens that are head.
  struct Example: Sendable, CustomStringConvertible {
    let p: [Double]
    let rule: String
    let head: Set<Int>
    var description: String { "\(rule) of \(p)" }
  }

  /// Those of the mathematical specification, and the ends of μ.
  static let examples = [
    Example(p: [0.45, 0.3, 0.15, 0.1], rule: "mass=0.5", head: [0]),
    Example(p: [0.45, 0.3, 0.15, 0.1], rule: "mass=0.5:rule=inclusive", head: [0, 1]),
    Example(p: [0.7, 0.1, 0.1, 0.1], rule: "mass=0.5", head: [0]),
    Example(p: [0.7, 0.1, 0.1, 0.1], rule: "mass=0.5:rule=inclusive", head: [0]),
    Example(p: [0.25, 0.25, 0.25, 0.25], rule: "mass=0.5", head: [0, 1]),
    Example(p: [0.25, 0.25, 0.25, 0.25], rule: "mass=0.5:rule=inclusive", head: [0, 1]),
    Example(p: [0.1, 0.2, 0.3, 0.4], rule: "mass=0.5", head: [3]),
    Example(p: [0.1, 0.2, 0.3, 0.4], rule: "mass=0.5:rule=inclusive", head: [2, 3]),
    Example(p: [0.25, 0.5, 0.25], rule: "mass=0", head: [1]),
    Example(p: [0.25, 0.5, 0.25], rule: "mass=0:rule=inclusive", head: [1]),
    Example(p: [0.25, 0.5, 0.25], rule: "mass=1", head: [0, 1, 2]),
    Example(p: [0.25, 0.5, 0.25], rule: "mass=1:rule=inclusive", head: [0, 1, 2]),
    Example(p: [0.5, 0.5, 0], rule: "mass=1", head: [0, 1, 2]),
    Example(p: [1], rule: "mass=0.5", head: [0]),
    Example(p: [0.25, 0.5, 0.25], rule: "count=2", head: [0, 1]),
    Example(p: [0.25, 0.5, 0.25], rule: "count=3", head: [0, 1, 2]),
    Example(p: [0.25, 0.5, 0.25], rule: "rank=0.01", head: [1]),
    Example(p: [0.25, 0.5, 0.25], rule: "rank=0.34", head: [0, 1]),
    Example(p: [0.25, 0.5, 0.25], rule: "rank=1", head: [0, 1, 2]),
  ]

  @Test(arguments: examples)
  func examplesAreMet(example: Example) throws {
    let teacher = try TeacherDistribution(.linear(example.p))
    let count = try Catalog.head(example.rule).component.headCount(of: teacher)
    #expect(Set(teacher.tokens.prefix(count)) == example.head)
  }

  /// Fractions that binary numbers miss: 0.07·100 comes out above 7.
  @Test(arguments: [
    (0.07, 100, 7), (0.29, 100, 29), (0.57, 100, 57), (0.1, 30, 3), (0.001, 1000, 1),
    (0.0701, 100, 8), (0.0699, 100, 7), (1e-9, 100, 1), (0.999, 100, 100), (1, 7, 7),
  ])
  func ranksRoundUp(fraction: Double, size: Int, expected: Int) throws {
    let teacher = try TeacherDistribution(.linear([Double](repeating: 1, count: size)))
    #expect(try Catalog.head("rank=\(fraction)").component.headCount(of: teacher) == expected)
  }

  @Test(arguments: 1...100)
  func ranksOfWholePercentsAreExact(percent: Int) throws {
    let teacher = try TeacherDistribution(.linear([Double](repeating: 1, count: 100)))
    let rule = try Catalog.head("rank=\(Double(percent) / 100)").component
    #expect(try rule.headCount(of: teacher) == percent)
  }

  @Test func aTeacherCannotHaveMoreHeadThanTokens() throws {
    let teacher = try TeacherDistribution(.linear([1, 1]))
    let rule = try Catalog.head("count=3").component
    #expect(throws: SetupError.self) { try rule.headCount(of: teacher) }
  }

  @Test(arguments: ["exclusive", "inclusive"], 1...10)
  func massHeadsAreThoseOfTheDefinition(rule: String, seed: UInt64) throws {
    for size in [1, 2, 3, 80] {
      let randomCase = RandomCase(.moderate, size: size, seed: seed)
      let teacher = try randomCase.teacher()
      let state = ReferenceState(randomCase.weights, logits: randomCase.logits)
      for mu in stride(from: 0, through: 1, by: 1.0 / 64) {
        let head = try Catalog.head("mass=\(mu):rule=\(rule)").component
        let tokens = teacher.tokens.prefix(try head.headCount(of: teacher))
        #expect(
          Set(tokens) == state.head(mu: mu, inclusive: rule == "inclusive"),
          "\(randomCase), μ = \(mu)")
      }
    }
  }

  @Test(arguments: Catalog.heads.map { $0.name }, 1...10)
  func headsGrowWithTheirParameter(name: String, seed: UInt64) throws {
    let teacher = try RandomCase(.moderate, size: 80, seed: seed).teacher()
    let values = name == "count" ? (1...80).map { "\($0)" } : (1...80).map { "\(Double($0) / 80)" }
    let counts = try values.map {
      try Catalog.head("\(name)=\($0)").component.headCount(of: teacher)
    }
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(counts.allSatisfy { (1...80).contains($0) })
    #expect(counts.last == 80)
  }

  /// The token that carries the mass across μ is the only one that the two rules part over.
  @Test(arguments: 1...20)
  func theRulesDifferByOneToken(seed: UInt64) throws {
    let teacher = try RandomCase(.moderate, size: 80, seed: seed).teacher()
    for mu in [0.1, 0.5, 0.9] {
      let exclusive = MassHead(mass: mu).headCount(of: teacher)
      let inclusive = MassHead(mass: mu, rule: .inclusive).headCount(of: teacher)
      #expect(teacher.cumulative[exclusive - 1] <= mu)
      #expect(teacher.cumulative[exclusive] > mu)
      #expect(inclusive == exclusive + 1)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Teachers averaged into one.
@Suite struct EnsembleTeacherTests {
  private static func teacher(_ text: String) throws -> TeacherDistribution {
    try Catalog.teacher(text).distribution(seed: 1)
  }

  private static func byToken(_ text: String) throws -> [Double] {
    let teacher = try teacher(text)
    return teacher.byToken(teacher.probabilities)
  }

  /// p ∝ √(p₁ p₂), and ½ (p₁ + p₂); with a transform of a member and one of the whole.
  @Test func meansAreGeometricOrArithmetic() throws {
    let (first, second) = try (
      Self.byToken("longtail"), Self.byToken("zipf:size=80:temperature=2")
    )
    let members = "\"longtail,zipf:size=80:temperature=2\""
    let roots = zip(first, second).map { sqrt($0 * $1) }
    let sum = roots.reduce(0, +)
    let geometric = try Self.byToken("ensemble:of=\(members)")
    #expect(worstGap(geometric, roots.map { $0 / sum }) <= 1e-15)
    let arithmetic = try Self.byToken("ensemble:of=\(members):average=probabilities")
    #expect(worstGap(arithmetic, zip(first, second).map { ($0 + $1) / 2 }) <= 1e-15)
    let top = try Self.byToken("ensemble:of=\(members):average=probabilities:top-k=2")
    let kept = arithmetic.sorted(by: >)[..<2]
    let mass = kept[0] + kept[1]
    #expect(worstGap(top, arithmetic.map { $0 >= kept[1] ? $0 / mass : 0 }) <= 1e-15)
  }

  @Test(arguments: ["logits", "probabilities"], ["longtail", "zipf:size=80:exponent=200"])
  func ofOneTeacherThriceIsThatTeacher(average: String, member: String) throws {
    let alone = try Self.teacher(member)
    let three = try Self.teacher(
      "ensemble:of=\"\(member),\(member),\(member)\":average=\(average)")
    // The last tokens of the second one have probabilities far below the smallest double.
    #expect(worstGap(three.logProbabilities, alone.logProbabilities) <= 1e-12)
    #expect(three.tokens == alone.tokens)
  }

  /// A token without mass in one member has none in the geometric mean, half in the arithmetic.
  @Test func zerosAreThoseOfTheMean() throws {
    let members = "\"uniform:size=4:top-k=2,uniform:size=4\""
    #expect(try worstGap(Self.byToken("ensemble:of=\(members)"), [0.5, 0.5, 0, 0]) <= 1e-16)
    #expect(
      try worstGap(
        Self.byToken("ensemble:of=\(members):average=probabilities"),
        [0.375, 0.375, 0.125, 0.125]) <= 1e-16)
  }

  /// Random members draw one after the other, and every context of its own.
  @Test func membersAreDrawnIndependently() throws {
    let alone = try Self.teacher("dirichlet")
    let both = try Self.teacher("ensemble:of=\"dirichlet,dirichlet\"")
    #expect(worstGap(both.logProbabilities, alone.logProbabilities) > 0.1)
    let joined = try Catalog.teacher(
      "ensemble:of=\"dirichlet:contexts=3,lognormal:contexts=3\"")
    #expect(joined.component.isRandom && joined.component.contexts.count == 3)
    let teachers = try joined.distributions(seed: 1)
    #expect(teachers[0] != teachers[1] && teachers[1] != teachers[2])
    let own = try Catalog.teacher("ensemble:of=\"dirichlet,longtail\":contexts=2")
    #expect(try own.distributions(seed: 1)[0] != own.distribution(seed: 2))
  }

  @Test func theSpecificationReadsBack() throws {
    let text = "ensemble:of=\"zipf:size=80,ensemble:of=\"\"longtail,uniform:size=80\"\"\""
    let chosen = try Catalog.teacher(text + ":average=logits")
    #expect(chosen.specification == text)
    #expect(
      try Catalog.teacher(chosen.specification).distribution(seed: 1)
        == chosen.distribution(seed: 1))
  }

  @Test(
    arguments: [
      ("ensemble:of=\"longtail,zipf\"", "longtail has 80 tokens and zipf 1000"),
      ("ensemble:of=\"dirichlet:contexts=2,longtail\"", "they must have the same number"),
      ("ensemble:of=\"longtail,\"", "an item is empty"),
      ("ensemble:of=longtale", "unknown teacher 'longtale'"),
      ("ensemble", "ensemble needs of=…"),
      ("ensemble:of=longtail:contexts=2", "would all be equal"),
    ])
  func whatCannotBeAveragedIsRefused(text: String, reason: String) {
    let error = #expect(throws: (any Error).self) { try Self.teacher(text) }
    #expect(error.map { "\($0)".contains(reason) } ?? false, "\(error.map { "\($0)" } ?? "")")
  }
}

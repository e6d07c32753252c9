// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Relative errors and void mass on worked distributions, and at the ends of what doubles hold.
@Suite struct MetricEndsTests {
  private static func values(
    _ metric: String, p: [Double], q: [Double], headCount: Int = 1
  ) throws -> [Double?] {
    let teacher = try TeacherDistribution(.linear(p))
    let state = FitState(teacher: teacher, logits: teacher.byRank(q.map { log($0) }))
    return try Catalog.metric(metric).component.values(at: state, headCount: headCount)
  }

  @Test func relativeErrorsOfWorkedDistributions() throws {
    let (p, q) = ([0.125, 0.5, 0.125, 0.25], [0.25, 0.125, 0.0625, 0.5625])
    // |q − p|/p by rank: 3/4, 5/4, 1, 1/2.
    let one = try Self.values("relative-error", p: p, q: q)
    #expect(worstGap(one, [0.75, 2.75 / 3]) <= 1e-15)
    let two = try Self.values("relative-error", p: p, q: q, headCount: 2)
    #expect(worstGap(two, [1, 0.75]) <= 1e-15)
    let all = try Self.values("relative-error", p: p, q: q, headCount: 4)
    #expect(worstGap(all, [0.875, nil]) <= 1e-15)
    let same = try Self.values("relative-error", p: p, q: p, headCount: 3)
    #expect(worstGap(same, [0, 0]) <= 1e-15)
  }

  /// p and q down to 1e-600, of which only the logarithms are left, and their ratio up to 1e600.
  @Test(arguments: RandomCase.all(sizes: [1, 2, 3, 80]))
  func relativeErrorsEqualTheReference(randomCase: RandomCase) throws {
    let state = try randomCase.state()
    let reference = ReferenceState(randomCase.weights, logits: randomCase.logits)
    let metric = try Catalog.metric("relative-error").component
    for headCount in Set([1, (randomCase.size + 1) / 2, randomCase.size]) {
      let head = Set(state.teacher.tokens.prefix(headCount))
      let expected = [head, reference.tokens.subtracting(head)].map { tokens in
        // One q/p beyond the largest double is enough.
        tokens.contains { reference.logQ[$0] - reference.logP[$0] > 709.7827 }
          ? .infinity : reference.meanRelativeError(over: tokens).map { Double($0) }
      }
      let actual = try metric.values(at: state, headCount: headCount)
      #expect(actual.map { $0 == nil } == expected.map { $0 == nil })
      for (own, other) in zip(actual, expected) {
        guard let own, let other else { continue }
        // log q and log p of up to 1400 are rounded.
        #expect(gap(own, other) <= 4e-12 * max(1, other), "head of \(headCount)")
      }
    }
  }

  /// A subnormal p has few digits; its logarithm has them all.
  @Test func relativeErrorsOfSubnormalProbabilities() throws {
    let teacher = try TeacherDistribution(.logarithmic([0, -740, -800]))
    let state = FitState(teacher: teacher, logits: [0, -739, -802])
    #expect(teacher.probabilities[1] < .leastNormalMagnitude / 1e10)
    #expect(teacher.probabilities[2] == 0)
    let values = try Catalog.metric("relative-error").component.values(at: state, headCount: 2)
    #expect(worstGap(values, [(exp(1) - 1) / 2, 1 - exp(-2)]) <= 1e-12)
  }

  @Test func relativeErrorsAreInfiniteWhereTheTeacherIsZero() throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.5, 0]))
    let metric = try Catalog.metric("relative-error").component
    // The student's mass there is 1/4, then far below what a double holds, then below its logarithm.
    for logit in [log(2 / 3.0), -2000, -Double.greatestFiniteMagnitude] {
      let state = FitState(
        teacher: teacher, logits: [logit == -2000 ? 0 : -logit / 4, -logit / 4, logit])
      #expect(try metric.values(at: state, headCount: 3) == [.infinity, nil])
      #expect(try metric.values(at: state, headCount: 2)[1] == .infinity)
      #expect(try metric.values(at: state, headCount: 2)[0]?.isFinite == true)
    }
    let broken = try metric.values(
      at: FitState(teacher: teacher, logits: [0, .nan, 0]), headCount: 1)
    #expect(broken.allSatisfy { $0?.isNaN == true })
  }

  /// A teacher, a student and the mass outside the nucleus of a mass.
  struct Nucleus: Sendable {
    var p = [0.125, 0.5, 0.125, 0.25]
    var q = [0.3, 0.1, 0.4, 0.2]
    let mass: String
    let void: Double
  }

  static let nuclei = [
    // A nucleus that has the mass exactly is enough; of equals, the lower token is in it.
    Nucleus(mass: "1e-9", void: 0.9), Nucleus(mass: "0.5", void: 0.9),
    Nucleus(mass: "0.51", void: 0.7), Nucleus(mass: "0.75", void: 0.7),
    Nucleus(mass: "0.76", void: 0.4), Nucleus(mass: "0.875", void: 0.4),
    Nucleus(mass: "0.88", void: 0), Nucleus(mass: "1", void: 0),
    // All that has mass, whether the rounded masses sum to 1 or, as six sixths do, to less.
    Nucleus(p: [0, 0.5, 0.5, 0], q: [0.125, 0.25, 0.5, 0.125], mass: "1", void: 0.25),
    Nucleus(
      p: [0, 1, 1, 1, 1, 1, 1], q: [0.25, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125], mass: "1",
      void: 0.25),
    Nucleus(p: [0.96, 0.03, 0.01], q: [0.2, 0.5, 0.3], mass: "0.95", void: 0.8),
    Nucleus(p: [1], q: [1], mass: "0.95", void: 0),
  ]

  @Test(arguments: nuclei)
  func voidMassIsOutsideTheNucleus(nucleus: Nucleus) throws {
    for headCount in 1...nucleus.p.count {
      let values = try Self.values(
        "void-mass:mass=\(nucleus.mass)", p: nucleus.p, q: nucleus.q, headCount: headCount)
      #expect(worstGap(values, [nucleus.void]) <= 1e-15)
    }
  }

  @Test func theNucleusHasMass95Hundredths() throws {
    let (p, q) = ([0.9, 0.06, 0.03, 0.01], [0.1, 0.2, 0.3, 0.4])
    let unsaid = try Self.values("void-mass", p: p, q: q)
    #expect(worstGap(unsaid, [0.7]) <= 1e-15)
    #expect(try unsaid == Self.values("void-mass:mass=0.95", p: p, q: q))
    #expect(try unsaid != Self.values("void-mass:mass=0.9", p: p, q: q))
  }

  /// 1 minus the rest would be 0, or a multiple of 1e-16.
  @Test func littleVoidMassKeepsItsDigits() throws {
    let values = try Self.values(
      "void-mass", p: [0.96, 0.02, 0.02], q: [1, 3e-30, 1e-30]
    ).compactMap(\.self)
    #expect(gap(values[0] / 4e-30, 1) <= 1e-13)
  }

  /// The student that is the teacher: what is beyond the nucleus, and never more than 1 − m.
  @Test(arguments: RandomCase.all([.moderate]), [0.5, 0.95])
  func theTeacherHasLittleVoidMass(randomCase: RandomCase, mass: Double) throws {
    let teacher = try randomCase.teacher()
    let state = FitState(teacher: teacher, logits: teacher.logProbabilities)
    let reference = ReferenceState(p: teacher.probabilities, q: state.probabilities)
    let values = try Catalog.metric("void-mass:mass=\(mass)").component
      .values(at: state, headCount: 1)
    #expect(worstGap(values, [Double(reference.voidMass(beyond: mass))]) <= 1e-14)
    #expect((values[0] ?? 2) <= 1 - mass + 1e-14)
  }
}

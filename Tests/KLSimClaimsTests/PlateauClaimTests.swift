// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// Students that stand still away from their teachers.
@Suite struct PlateauClaimTests {
  @Test(arguments: [
    ("bimodal", "normal:sigma=10"), ("mixture", "normal:sigma=20"), ("longtail", "normal:sigma=3"),
  ])
  func studentsAreComparedWithTheRestrictedTeacher(
    teacher: String, initialization: String
  ) throws {
    let trial = try Plateaus().trial(
      Condition(teacher: teacher, learningRate: 0.1, initialization: initialization))
    let runs = Courses(trial.condition, epochs: 1000)
    let answers = try trial.answers()
    #expect(
      answers.prefix(3).map(\.cell.fields)
        == [["rkl", "restricted"], ["fkl", "moving"], ["rkl", "standing"]])
    for answer in answers {
      let state = try runs(answer.cell.objective, seed: answer.seed).reference(epoch: 1000)
      let kept = state.tokens.filter { state.q[$0] >= state.p[$0] / 2 }
      let mass = compensatedSum(kept.map { state.p[$0] })
      let distance = Double(
        compensatedSum(
          state.tokens.map { abs(state.q[$0] - (kept.contains($0) ? state.p[$0] / mass : 0)) }) / 2)
      let slope = compensatedSum(try state.gradient(of: answer.cell.objective).map { abs($0) })
      let isStanding = state.totalVariation > 0.01 && slope < 1e-6
      let (quantity, holds) =
        switch answer.cell.question {
        case .restricted: (distance, !isStanding || distance < 1e-6)
        case .moving: (Double(mass), !isStanding)
        case .standing: (Double(mass), isStanding)
        }
      #expect(abs(answer.outcome.quantity - quantity) <= 1e-13, "\(answer)")
      #expect(answer.outcome.holds == holds, "\(answer)")
    }
    // Where none stands, nothing is asked of whoever does.
    guard teacher == "mixture" else { return }
    #expect(answers.contains { $0.cell.question == .standing && $0.outcome.holds })
  }

  @Test func standingIsShownBesideTheClaim() throws {
    let claim = Plateaus()
    let condition = Condition(
      teacher: "bimodal", learningRate: 0.1, initialization: "normal:sigma=10")
    for cell in try claim.cells(condition) {
      let evidence = try evidence(cell, condition: condition, hits: 1)
      #expect(claim.covers(evidence) == (cell.question != .standing))
      #expect(claim.isPublished(evidence) == claim.covers(evidence))
    }
  }

  /// p = 8, 4, 2, 1, 1 in 16ths.
  private static let teacher = [0.5, 0.25, 0.125, 0.0625, 0.0625]

  /// The student that is the teacher restricted to some tokens but for e⁻⁵⁰.
  private static func restricted(to kept: Set<Int>) throws -> FitState {
    let logarithms = logarithms(teacher).map { Double($0) }
    let logits = logarithms.enumerated().map {
      kept.contains($0.offset) ? $0.element : $0.element - 50
    }
    return try FitState(.linear(teacher), logits: logits)
  }

  static let restrictions: [(kept: Set<Int>, mass: Double)] = [
    ([0], 0.5), ([1], 0.25), ([0, 2], 0.625), ([3, 4], 0.125), ([0, 1, 2, 3], 0.9375),
    ([0, 1, 2, 3, 4], 1),
  ]

  @Test(arguments: restrictions)
  func restrictedTeachersAreRecognised(kept: Set<Int>, mass: Double) throws {
    let state = try Self.restricted(to: kept)
    let plateau = Plateau(of: state)
    #expect(abs(plateau.keptMass - mass) <= 1e-15)
    #expect(plateau.distance < 1e-15)
    #expect(abs(state.totalVariation - (1 - mass)) <= 1e-15)
  }

  /// At a restricted teacher reverse KL has no gradient left, and forward KL pulls with all that is
  /// missing: |q − p| sums to 1 − P(S) on S and off it.
  @Test(arguments: restrictions)
  func reverseKLStandsStillThereAndForwardKLDoesNot(kept: Set<Int>, mass: Double) throws {
    let state = try Self.restricted(to: kept)
    let slopes = try ["fkl", "rkl"].map {
      try Catalog.objective($0).component.evaluate(at: state).gradient.reduce(0) { $0 + abs($1) }
    }
    #expect(abs(slopes[0] - 2 * (1 - mass)) <= 1e-14)
    #expect(slopes[1] < 1e-14)
  }

  /// `(1 − λ) p + λ r`, r the teacher restricted to S: off S it has the share 1 − λ of p, on S it is larger
  /// than p; so it is 1 − λ of 1 − P(S) from r where S is kept, and λ of it from p where all are.
  @Test(arguments: [0.1, 0.3, 0.7, 0.9], restrictions.filter { $0.mass < 1 })
  func halfWayIsNoPlateau(part: Double, restriction: (kept: Set<Int>, mass: Double)) throws {
    let q = Self.teacher.enumerated().map { token, p in
      (1 - part) * p + (restriction.kept.contains(token) ? part * p / restriction.mass : 0)
    }
    let plateau = Plateau(of: try FitState(p: Self.teacher, q: q))
    let isKept = part > 0.5
    #expect(abs(plateau.keptMass - (isKept ? restriction.mass : 1)) <= 1e-15)
    let distance = (isKept ? 1 - part : part) * (1 - restriction.mass)
    #expect(abs(plateau.distance - distance) <= 1e-14)
    // By far more than a plateau is allowed.
    #expect(plateau.distance > 1e-3)
  }

  /// What the claim asks of students whose answer is known: one that is restricted, one half-way to it,
  /// and one that has arrived.
  @Test func questionsTellPlateausApart() throws {
    let reverse = try Catalog.objective("rkl").component
    let forward = try Catalog.objective("fkl").component
    let restricted = try Self.restricted(to: [0, 2])
    let halfWay = try FitState(
      p: Self.teacher,
      q: Self.teacher.enumerated().map { 0.5 * $1 + ([0, 2].contains($0) ? 0.5 * $1 / 0.625 : 0) })
    let arrived = try FitState(p: Self.teacher, q: Self.teacher)
    func answers(_ state: FitState, _ objective: ObjectiveRecipe) -> [Bool] {
      [Plateaus.Cell.Question.restricted, .moving, .standing].map {
        Plateaus.outcome($0, at: state, of: objective).holds
      }
    }
    #expect(answers(restricted, reverse) == [true, false, true])
    #expect(answers(restricted, forward) == [true, true, false])
    #expect(answers(halfWay, reverse) == [true, true, false])
    #expect(answers(arrived, reverse) == [true, true, false])
    #expect(
      abs(Plateaus.outcome(.standing, at: restricted, of: reverse).quantity - 0.625) <= 1e-15)
  }

  /// No component differs from zero at the teacher; at a plateau the largest one of reverse KL is that of
  /// the tokens that are gone, e⁻⁵⁰ times what they lack.
  @Test func minimaAreToldFromPlateaus() throws {
    let arrived = try FitState(p: Self.teacher, q: Self.teacher)
    #expect(OneMinimum.largestForward(arrived) == -.infinity)
    #expect(OneMinimum.largestReverse(arrived) == -.infinity)
    let state = try Self.restricted(to: [0, 2])
    #expect(OneMinimum.largestForward(state) > -1)
    let size = OneMinimum.largestReverse(state)
    // log₁₀(0.25 e⁻⁵⁰ / 0.625 · 50)
    #expect(abs(size + 20.41369409949861) <= 1e-9)
  }

  /// Of q = p/2 either may be said, and less is gone.
  @Test func theBoundIsHalfOfTheTeacher() throws {
    let masses = try [0.499, 0.501].map { share in
      // Two tokens of 1/2, of which one has the share.
      Plateau(of: try FitState(p: [0.5, 0.5], q: [share / 2, 1 - share / 2])).keptMass
    }
    #expect(masses == [0.5, 1])
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about counts, wrong signs and learning rates ask, against runs token by token.
@Suite struct SamplesAndRatesClaimTests {
  /// The errors of head, tail or both, with the head that leaves the sum within one half.
  private static func error(_ run: Trajectory, _ part: ErrorPart, epoch: Int) -> Double {
    let p = run.teacher.probabilities
    let size = run.teacher.size
    let head = (2...size).first { p[..<$0].reduce(0, +) > 0.5 }.map { $0 - 1 } ?? size
    let ranks =
      switch part {
      case .head: 0..<head
      case .tail: head..<size
      case .total: 0..<size
      }
    return run.error(epoch: epoch, over: ranks)
  }

  @Test(arguments: [
    Condition(), Condition(teacher: "dirichlet", optimizer: "sgd", learningRate: 10),
  ])
  func countsAreComparedWithTheirTeacher(condition: Condition) throws {
    let whole = Courses(condition, epochs: 200)
    for draws in [10, 80, 1000, 10_000] {
      var own = condition
      own.teacher += ":samples=\(draws)"
      let sampled = Courses(own, epochs: 200)
      let answers = try TeacherSamples().trial(condition).answers(of: [2])
      for answer in answers where answer.cell.draws == draws {
        let cell = answer.cell
        let runs = try [whole, sampled].map { try $0(cell.objective, seed: answer.seed) }
        #expect(runs[0].teacher == runs[1].teacher)
        let errors = runs.map { Self.error($0, cell.measure, epoch: cell.epoch) }
        expectSmaller(answer.outcome, errors[0], than: errors[1], "\(answer)")
      }
    }
  }

  /// A token is moved the wrong way by forward KL never, by reverse KL if 0 < log(q/p) < KL(q‖p).
  @Test(arguments: ["torch-uniform", "normal:sigma=3"])
  func wrongSignsAreThoseOfTheFormula(start: String) throws {
    let condition = Condition(teacher: "softmax-normal", initialization: start)
    let runs = Courses(condition, epochs: 200)
    let answers = try TokenwisePremise().trial(condition).answers()
    #expect(answers.contains { $0.outcome.quantity > 0.05 })
    for answer in answers {
      let cell = answer.cell
      let state = try runs(cell.objective, seed: answer.seed).reference(epoch: cell.epoch)
      let excess = zip(state.logQ, state.logP).map { $0 - $1 }.filter {
        (cell.side == .overestimated ? $0 : -$0) > 1e-12
      }
      let mistaken =
        cell.objective == "fkl" || cell.side == .underestimated
        ? 0 : excess.count { $0 < state.reverseKL }
      #expect(answer.outcome.quantity == Double(mistaken) / Double(excess.count), "\(answer)")
      #expect(answer.outcome.holds == (answer.outcome.quantity < 0.05))
    }
  }

  /// With p = 1/4 and q − p = (ε, −ε, ε², −ε²), KL(q‖p) is 4ε² and the third token's log(q/p) the same but for
  /// the next order: below it while ε² is replaced by ε²/2, above it with 2ε².
  @Test(arguments: [1e-2, 1e-4])
  func nearTheTeacherTheBandIsOfSecondOrder(step: Double) throws {
    let teacher = try TeacherDistribution(.linear([1, 1, 1, 1]))
    let objective = try Catalog.objective("rkl").component
    for (factor, share) in [(0.5, 0.5), (2, 0)] {
      let small = factor * step * step
      let q = [step, -step, small, -small].map { 0.25 + $0 }
      let state = FitState(teacher: teacher, logits: q.map { log($0) })
      #expect(TokenwisePremise.mistakenShare(of: objective, on: .overestimated, at: state) == share)
      #expect(TokenwisePremise.mistakenShare(of: objective, on: .underestimated, at: state) == 0)
    }
  }

  /// A student that has reached its teacher has no tokens to ask for, so that no verdict counts its cell.
  @Test func aStudentAtItsTeacherIsNotCounted() throws {
    let teacher = try Catalog.teacher("longtail").component.distribution(seed: 1)
    let claim = TokenwisePremise()
    for objective in ["fkl", "rkl"] {
      for side in TokenwisePremise.Cell.Side.allCases {
        let cell = TokenwisePremise.Cell(objective: objective, side: side, epoch: 200)
        for scale in [0, 1e-7] {
          let logits = teacher.logProbabilities.enumerated().map {
            $1 + ($0.isMultiple(of: 2) ? scale : 0)
          }
          let share = TokenwisePremise.mistakenShare(
            of: try Catalog.objective(objective).component, on: side,
            at: FitState(teacher: teacher, logits: logits))
          #expect(share.isNaN)
          var tally = Tally()
          for quantity in [0, share] { tally.add(Outcome(true, quantity: quantity)) }
          let reached = try Evidence(
            tally, share: .share(hits: 2, of: 2), condition: Condition(), cell: cell)
          #expect(!claim.covers(reached) && !claim.isPublished(reached))
        }
        // Of the others, the signs of forward KL are an identity and no finding.
        let counted = try evidence(cell, condition: Condition(), hits: 1)
        #expect(claim.covers(counted) == (objective == "rkl" && side == .overestimated))
      }
    }
  }

  @Test func oneRateIsComparedWithTheBestOfEach() throws {
    let condition = Condition()
    let answers = try LearningRate().trial(condition).answers(of: [2])
    let runs = Courses(condition, epochs: 50)
    for answer in answers where answer.cell.question == .best {
      let cell = answer.cell
      func ahead(_ rate: Double, _ forwardRate: Double) throws -> Bool {
        let errors = try [(cell.objective, rate), ("fkl", forwardRate)].map {
          Self.error(
            try runs($0, learningRate: $1, seed: answer.seed), cell.measure, epoch: cell.epoch)
        }
        return errors[0] < errors[1]
      }
      let own = answers.filter {
        $0.cell.objective == cell.objective && $0.cell.epoch == cell.epoch
          && $0.cell.measure == cell.measure
      }
      let common = try #require(own.first { $0.cell.question == .common })
      let same = try #require(own.first { $0.cell.question == .same })
      #expect(common.cell.rate == 0.2 && common.cell.forwardRate == 0.2)
      #expect(same.cell.rate == cell.rate && same.cell.forwardRate == cell.forwardRate)
      #expect(try answer.outcome.holds == ahead(cell.rate, cell.forwardRate), "\(cell)")
      #expect(try common.outcome.holds == ahead(0.2, 0.2), "\(cell)")
      #expect(same.outcome.holds == (common.outcome.holds == answer.outcome.holds))
    }
  }

  /// Where both best rates are the common one, the comparisons are of the same runs and agree by identity.
  @Test func aComparisonWithItselfIsNotCounted() throws {
    let claim = LearningRate()
    let condition = Condition()
    for rates in [[0.2, 0.2], [0.2, 0.5], [0.5, 0.2], [0.5, 0.5]] {
      for question in LearningRate.Cell.Question.allCases {
        let cell = LearningRate.Cell(
          objective: "rkl", epoch: 50, measure: .total, question: question, rate: rates[0],
          forwardRate: rates[1])
        let own = try evidence(cell, condition: condition, hits: 1)
        #expect(claim.covers(own) == (question == .same && rates != [0.2, 0.2]))
      }
    }
  }

  /// A run learns at a small rate and breaks at a large one.
  @Test func theGridReachesWhereRunsBreak() throws {
    for optimizer in [("adam", 0.2), ("sgd", 1)] {
      let condition = Condition(optimizer: optimizer.0, learningRate: optimizer.1)
      let answers = try LearningRate().trial(condition).answers(of: [2])
      for answer in answers where answer.cell.question == .learns {
        let (rate, objective) = (answer.cell.rate, answer.cell.objective)
        let run = try condition.with(rate: rate).run(objective, epochs: 50, seed: 2)
        expectSmaller(answer.outcome, run.error(epoch: 50), than: run.error(epoch: 0))
      }
      let learning = answers.filter { $0.cell.question == .learns }
      #expect(learning.contains { $0.outcome.holds } && learning.contains { !$0.outcome.holds })
    }
  }
}

extension Condition {
  fileprivate func with(rate: Double) -> Condition {
    var other = self
    other.learningRate = rate
    return other
  }
}

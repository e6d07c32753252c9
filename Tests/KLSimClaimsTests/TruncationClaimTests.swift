// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claim about truncated teachers asks, against gradients and errors by token.
@Suite struct TruncationClaimTests {
  @Test(arguments: ["longtail", "zipf:size=80"])
  func tailsAreOfTheTokensLeftOut(teacher: String) throws {
    let condition = Condition(teacher: teacher)
    let runs = Courses(condition, epochs: 200)
    for answer in try Truncation().trial(condition).answers() where answer.cell.property == .tail {
      let cell = answer.cell
      let run = try runs("topk-kl:k=\(cell.count):mode=\(cell.mode)", seed: answer.seed)
      let kept = run.teacher.probabilities[..<cell.count].reduce(0, +)
      #expect(abs(cell.keptMass - kept) <= 1e-15)
      let tail = run.error(epoch: 200, over: cell.count..<run.teacher.size)
      #expect(abs(answer.outcome.quantity - tail) <= 1e-13, "\(answer)")
      #expect(answer.outcome.holds == (tail < 0.01))
    }
  }

  @Test(arguments: ["longtail", "zipf:size=80"])
  func gradientsAreComparedWithTheWholeOne(teacher: String) throws {
    let condition = Condition(teacher: teacher)
    for answer in try Truncation().trial(condition).answers()
    where answer.cell.property == .gradient {
      let (mode, count) = (answer.cell.mode, answer.cell.count)
      let state = try condition.start(seed: answer.seed)
      let objective = try #require(ReferenceObjective("topk-kl:k=\(count):mode=\(mode)"))
      let gradient = objective.value(at: state).gradient.map { Wide($0) }
      // One token, renormalised, has nothing to learn: no gradient and no direction.
      if mode == "renormalize", count == 1 {
        #expect(answer.outcome.quantity.isNaN && !answer.outcome.holds)
      } else {
        let cosine = Vectors.cosine(gradient, state.forwardGradient)
        #expect(abs(answer.outcome.quantity - cosine) <= 1e-10, "\(answer)")
        #expect(answer.outcome.holds == (cosine > 0.99))
      }
    }
  }

  /// The fewest tokens that hold 95 % of the mass are asked about; on the long tail, with the teacher
  /// renormalised, they are the practice that the claim is about.
  @Test(arguments: ["longtail", "zipf:size=80"])
  func nineteenTwentiethsOfTheMassArePublished(teacher: String) throws {
    let (claim, condition) = (Truncation(), Condition(teacher: teacher))
    let state = try condition.start(seed: 1)
    let fewest = state.nucleus(mass: 0.95).count
    let cells = try claim.cells(condition)
    #expect(Set(cells.map(\.count)) == [1, 5, 10, 20, 40, fewest])
    let fields = try claim.publishedCells(condition).map {
      [$0.mode, "\($0.count)", $0.property.rawValue]
    }
    #expect(
      fields
        == (teacher == "longtail"
          ? ["gradient", "tail"].map { ["renormalize-teacher", "\(fewest)", $0] } : []))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claim about forgetting asks, against runs looked at token by token.
@Suite struct ForgettingClaimTests {
  /// Tokens are 2 apart: the old mode at 25 has those before 38.
  private static func oldMass(_ q: [Double]) -> Double { q[..<19].reduce(0, +) }

  @Test(arguments: [("mixture:size=50:centres=75", "1"), ("mixture:size=50:centres=25/75", "3/1")])
  func theOldModesMassIsComparedAtTheSameDistance(teacher: String, weights: String) throws {
    let condition = Condition(
      teacher: teacher,
      student: "gaussian-mixture:means=25/50:widths=5"
        + (weights == "1" ? "" : ":weights=\(weights)") + ":spread=0.1",
      optimizer: "natural-gradient", learningRate: 0.05, initialization: "student")
    let answers = try Forgetting().trial(condition).answers()
    #expect(answers.prefix(4).map(\.cell.distance) == [0.4, 0.3, 0.2, 0.1])
    let runs = Courses(condition, epochs: 400)
    for answer in answers {
      let kept = try ["fkl", "rkl"].map { objective -> Double? in
        let run = try runs(objective, seed: answer.seed)
        let p = run.teacher.byToken(run.teacher.probabilities)
        let course = run.snapshots.map { snapshot in
          let q = run.teacher.byToken(snapshot.probabilities)
          return (
            distance: zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2, mass: Self.oldMass(q)
          )
        }
        guard let after = course.firstIndex(where: { $0.distance <= answer.cell.distance }) else {
          return nil
        }
        // On the line through the two states around it.
        let (a, b) = (course[after - 1], course[after])
        return
          (a.mass * (answer.cell.distance - b.distance)
          + b.mass * (a.distance - answer.cell.distance)) / (a.distance - b.distance)
      }
      if let forward = kept[0], let reverse = kept[1] {
        expectSmaller(answer.outcome, forward, than: reverse, rounding: 1e-10, "\(answer)")
      } else {
        #expect(!answer.outcome.holds && answer.outcome.quantity.isNaN, "\(answer)")
      }
    }
  }

  @Test func theNewTaskAloneIsPublished() throws {
    let trials = try Forgetting().trials()
    let published = try trials.filter { trial in
      try trial.cells().contains {
        Forgetting().isPublished(try evidence($0, condition: trial.condition, hits: 1))
      }
    }
    #expect(published.count == 2)
    #expect(published.allSatisfy { $0.condition.teacher == "mixture:size=50:centres=75" })
    #expect(published.allSatisfy { $0.condition.optimizer == "gradient-flow" })
  }
}

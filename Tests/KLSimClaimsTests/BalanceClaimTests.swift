// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claim about adaptive KL asks, against runs looked at token by token.
@Suite struct BalanceClaimTests {
  @Test(arguments: [
    Condition(teacher: "overlapping", learningRate: 0.05),
    Condition(optimizer: "sgd", learningRate: 10), Condition(),
  ])
  func balanceIsOfTheHeadAndOfTheFarTail(condition: Condition) throws {
    let answers = try AdaptiveBalance().trial(condition).answers()
    #expect(Set(answers.map(\.cell.question)) == [.balance, .totalForward, .totalReverse])
    let runs = Courses(condition, epochs: 50)
    for answer in answers {
      let (akl, forward, reverse) = (
        try runs("akl", seed: answer.seed), try runs("fkl", seed: answer.seed),
        try runs("rkl", seed: answer.seed)
      )
      let epoch = answer.cell.epoch
      func errors(_ rival: Trajectory, _ ranks: Range<Int>) -> [Double] {
        [akl, rival].map { $0.error(epoch: epoch, over: ranks) }
      }
      let (size, p) = (akl.teacher.size, akl.teacher.probabilities)
      switch answer.cell.question {
      case .balance:
        // The head is what leaves the sum within one half; the far tail begins at 47/80 of the ranks.
        let half = (2...size).first { p[..<$0].reduce(0, +) > 0.5 }.map { $0 - 1 } ?? size
        let heads = errors(reverse, 0..<half)
        let tails = errors(forward, 47 * size / 80..<size)
        let margins = [heads[0] - heads[1], tails[0] - tails[1]]
        #expect(abs(answer.outcome.quantity - max(margins[0], margins[1])) <= 1e-13)
        if !margins.contains(where: { abs($0) <= 1e-13 }) {
          #expect(answer.outcome.holds == margins.allSatisfy { $0 < 0 })
        }
      case .totalForward, .totalReverse:
        let rival = answer.cell.question == .totalForward ? forward : reverse
        let totals = errors(rival, 0..<size)
        expectSmaller(answer.outcome, totals[0], than: totals[1])
      }
    }
  }

  /// The claim is about balance alone, and the paper's setting about epochs 1, 5 and 10.
  @Test func totalsAreBesideTheClaim() throws {
    let claim = AdaptiveBalance()
    let all = try claim.cells(Condition()).map {
      try evidence($0, condition: Condition(), hits: 1)
    }
    #expect(all.allSatisfy { claim.covers($0) == ($0.cell.question == .balance) })
    #expect(
      all.filter(claim.isPublished).map(\.cell.fields) == [1, 5, 10].map { ["balance", "\($0)"] })
  }
}

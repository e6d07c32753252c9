// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore
@testable import KLSimClaims

/// What the claims about sparse teachers ask, against runs and enumerated samples.
@Suite struct SparseClaimTests {
  @Test func massesAreOfTheKeptTokens() throws {
    let condition = Condition(teacher: "softmax-normal")
    let runs = Courses(condition, epochs: 100)
    for answer in try TopKReverse().trial(condition).answers(of: [2]) where answer.cell.epoch > 10 {
      let cell = answer.cell
      let run = try runs(
        "topk-kl:k=\(cell.count):direction=reverse:mode=\(cell.mode):select=\(cell.selection)",
        seed: answer.seed)
      let (p, q) = (run.teacher.probabilities, run.snapshots[cell.epoch].probabilities)
      let kept =
        cell.selection == "teacher" ? q.indices.map { $0 } : q.indices.sorted { q[$0] > q[$1] }
      let excess = kept.prefix(cell.count).reduce(0) { $0 + q[$1] - p[$1] }
      #expect(abs(answer.outcome.quantity - excess) <= 1e-12, "\(answer)")
      #expect(answer.outcome.holds == (excess < -0.01))
    }
  }

  /// `Σ_S q log(q/p)` with S the teacher's is stationary where Q_S = P_S/e and q is in proportion to p on S;
  /// with the teacher renormalised, where Q_S = 1/e.
  @Test(arguments: ["truncate", "renormalize-teacher"])
  func truncatedReverseKLIsLeastAwayFromTheTeacher(mode: String) throws {
    let teacher = try Catalog.teacher("longtail").component.distribution(seed: 1)
    let objective = try Catalog.objective("topk-kl:k=20:direction=reverse:mode=\(mode)").component
    let mass = teacher.cumulative[19]
    let kept = (mode == "truncate" ? mass : 1) * exp(-1)
    let q = teacher.probabilities.enumerated().map { rank, p in
      rank < 20 ? p / mass * kept : (1 - kept) / 60
    }
    let state = FitState(teacher: teacher, logits: q.map { log($0) })
    let (loss, gradient) = objective.evaluate(at: state)
    #expect(gradient.allSatisfy { abs($0) <= 1e-14 })
    #expect(gap(loss, -kept) <= 1e-14)
  }

  /// The bias is exact, so that only seeds with teachers of their own are replicates.
  @Test func everySeedHasABiasOfItsOwn() throws {
    for trial in try SparseSampling().trials() {
      let answers = try trial.answers()
      for (first, second) in zip(answers, answers.dropFirst(answers.count / 2)) {
        #expect(first.cell == second.cell)
        #expect(
          first.cell.proposal == 1 || first.outcome.quantity != second.outcome.quantity,
          "\(trial.condition), \(first.cell)")
      }
    }
  }

  /// The mean over every sample of K of a few tokens, each with its probability.
  @Test(arguments: [0, 0.5, 1, 1.2, 3], [1, 2, 5])
  func meansAreThoseOfAllSamples(proposal: Double, draws: Int) throws {
    let weights = [0.5, 0.3, 0.15, 0.05]
    let teacher = try TeacherDistribution(.linear(weights))
    let p = teacher.probabilities
    let drawn = p.map { pow($0, proposal) }
    let importance = p.map { pow($0, 1 - proposal) }
    let sum = drawn.reduce(0, +)
    var expected = [Double](repeating: 0, count: 4)
    for sample in 0..<(0..<draws).reduce(1, { count, _ in 4 * count }) {
      var (rest, probability) = (sample, 1.0)
      var target = [Double](repeating: 0, count: 4)
      for _ in 0..<draws {
        let token = rest % 4
        rest /= 4
        probability *= drawn[token] / sum
        target[token] += importance[token]
      }
      let total = target.reduce(0, +)
      for token in 0..<4 { expected[token] += probability * target[token] / total }
    }
    let target = SampledTarget(of: teacher, proposal: proposal, kernels: .best)
    #expect(worstGap(target.means(draws: [draws])[0], expected) <= 1e-13)
    let bias = zip(expected, p).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    #expect(gap(target.biases(draws: [7, draws])[1], bias) <= 1e-13)
  }

  /// However uneven the teacher is, the target's mean sums to 1, and is p at τ = 1.
  @Test(arguments: [
    "dirichlet:concentration=0.02", "zipf:size=200", "longtail:top-k=3", "uniform",
  ])
  func meansSumToOne(teacher: String) throws {
    for seed in UInt64(1)...3 {
      let teacher = try Catalog.teacher(teacher).component.distribution(seed: seed)
      for proposal in [0, 0.8, 1, 1.2] {
        let target = SampledTarget(of: teacher, proposal: proposal, kernels: .best)
        for mean in target.means(draws: [1, 5, 2000]) {
          // The logarithm of m, with a rounding of its own, is multiplied by K.
          #expect(gap(mean.reduce(0, +), 1) <= 1e-11)
        }
        if proposal == 1 { #expect(target.biases(draws: [1, 50]).allSatisfy { $0 <= 1e-12 }) }
      }
    }
  }

  /// The histograms of the teacher have that mean: 4000 seeds, within five standard errors.
  @Test(arguments: [0, 0.5, 2])
  func histogramsHaveThatMean(proposal: Double) throws {
    let recipe = try Catalog.teacher("zipf:size=5:samples=3:proposal=\(proposal):smoothing=0")
    let truth = try Catalog.teacher("zipf:size=5").component.distribution(seed: 1)
    let mean = SampledTarget(of: truth, proposal: proposal, kernels: .best).means(draws: [3])[0]
    let seeds = UInt64(1)...4000
    var sums = [Double](repeating: 0, count: 5)
    var squares = sums
    for seed in seeds {
      let sample = try recipe.distribution(seed: seed)
      for (token, value) in sample.byToken(sample.probabilities).enumerated() {
        sums[token] += value
        squares[token] += value * value
      }
    }
    let count = Double(seeds.count)
    for token in sums.indices {
      let average = sums[token] / count
      let error = ((squares[token] / count - average * average) / count).squareRoot()
      #expect(gap(average, mean[token]) <= 5 * error)
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// SinKD's loss against PyTorch's autograd through the unrolled iterations.
@Suite struct BatchSinkhornReferenceTests {
  /// Some contexts at which PyTorch differentiated the loss.
  struct Batch: Sendable, CustomStringConvertible {
    let name: String
    let objective: String
    let loss: Double
    /// Teacher, logits and gradient by token, one list a context.
    var p: [[Double]] = []
    var z: [[Double]] = []
    var gradient: [[Double]] = []
    var description: String { "\(objective) at \(name)" }
  }

  static let batches: [Batch] = {
    guard let table = try? Fixture("batches", in: .module) else { return [] }
    var batches: [Batch] = []
    for row in table.rows {
      let (name, objective) = (row.text("case"), row.text("objective"))
      if batches.last?.name != name || batches.last?.objective != objective {
        batches.append(Batch(name: name, objective: objective, loss: row.number("loss")))
      }
      let last = batches.count - 1
      if row.integer("token") == 0 {
        batches[last].p.append([])
        batches[last].z.append([])
        batches[last].gradient.append([])
      }
      let context = row.integer("context")
      batches[last].p[context].append(row.number("p"))
      batches[last].z[context].append(row.number("z"))
      batches[last].gradient[context].append(row.number("gradient"))
    }
    return batches
  }()

  @Test func thereAreBatchesToCompareWith() {
    #expect(Self.batches.count == 12)
    #expect(Set(Self.batches.map(\.p.count)) == [1, 2, 4, 7])
  }

  private func states(_ batch: Batch) throws -> [FitState] {
    try zip(batch.p, batch.z).map { p, z in
      let teacher = try TeacherDistribution(.linear(p))
      return FitState(teacher: teacher, logits: teacher.byRank(z))
    }
  }

  private func evaluate(
    _ specification: String, at states: [FitState]
  ) throws -> (loss: Double, gradients: [[Double]]) {
    let objective = try #require(
      Catalog.objective(specification).component.objective as? any BatchObjective)
    var gradients = states.map(\.logits)
    var evaluator = objective.evaluator(for: states.map(\.teacher), kernels: .best)
    let loss = evaluator.loss(at: states, gradients: &gradients)
    return (loss, zip(states, gradients).map { $0.teacher.byToken($1) })
  }

  @Test(arguments: batches)
  func lossesAndGradientsAgree(batch: Batch) throws {
    let (loss, gradients) = try evaluate(batch.objective, at: states(batch))
    #expect(gap(loss, batch.loss) <= 1e-12 * abs(batch.loss))
    let expected = batch.gradient.flatMap { $0 }
    #expect(worstGap(gradients.flatMap { $0 }, expected) <= 1e-12 * largest(expected))
  }

  @Test func oneContextIsTotalVariation() throws {
    for batch in Self.batches where batch.p.count == 1 && batch.objective == "sinkhorn-batch" {
      let state = try states(batch)[0]
      let logP = state.teacher.logProbabilities.map { Wide($0) / 2 }
      let p = exponentials(logNormalized(logP)).map { Double($0) }
      let q = exponentials(logNormalized(state.logits.map { Wide($0) / 2 })).map { Double($0) }
      let distance = ReferenceState(p: p, q: q).totalVariation
      let loss = try evaluate(batch.objective, at: [state]).loss
      #expect(gap(loss, 0.001 * 2 * Double(distance)) <= 1e-17)
    }
  }

  /// Contexts are compared token by token, whatever rank a token has in which.
  @Test func theOrderOfContextsAndTokensDoesNotMatter() throws {
    for batch in Self.batches where batch.p.count == 4 {
      let plain = try evaluate(batch.objective, at: states(batch))
      var changed = batch
      changed.p = batch.p.reversed().map { $0.reversed() }
      changed.z = batch.z.reversed().map { $0.reversed() }
      let other = try evaluate(batch.objective, at: states(changed))
      #expect(gap(other.loss, plain.loss) <= 1e-14 * plain.loss)
      let back = other.gradients.reversed().flatMap { $0.reversed() }
      let expected = plain.gradients.flatMap { $0 }
      #expect(worstGap(Array(back), expected) <= 1e-12 * largest(expected))
    }
  }
}

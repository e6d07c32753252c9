// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// Whoever is asked to does the arithmetic: instruction sets give the same bits, and the plain loops
/// something else that agrees to rounding.
@Suite struct KernelChoiceTests {
  static let sets = VectorKernels.allCases.filter { $0 != .plain && $0.isAvailable }

  private func expectChoice(
    _ name: String, within tolerance: Double, _ values: (VectorKernels) throws -> [Double]
  ) rethrows {
    let best = try values(.best)
    for kernels in Self.sets { #expect(try values(kernels) == best, "\(name), \(kernels)") }
    let plain = try values(.plain)
    #expect(plain != best, "\(name)")
    #expect(worstGap(plain, best) <= tolerance, "\(name)")
  }

  @Test(arguments: [
    "longtail:size=500", "bimodal:size=500", "unimodal:size=500", "overlapping:size=500",
    "mixture:size=500", "zipf", "geometric:size=500:ratio=0.97", "zipf:jitter=1",
    "zipf:temperature=2", "longtail:smooth=0.1:size=500", "zipf:top-k=500",
    "ensemble:of=\"zipf,geometric:size=1000:ratio=0.97\":average=probabilities",
  ])
  func ofTeachers(specification: String) throws {
    try expectChoice(specification, within: 1e-11) { kernels in
      let teacher = try Catalog.teacher(specification, kernels: kernels).distribution(seed: 1)
      return teacher.logProbabilities + teacher.probabilities
    }
  }

  /// What a student of few parameters starts from, after some epochs.
  @Test(arguments: ["gaussian", "gaussian-mixture:modes=3", "zipf"])
  func ofStudents(specification: String) throws {
    let teacher = try Catalog.teacher("dirichlet:size=300").distribution(seed: 1)
    try expectChoice(specification, within: 1e-10) { kernels in
      let student = try Catalog.student(specification, kernels: kernels).component
      let model = try student.model(
        of: [teacher], positions: (0..<teacher.size).map(Double.init))
      var parameters = try model.start(student.defaultStart.component, seed: 1)
      for index in parameters.indices { parameters[index] += 0.1 }
      var logits = teacher.probabilities
      model.computeLogits(&logits, context: 0, of: parameters)
      return logits
    }
  }

  @Test(arguments: [
    "sinkhorn:power=1.5", "sinkhorn-batch", "rank-logistic", "ikl:gamma=0.5", "dkd", "renyi",
  ])
  func ofObjectives(specification: String) throws {
    let teacher = try Catalog.teacher("longtail").distribution(seed: 1)
    let start = try Catalog.initialization("normal:sigma=2").component
    let logits = try teacher.byRank(start.logits(for: teacher, seed: 1))
    let objective = try Catalog.objective(specification).component
    expectChoice(specification, within: 1e-10) { kernels in
      let state = FitState(teacher: teacher, logits: logits, kernels: kernels)
      let (loss, gradient) = objective.evaluate(at: state)
      return gradient + [loss]
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// The fused kernel against the plain loops, and every instruction set against every other.
@Suite struct FusedFitLawTests {
  /// Every kind of blend with every kind of optimizer, and with rates from small to large.
  struct Problem: Sendable, CustomStringConvertible {
    let objective: String
    let optimizer: String
    let learningRate: Double
    var schedule = "constant"

    var description: String { "\(objective), \(optimizer) at \(learningRate), \(schedule)" }
  }

  static let problems: [Problem] = [
    Problem(objective: "fkl", optimizer: "adam", learningRate: 0.2),
    // With the usual ε = 1e-8, Adam makes a step of a gradient of 1e-14 that the plain loops round
    // to 0 and the fused kernel does not.
    Problem(
      objective: "rkl", optimizer: "adam:beta1=0.5:beta2=0.9:epsilon=0.001", learningRate: 0.1),
    Problem(objective: "akl", optimizer: "adam", learningRate: 0.2),
    Problem(objective: "mix:reduction=mean", optimizer: "sgd:momentum=0.9", learningRate: 0.5),
    Problem(objective: "jeffreys", optimizer: "sgd", learningRate: 0.1),
    Problem(
      objective: "akl:mu=0.8", optimizer: "sgd:momentum=0.9:nesterov=true", learningRate: 0.05),
    Problem(objective: "soft-ce", optimizer: "adam:epsilon=0.001", learningRate: 1),
    Problem(objective: "fkl", optimizer: "adamw:epsilon=0.001", learningRate: 0.1),
    // Nothing is left of the logits; lanes beyond the vocabulary must stay out of it.
    Problem(
      objective: "akl", optimizer: "adamw:weight-decay=0.5:epsilon=0.001", learningRate: 2),
    Problem(objective: "rkl", optimizer: "rmsprop:alpha=0.5:epsilon=0.001", learningRate: 0.1),
    Problem(
      objective: "mix", optimizer: "adamw:epsilon=0.001", learningRate: 0.2,
      schedule: "cosine:warmup=3"),
    Problem(objective: "rkl", optimizer: "sgd", learningRate: 0.5, schedule: "step:every=4"),
    // Two tokens share a division: the product of what each is divided by must not overflow.
    Problem(objective: "fkl", optimizer: "adam:epsilon=1e90", learningRate: 1e90),
    Problem(objective: "jeffreys", optimizer: "adam:epsilon=1e200", learningRate: 1e200),
  ]

  /// Around the boundaries of lanes, and of the switch from lanes of runs to lanes of tokens.
  static let sizes = [1, 2, 3, 7, 8, 9, 80, 1023, 1024, 1025, 1031]

  /// Rates at which logits leave every scale.
  static let wildRates = [1e3, 1e10, 1e100, 1e300, 1.7e308]

  private func trajectories(
    _ problem: Problem, of point: RandomCase, kernels: VectorKernels, seeds: [UInt64] = [1],
    epochs: Int = 20, initialization: String = "file:path=logits",
    change: (Double) -> Double = { $0 }
  ) throws -> [Trajectory] {
    let setup = try Setup(
      objective: problem.objective, optimizer: problem.optimizer,
      learningRate: problem.learningRate, initialization: initialization,
      schedule: problem.schedule, epochs: epochs,
      reader: FixedNumbers(point.logits.map(change)))
    let teacher = try TeacherDistribution(point.weights)
    let cuts = Set([1, (point.size + 1) / 2, point.size]).sorted()
    let measurement = Measurement(heads: try cuts.map { try Catalog.head("count=\($0)") })
    return try FitBatch(setup, teachers: [teacher], seeds: seeds)
      .run(measurement, kernels: kernels)
  }

  private func numbers(_ record: EpochRecord) -> [Double] {
    [
      record.loss, record.forwardKL, record.reverseKL, record.totalVariation, record.entropy,
    ] + record.heads.flatMap { [$0.head, $0.tail, $0.headMass] }
  }

  private func bits(_ trajectories: [Trajectory]) -> [UInt64] {
    trajectories.flatMap { $0.records.flatMap { numbers($0).map(\.bitPattern) } }
  }

  @Test(arguments: problems, sizes)
  func everyInstructionSetGivesTheSameBits(problem: Problem, size: Int) throws {
    let point = RandomCase(.moderate, size: size, seed: 5)
    let sets = VectorKernels.allCases.filter { $0 != .plain && $0.isAvailable }
    let reference = bits(
      try trajectories(problem, of: point, kernels: .baseline, epochs: 5))
    #expect(!reference.isEmpty)
    for kernels in sets {
      let own = bits(try trajectories(problem, of: point, kernels: kernels, epochs: 5))
      #expect(own == reference, "\(kernels)")
    }
  }

  /// Twelve digits, or as many as there are.
  ///
  /// What a change in the last digits of the logits does to the plain loops says how exact an answer
  /// can be at all. On extreme inputs that is less than twelve digits: descents amplify, and Adam
  /// divides a gradient that is mere rounding by its own size. An update rounds a log-ratio of up to
  /// 1400 once.
  @Test(arguments: problems, RandomCase.all(sizes: sizes))
  func theFusedKernelEqualsThePlainLoops(problem: Problem, point: RandomCase) throws {
    let fused = try trajectories(problem, of: point, kernels: .best)[0].records
    let plain = try trajectories(problem, of: point, kernels: .plain)[0].records
    let changes: [@Sendable (Double) -> Double] =
      point.reach == .moderate
      ? [] : [{ $0 + 1.0 / 3 }, { $0 * (1 + 0x1p-50) }, { $0 * (1 - 0x1p-50) }]
    let changed = try changes.map { change in
      try trajectories(problem, of: point, kernels: .plain, change: change)[0].records
    }
    #expect(fused.count == plain.count)
    for (epoch, (first, second)) in zip(fused, plain).enumerated() {
      let rounding = point.reach == .moderate ? 0 : Double(epoch) * 1400 * 0x1p-52
      let blurred = changed.map { numbers($0[epoch]) }
      for (place, (own, other)) in zip(numbers(first), numbers(second)).enumerated() {
        let blur = blurred.map { gap($0[place], other) }.max() ?? 0
        #expect(
          gap(own, other) <= (1e-12 + rounding) * max(1, abs(other)) + 64 * blur,
          "epoch \(epoch), number \(place)")
      }
    }
  }

  /// Chaos is compared by where it leaves the finite numbers.
  @Test(arguments: problems, wildRates)
  func whatIsNotFiniteIsSoInBoth(problem: Problem, rate: Double) throws {
    let wild = Problem(
      objective: problem.objective, optimizer: problem.optimizer, learningRate: rate)
    for size in [2, 80, 1030] {
      let point = RandomCase(.moderate, size: size, seed: 3)
      let fused = try trajectories(wild, of: point, kernels: .best)[0].records
      let plain = try trajectories(wild, of: point, kernels: .plain)[0].records
      for (first, second) in zip(fused, plain) {
        #expect(
          numbers(first).map(\.isFinite) == numbers(second).map(\.isFinite),
          "V = \(size), epoch \(first.epoch)")
      }
    }
  }

  @Test(arguments: problems, [3, 80, 1024])
  func aRunDoesNotDependOnItsBatch(problem: Problem, size: Int) throws {
    let point = RandomCase(.moderate, size: size, seed: 9)
    func run(_ seeds: [UInt64]) throws -> [Trajectory] {
      try trajectories(
        problem, of: point, kernels: .best, seeds: seeds, epochs: 5,
        initialization: "normal:sigma=2")
    }
    let together = try run(Array(1...19))
    for place in [0, 6, 7, 8, 18] {
      #expect(bits(try run([UInt64(place + 1)])) == bits([together[place]]))
    }
  }

  @Test func aLargeVocabularyIsFitted() throws {
    let point = RandomCase(.moderate, size: 200_000, seed: 1)
    let fused = try trajectories(Self.problems[1], of: point, kernels: .best, epochs: 3)
    let plain = try trajectories(Self.problems[1], of: point, kernels: .plain, epochs: 3)
    for (first, second) in zip(fused[0].records, plain[0].records) {
      #expect(worstGap(numbers(first), numbers(second)) <= 1e-12)
    }
  }

  /// A student far from its teacher: e would over- or underflow without a shift.
  @Test(arguments: [80, 1030], [400.0, 700, 1e4, 1e6])
  func distantStartsStayInRange(size: Int, reach: Double) throws {
    let teacher = try TeacherDistribution(.linear([Double](repeating: 1, count: size)))
    let logits = (0..<size).map { $0 == size / 2 ? reach : -reach }
    let setup = try Setup(
      initialization: "file:path=logits", epochs: 10, reader: FixedNumbers(logits))
    let batch = try FitBatch(setup, teachers: [teacher], seeds: [1])
    let measurement = Measurement(heads: [try Catalog.head("mass=0.5")])
    let fused = try batch.run(measurement)[0].records
    let plain = try batch.run(measurement, kernels: .plain)[0].records
    for (first, second) in zip(fused, plain) {
      for (own, other) in zip(numbers(first), numbers(second)) {
        #expect(gap(own, other) <= 1e-12 * max(1, abs(other)), "epoch \(first.epoch)")
      }
    }
  }
}

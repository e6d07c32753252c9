// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family with what every teacher takes: jitter, a finite sample, and the transforms.
///
/// In this order: `jitter`, `samples` with `smoothing`, `temperature`, `top-k`, `smooth`.
package struct TeacherRecipe: Sendable {
  static let contexts = Parameter(
    "contexts", default: 1, .range(1...(1 << 20)),
    summary: "how many are drawn, one a context; of random teachers")
  static let jitter = Parameter(
    "jitter", default: 0, .nonNegative,
    summary: "multiplies each value by 1 + jitter·u, u uniform on [0, 1)")
  static let samples = Parameter(
    "samples", default: 0, .range(0...Int(UInt32.max)),
    summary: "if above 0, the teacher is the histogram of so many draws")
  static let smoothing = Parameter(
    "smoothing", default: 0.5, .nonNegative, summary: "added to every count of that histogram")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "p ∝ p^(1/T)")
  static let topK = Parameter(
    "top-k", default: 0, .range(0...(1 << 24)),
    summary: "keeps the k most probable tokens; 0 keeps all")
  static let smooth = Parameter(
    "smooth", default: 0, .range(0..<1), summary: "ε of p ← (1-ε) p + ε/V")

  /// The keys every teacher takes after its family's own.
  static let parameters: [any ParameterDeclaration] = [
    jitter, samples, smoothing, temperature, topK, smooth, contexts,
  ]

  let family: any Teacher
  private let kernels: VectorKernels
  let jitter: Double
  let samples: Int
  let smoothing: Double
  let temperature: Double
  let topK: Int
  let smooth: Double
  /// The contexts, mostly one.
  package let contexts: TeacherContexts

  init(family: any Teacher, _ values: Parameters) throws(SpecificationError) {
    self.family = family
    kernels = values.kernels
    jitter = values[Self.jitter]
    samples = values[Self.samples]
    smoothing = values[Self.smoothing]
    temperature = values[Self.temperature]
    topK = values[Self.topK]
    smooth = values[Self.smooth]
    let own = (family as? any ContextTeacher)?.contexts ?? .one
    let drawn = values[Self.contexts]
    contexts = drawn == 1 ? own : TeacherContexts(count: drawn)
    guard drawn == 1 || own.count == 1 else {
      throw .inconsistent(
        component: values.component,
        "it has \(own.count) contexts of its own; leave contexts=… out")
    }
    guard samples > 0 || smoothing == Self.smoothing.defaultValue else {
      throw .inconsistent(
        component: values.component,
        "smoothing is of the histogram that samples=n makes; to mix in the uniform distribution"
          + " say smooth=ε")
    }
    guard drawn == 1 || isRandom else {
      throw .inconsistent(
        component: values.component,
        "contexts=\(drawn) would all be alike; jitter=… or samples=… make them differ")
    }
  }

  /// Whether every seed has a teacher of its own.
  package var isRandom: Bool { family.isRandom || jitter > 0 || samples > 0 }

  /// The distribution of one seed.
  ///
  /// - Parameters:
  ///   - seed: the experiment's seed; it matters to random teachers alone.
  ///   - context: which of the contexts.
  /// - Returns: p.
  /// - Throws: `DistributionError` if the weights are no distribution.
  package func distribution(seed: UInt64, context: Int = 0) throws -> TeacherDistribution {
    precondition(context >= 0 && context < contexts.count, "one of the contexts")
    // Each context draws from a stream of its own, so that none depends on how many there are.
    var stream = RandomStream(
      seed: seed, purpose: context == 0 ? "teacher" : "teacher \(context)")
    return try distribution(of: context, drawnWith: &stream)
  }

  /// The distribution that a stream gives.
  func distribution(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherDistribution {
    var weights =
      if let family = family as? any ContextTeacher, family.contexts.count > 1 {
        try family.weights(of: context, drawnWith: &stream)
      } else {
        try family.weights(drawnWith: &stream)
      }
    if jitter > 0 { weights = jittered(weights, drawnWith: &stream) }
    if samples > 0 {
      let distribution = try TeacherDistribution(weights, kernels: kernels)
      let counts = stream.multinomial(
        draws: UInt32(samples), weights: distribution.byToken(distribution.probabilities))
      weights = .linear(counts.map { Double($0) + smoothing })
    }
    return try transformed(TeacherDistribution(weights, kernels: kernels))
  }

  /// Where the tokens are on the family's axis, by token.
  func positions(count: Int) -> [Double] { family.positions(count: count) }

  private func jittered(
    _ weights: TeacherWeights, drawnWith stream: inout RandomStream
  ) -> TeacherWeights {
    var factors: [Double] = []
    let values =
      switch weights {
      case .linear(let values), .logarithmic(let values): values
      }
    for _ in values { factors.append(1 + jitter * stream.uniform()) }
    return switch weights {
    case .linear: .linear(zip(values, factors).map { $0 * $1 })
    case .logarithmic: .logarithmic(zip(values, kernels.logarithms(factors)).map { $0 + $1 })
    }
  }

  private func transformed(
    _ original: TeacherDistribution
  ) throws(DistributionError) -> TeacherDistribution {
    var teacher = original
    if temperature != 1 {
      let logits = teacher.temperedLogits(by: temperature)
      teacher = try TeacherDistribution(
        .logarithmic(teacher.byToken(logits)), kernels: kernels)
    }
    if topK > 0, topK < teacher.size {
      let kept = teacher.logProbabilities.enumerated().map { $0 < topK ? $1 : -.infinity }
      teacher = try TeacherDistribution(
        .logarithmic(teacher.byToken(kept)), kernels: kernels)
    }
    if smooth > 0 {
      let floor = smooth / Double(teacher.size)
      let mixed = teacher.probabilities.map { (1 - smooth) * $0 + floor }
      teacher = try TeacherDistribution(.linear(teacher.byToken(mixed)), kernels: kernels)
    }
    return teacher
  }
}

extension Chosen<TeacherRecipe> {
  /// The distribution of one seed.
  ///
  /// - Parameters:
  ///   - seed: the experiment's seed; it matters to random teachers alone.
  ///   - context: which of the contexts.
  /// - Returns: p.
  /// - Throws: `TeacherError` if what was drawn is no distribution.
  package func distribution(seed: UInt64, context: Int = 0) throws -> TeacherDistribution {
    try named(context) { try component.distribution(seed: seed, context: context) }
  }

  /// The distribution that a stream gives.
  func distribution(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherDistribution {
    try named(context) { try component.distribution(of: context, drawnWith: &stream) }
  }

  private func named(
    _ context: Int, _ make: () throws -> TeacherDistribution
  ) throws -> TeacherDistribution {
    do {
      return try make()
    } catch let reason as DistributionError {
      let place = component.contexts.count > 1 ? ", context \(context)" : ""
      throw TeacherError(teacher: specification + place, reason: reason)
    }
  }

  /// The distributions of all contexts.
  ///
  /// - Parameter seed: the experiment's seed; it matters to random teachers alone.
  /// - Returns: p, one a context.
  /// - Throws: `TeacherError` if what was drawn is no distribution.
  package func distributions(seed: UInt64) throws -> [TeacherDistribution] {
    try (0..<component.contexts.count).map { try distribution(seed: seed, context: $0) }
  }
}

/// A teacher whose numbers are not a distribution.
public struct TeacherError: CategorizedError, Equatable {
  /// Its specification, or the file it is from.
  public let teacher: String
  /// What is wrong with its weights.
  public let reason: DistributionError

  public var category: ErrorCategory { reason.category }

  public var description: String { "\(teacher): \(reason)" }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of teachers with the parameters that every family takes: how many contexts are drawn, jitter,
/// a finite sample, and transforms.
///
/// They are applied in the order `jitter`, `samples` with `smoothing`, `temperature`, `top-k`, `smooth`.
///
/// With `samples=n` the student learns from the histogram of n draws, `p ∝ count + smoothing`. The default
/// smoothing, 1/V (Perks, J. Inst. Actuar. 73, 1947), weighs as much as one draw, however large V is. Errors
/// are measured against the teacher that infinitely many draws would give, or with `reference=drawn`
/// against the histogram.
package struct TeacherRecipe: Sendable {
  static let contexts = Parameter(
    "contexts", default: 1, .range(1...(1 << 20)),
    summary: "number of teachers drawn, one per context; random teachers only")
  static let jitter = Parameter(
    "jitter", default: 0, .nonNegative,
    summary: "multiplies each value by 1 + jitter·u, u uniform on [0, 1)")
  static let samples = Parameter(
    "samples", default: 0, .range(0...Int(UInt32.max)),
    summary: "if above 0, the student learns from the histogram of this many draws")
  static let smoothing = Parameter<Automatic<Double>>(
    "smoothing", default: .auto, .auto(or: .nonNegative),
    summary: "added to every count of that histogram; auto: 1/V, one draw in all")
  static let reference = Parameter(
    "reference", default: Reference.truth,
    summary:
      "what errors are then measured against: truth, the teacher of infinitely many draws, or"
      + " drawn, the histogram")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "p ∝ p^(1/T)")
  static let topK = Parameter(
    "top-k", default: 0, .range(0...(1 << 24)),
    summary: "keeps the k most probable tokens; 0 keeps all")
  static let smooth = Parameter(
    "smooth", default: 0, .range(0..<1), summary: "ε of p ← (1-ε) p + ε/V")

  /// The keys that every teacher takes after its family's own.
  static let parameters: [any ParameterDeclaration] = [
    jitter, samples, smoothing, reference, temperature, topK, smooth, contexts,
  ]

  /// What errors are measured against if a finite sample is drawn.
  enum Reference: String, ParameterChoice {
    case truth, drawn
  }

  let family: any Teacher
  private let values: Parameters
  package let contexts: TeacherContexts

  init(family: any Teacher, _ values: Parameters) throws(SpecificationError) {
    self.family = family
    self.values = values
    let own = (family as? any ContextTeacher)?.contexts ?? .one
    let drawn = values[Self.contexts]
    contexts = drawn == 1 ? own : TeacherContexts(count: drawn)
    func inconsistent(_ reason: String) -> SpecificationError {
      .inconsistent(component: values.component, reason)
    }
    guard drawn == 1 || own.count == 1 else {
      throw inconsistent("it has \(own.count) contexts of its own; leave out contexts=…")
    }
    guard values[Self.samples] > 0 || !values.isChanged(Self.smoothing.name) else {
      throw inconsistent(
        "smoothing=… goes with samples=n only; smooth=ε mixes in the uniform distribution")
    }
    guard values[Self.samples] > 0 || !values.isChanged(Self.reference.name) else {
      throw inconsistent("reference=… goes with samples=n only")
    }
    guard drawn == 1 || isRandom else {
      throw inconsistent(
        "contexts=\(drawn) would all be equal; jitter=… or samples=… makes them differ")
    }
  }

  /// Whether the contexts are drawn by every seed anew, and not given by a file or a text.
  package var drawsContexts: Bool { family.isRandom || values[Self.contexts] > 1 }

  /// Whether every seed has its own teacher.
  package var isRandom: Bool {
    family.isRandom || values[Self.jitter] > 0 || values[Self.samples] > 0
  }

  /// Why tokens of the teacher may have no mass, and what to do; empty if nothing is known.
  var zeroReason: String { (family as? FileTeacher)?.zeroReason ?? "" }

  /// The distribution of one seed.
  ///
  /// - Parameters:
  ///   - seed: the experiment's seed; it matters to random teachers only.
  ///   - context: the index of the context.
  /// - Returns: p.
  /// - Throws: `TeacherError` if the weights make no distribution.
  package func distribution(seed: UInt64, context: Int = 0) throws -> TeacherDistribution {
    precondition(context >= 0 && context < contexts.count, "one of the contexts")
    // Each context has its own stream, so that none depends on how many there are.
    var stream = RandomStream(
      seed: seed, purpose: context == 0 ? "teacher" : "teacher \(context)")
    return try distribution(of: context, drawnWith: &stream)
  }

  /// The distribution of a context, drawn from a stream.
  func distribution(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherDistribution {
    do {
      return try draw(context, with: &stream)
    } catch let reason as DistributionError {
      throw TeacherError(
        teacher: values.canonical.text + contexts.place(context), reason: reason)
    }
  }

  private func draw(
    _ context: Int, with stream: inout RandomStream
  ) throws -> TeacherDistribution {
    var weights =
      if let family = family as? any ContextTeacher, family.contexts.count > 1 {
        try family.weights(of: context, drawnWith: &stream)
      } else {
        try family.weights(drawnWith: &stream)
      }
    if values[Self.jitter] > 0 { weights = jittered(weights, drawnWith: &stream) }
    let distribution = try TeacherDistribution(weights, kernels: values.kernels)
    let samples = values[Self.samples]
    guard samples > 0 else { return try transformed(distribution) }
    let counts = stream.multinomial(
      draws: UInt32(samples), weights: distribution.byToken(distribution.probabilities))
    let smoothing = values[Self.smoothing].value ?? 1 / Double(distribution.size)
    let histogram = try transformed(
      TeacherDistribution(.linear(counts.map { Double($0) + smoothing }), kernels: values.kernels))
    guard values[Self.reference] == .truth else { return histogram }
    return histogram.drawn(from: try transformed(distribution))
  }

  private func jittered(
    _ weights: TeacherWeights, drawnWith stream: inout RandomStream
  ) -> TeacherWeights {
    let jitter = values[Self.jitter]
    switch weights {
    case .linear(let weights):
      return .linear(weights.map { $0 * (1 + jitter * stream.uniform()) })
    case .logarithmic(let weights):
      let factors = weights.map { _ in 1 + jitter * stream.uniform() }
      return .logarithmic(zip(weights, values.kernels.logarithms(factors)).map { $0 + $1 })
    }
  }

  private func transformed(
    _ original: TeacherDistribution
  ) throws(DistributionError) -> TeacherDistribution {
    var teacher = original
    let temperature = values[Self.temperature]
    if temperature != 1 {
      let logits = teacher.temperedLogits(by: temperature)
      teacher = try TeacherDistribution(
        .logarithmic(teacher.byToken(logits)), kernels: values.kernels)
    }
    let topK = values[Self.topK]
    if topK > 0, topK < teacher.size {
      let kept = teacher.logProbabilities.enumerated().map { $0 < topK ? $1 : -.infinity }
      teacher = try TeacherDistribution(
        .logarithmic(teacher.byToken(kept)), kernels: values.kernels)
    }
    let smooth = values[Self.smooth]
    if smooth > 0 {
      let floor = smooth / Double(teacher.size)
      let mixed = teacher.probabilities.map { (1 - smooth) * $0 + floor }
      teacher = try TeacherDistribution(
        .linear(teacher.byToken(mixed)), kernels: values.kernels)
    }
    return teacher
  }
}

extension Chosen<TeacherRecipe> {
  /// The distribution of one seed, as `TeacherRecipe.distribution(seed:context:)`.
  package func distribution(seed: UInt64, context: Int = 0) throws -> TeacherDistribution {
    try component.distribution(seed: seed, context: context)
  }

  /// The distributions of all contexts.
  ///
  /// - Parameter seed: the experiment's seed; it matters to random teachers only.
  /// - Returns: p, one per context.
  /// - Throws: `TeacherError` if the weights make no distribution.
  package func distributions(seed: UInt64) throws -> [TeacherDistribution] {
    try (0..<component.contexts.count).map { try distribution(seed: seed, context: $0) }
  }
}

/// A teacher whose weights make no distribution.
public struct TeacherError: CategorizedError, Equatable {
  /// Its specification, or its file.
  public let teacher: String
  /// What is wrong with its weights.
  public let reason: DistributionError

  public var category: ErrorCategory { reason.category }

  public var description: String { "\(teacher): \(reason)" }
}

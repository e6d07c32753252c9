// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A family of teachers with the parameters that every family takes: how many contexts are drawn, jitter,
/// noise, a finite sample, and transforms.
///
/// They are applied in the order `jitter`, `label-noise`, `samples` with `proposal` and `smoothing`,
/// `temperature`, `top-k`, `smooth`.
///
/// With `label-noise=ε` a label is a uniformly random token with probability ε: the student learns from
/// `(1 − ε) p + ε/V`. With `samples=n` it learns from the histogram of n draws, `p ∝ count + smoothing`; see
/// `TeacherDistribution.histogram` for `proposal`. The default smoothing, 1/V (Perks, J. Inst. Actuar. 73,
/// 1947), weighs as much as one draw, however large V is. Errors are measured against the truth, the teacher
/// without noise that infinitely many draws would give, or with `reference=drawn` against what the student
/// learns from.
package struct TeacherRecipe: Sendable {
  static let contexts = Parameter(
    "contexts", default: 1, .range(1...(1 << 20)),
    summary: "number of teachers drawn, one per context; random teachers only")
  static let jitter = Parameter(
    "jitter", default: 0, .nonNegative,
    summary: "multiplies each value by 1 + jitter·u, u uniform on [0, 1)")
  static let labelNoise = Parameter(
    "label-noise", default: 0, .range(0..<1),
    summary: "ε: the student learns from (1-ε) p + ε/V, and errors are measured against p")
  static let samples = Parameter(
    "samples", default: 0, .range(0...Int(UInt32.max)),
    summary: "if above 0, the student learns from the histogram of this many draws")
  static let proposal = Parameter(
    "proposal", default: 1.0, .range(0...10),
    summary: "τ: tokens are drawn in proportion to p^τ, and a draw counts in proportion to p^(1-τ)")
  static let smoothing = Parameter<Automatic<Double>>(
    "smoothing", default: .auto, .auto(or: .nonNegative),
    summary: "added to every count of that histogram; auto: 1/V, one draw in all")
  static let reference = Parameter(
    "reference", default: Reference.truth,
    summary:
      "what errors are then measured against: truth, the teacher of infinitely many draws without"
      + " noise, or drawn, what the student learns from")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "p ∝ p^(1/T)")
  static let topK = Parameter(
    "top-k", default: 0, .range(0...(1 << 24)),
    summary: "keeps the k most probable tokens; 0 keeps all")
  static let smooth = Parameter(
    "smooth", default: 0, .range(0..<1), summary: "ε of p ← (1-ε) p + ε/V")

  /// The keys that every teacher takes after its family's own.
  static let parameters: [any ParameterDeclaration] = [
    jitter, labelNoise, samples, proposal, smoothing, reference, temperature, topK, smooth,
    contexts,
  ]

  /// What errors are measured against if the student learns from noisy labels or a finite sample.
  enum Reference: String, ParameterChoice {
    case truth, drawn
  }

  package private(set) var family: any Teacher
  private let values: Parameters
  package private(set) var contexts: TeacherContexts
  /// The number of contexts before the first one, whose streams are left to them.
  private var precedingContexts = 0

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
    guard values[Self.samples] > 0 || !values.isChanged(Self.proposal.name) else {
      throw inconsistent("proposal=… goes with samples=n only")
    }
    guard
      values[Self.samples] > 0 || values[Self.labelNoise] > 0
        || !values.isChanged(Self.reference.name)
    else {
      throw inconsistent("reference=… goes with samples=n or label-noise=ε only")
    }
    guard drawn == 1 || isRandom else {
      throw inconsistent(
        "contexts=\(drawn) would all be equal; jitter=… or samples=… makes them differ")
    }
  }

  /// The number of tokens, V.
  package var size: Int { family.size }

  /// How many arrays of one number a token a teacher of a run takes, and at most while it is made.
  var vectorCounts: (kept: Int, made: Int) {
    let own = TeacherDistribution.vectorCount
    let isLabelled = values[Self.labelNoise] > 0 || values[Self.samples] > 0
    let isSample = isLabelled && values[Self.reference] == .truth
    return (isSample ? 2 * own : own, TeacherDistribution.makingCount + (isLabelled ? own : 0))
  }

  /// Whether the contexts are drawn by every seed anew, and not given by a file or a text.
  package var drawsContexts: Bool { family.isRandom || values[Self.contexts] > 1 }

  /// Whether every seed has its own teacher.
  package var isRandom: Bool {
    family.isRandom || values[Self.jitter] > 0 || values[Self.samples] > 0
  }

  /// The same teacher with other contexts, which students can be trained on before a run: further contexts
  /// of its family, or further draws of a random one.
  ///
  /// - Parameter count: the maximum number of contexts.
  /// - Returns: contexts of which none is in `contexts`; nil if there are none.
  func others(atMost count: Int) -> TeacherRecipe? {
    var others = self
    others.precedingContexts = contexts.count
    if let family = (family as? any ContextTeacher)?.others(atMost: count) {
      (others.family, others.contexts) = (family, family.contexts)
      return others
    }
    guard isRandom, (family as? any ContextTeacher)?.contexts.count ?? 1 == 1 else { return nil }
    others.contexts = TeacherContexts(count: count)
    return others
  }

  /// Why tokens of the teacher may have no mass, and what to do; empty if nothing is known.
  var zeroReason: String { (family as? FileTeacher)?.zeroReason ?? "" }

  /// The number of listed tokens of a context whose others share a uniform tail; nil if none do.
  package func listedCount(of context: Int) -> Int? {
    guard let file = family as? FileTeacher else { return nil }
    return file.listedCount(of: file.contexts.count == 1 ? 0 : context)
  }

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
    let place = precedingContexts + context
    var stream = RandomStream(seed: seed, purpose: place == 0 ? "teacher" : "teacher \(place)")
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
    let truth = try TeacherDistribution(weights, kernels: values.kernels)
    let (noise, samples) = (values[Self.labelNoise], values[Self.samples])
    guard noise > 0 || samples > 0 else { return try transformed(truth) }
    var labels = try mixed(truth, withUniform: noise)
    if samples > 0 {
      labels = try labels.histogram(
        of: UInt32(samples), proposal: values[Self.proposal],
        smoothing: values[Self.smoothing].value ?? 1 / Double(truth.size), drawnWith: &stream,
        kernels: values.kernels)
    }
    labels = try transformed(labels)
    guard values[Self.reference] == .truth else { return labels }
    return labels.drawn(from: try transformed(truth))
  }

  /// `(1 − ε) p + ε/V`.
  private func mixed(
    _ teacher: TeacherDistribution, withUniform share: Double
  ) throws(DistributionError) -> TeacherDistribution {
    guard share > 0 else { return teacher }
    let floor = share / Double(teacher.size)
    let mixed = teacher.probabilities.map { (1 - share) * $0 + floor }
    return try TeacherDistribution(.linear(teacher.byToken(mixed)), kernels: values.kernels)
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
    return try mixed(teacher, withUniform: values[Self.smooth])
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

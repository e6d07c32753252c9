// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A family with what every teacher takes: jitter, a finite sample, and the transforms.
///
/// In this order: `jitter`, `samples` with `smoothing`, `temperature`, `top-k`, `smooth`.
public struct TeacherRecipe: Sendable {
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
    jitter, samples, smoothing, temperature, topK, smooth,
  ]

  let family: any Teacher
  let jitter: Double
  let samples: Int
  let smoothing: Double
  let temperature: Double
  let topK: Int
  let smooth: Double

  init(family: any Teacher, _ values: Parameters) throws(SpecificationError) {
    self.family = family
    jitter = values[Self.jitter]
    samples = values[Self.samples]
    smoothing = values[Self.smoothing]
    temperature = values[Self.temperature]
    topK = values[Self.topK]
    smooth = values[Self.smooth]
    guard samples > 0 || smoothing == Self.smoothing.defaultValue else {
      throw .inconsistent(
        component: values.component,
        "smoothing is of the histogram that samples=n makes; to mix in the uniform distribution"
          + " say smooth=ε")
    }
  }

  /// Whether every seed has a teacher of its own.
  public var isRandom: Bool { type(of: family).isRandom || jitter > 0 || samples > 0 }

  /// The distribution of one seed.
  ///
  /// - Parameter seed: the experiment's seed; it matters to random teachers alone.
  /// - Returns: p.
  /// - Throws: `DistributionError` if the weights are no distribution.
  public func distribution(seed: UInt64) throws -> TeacherDistribution {
    var stream = RandomStream(seed: seed, purpose: "teacher")
    var weights = try family.weights(drawnWith: &stream)
    if jitter > 0 { weights = jittered(weights, drawnWith: &stream) }
    if samples > 0 {
      let distribution = try TeacherDistribution(weights)
      let counts = stream.multinomial(
        draws: UInt32(samples), weights: distribution.byToken(distribution.probabilities))
      weights = .linear(counts.map { Double($0) + smoothing })
    }
    return try transformed(TeacherDistribution(weights))
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
    case .logarithmic: .logarithmic(zip(values, logarithms(factors)).map { $0 + $1 })
    }
  }

  private func transformed(
    _ original: TeacherDistribution
  ) throws(DistributionError) -> TeacherDistribution {
    var teacher = original
    if temperature != 1 {
      let top = teacher.logProbabilities[0]
      let softened = teacher.logProbabilities.map { ($0 - top) / temperature }
      teacher = try TeacherDistribution(.logarithmic(teacher.byToken(softened)))
    }
    if topK > 0, topK < teacher.size {
      let kept = teacher.logProbabilities.enumerated().map { $0 < topK ? $1 : -.infinity }
      teacher = try TeacherDistribution(.logarithmic(teacher.byToken(kept)))
    }
    if smooth > 0 {
      let floor = smooth / Double(teacher.size)
      let mixed = teacher.probabilities.map { (1 - smooth) * $0 + floor }
      teacher = try TeacherDistribution(.linear(teacher.byToken(mixed)))
    }
    return teacher
  }
}

extension Chosen<TeacherRecipe> {
  /// The distribution of one seed.
  ///
  /// - Parameter seed: the experiment's seed; it matters to random teachers alone.
  /// - Returns: p.
  /// - Throws: `TeacherError` if what was drawn is no distribution.
  public func distribution(seed: UInt64) throws -> TeacherDistribution {
    do {
      return try component.distribution(seed: seed)
    } catch let reason as DistributionError {
      throw TeacherError(teacher: specification, reason: reason)
    }
  }
}

/// A teacher whose numbers are not a distribution.
public struct TeacherError: Error, Equatable, CustomStringConvertible {
  /// Its specification, or the file it is from.
  public let teacher: String
  public let reason: DistributionError

  public var description: String { "\(teacher): \(reason)" }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// A stream of random variates: one MT19937 generator, with the distributions of GSL.
///
/// It cannot be copied, so no two places draw the same numbers by accident.
@safe public struct RandomStream: ~Copyable {
  private let generator: UnsafeMutablePointer<gsl_rng>

  /// The stream of `init_genrand(seed mod 2³²)`, the seeding of PyTorch's CPU generator.
  ///
  /// - Parameter seed: any value; only its low 32 bits count.
  public init(seed: UInt64) {
    // A clone, because GSL seeds every new generator: a new one would be seeded twice.
    guard let copy = unsafe gsl_rng_clone(Self.model) else { preconditionFailure("out of memory") }
    unsafe generator = copy
    unsafe gsl_rng_set(generator, UInt(truncatingIfNeeded: seed & 0xFFFF_FFFF))
  }

  /// The stream of a seed for one purpose, independent of the seed's streams for other purposes.
  ///
  /// For one purpose, seeds that differ only in their low 32 bits give different streams.
  ///
  /// - Parameters:
  ///   - seed: the experiment's seed, 64 bits.
  ///   - purpose: a name of what is drawn, such as `teacher`.
  public init(seed: UInt64, purpose: String) {
    let high = Self.mix(UInt32(truncatingIfNeeded: seed >> 32) ^ Self.hash(purpose))
    self.init(seed: UInt64(Self.mix(UInt32(truncatingIfNeeded: seed) ^ high)))
  }

  nonisolated(unsafe) private static let model: UnsafeMutablePointer<gsl_rng> = {
    GSL.withoutAborting
    guard let model = unsafe cgsl_new_mt19937() else { preconditionFailure("out of memory") }
    return unsafe model
  }()

  deinit { unsafe gsl_rng_free(generator) }

  /// The next 32 bits of the generator.
  public mutating func nextBits() -> UInt32 {
    UInt32(truncatingIfNeeded: unsafe gsl_rng_get(generator))
  }

  /// The next values of the generator, 32 bits each.
  public mutating func nextBits(_ count: Int) -> [UInt32] {
    var bits = [UInt32](repeating: 0, count: count)
    fill(&bits)
    return bits
  }

  /// Fills an array with the next values of the generator, 32 bits each.
  public mutating func fill(_ bits: inout [UInt32]) {
    unsafe cgsl_mt19937_fill(gsl_rng_state(generator), &bits, bits.count)
  }

  /// A variate uniform on [low, high).
  public mutating func uniform(from low: Double = 0, to high: Double = 1) -> Double {
    unsafe gsl_ran_flat(generator, low, high)
  }

  /// A variate of the normal distribution with mean 0 and standard deviation `sigma` ≥ 0.
  public mutating func normal(sigma: Double) -> Double {
    unsafe gsl_ran_gaussian_ziggurat(generator, sigma)
  }

  /// A variate of the log-normal distribution: `exp(σ·n)`, n standard normal.
  public mutating func logNormal(sigma: Double) -> Double {
    unsafe gsl_ran_lognormal(generator, 0, sigma)
  }

  /// A variate of the Pareto distribution on [1, ∞): `P(x > t) = t^−exponent`.
  public mutating func pareto(exponent: Double) -> Double {
    unsafe gsl_ran_pareto(generator, exponent, 1)
  }

  /// The logarithm of a variate of the gamma distribution with density `∝ x^(shape−1) e^−x`.
  ///
  /// Below shape 1, where the variate itself would soon underflow, it is `log y + log(u)/shape`
  /// with y of shape + 1 and u uniform on (0, 1).
  ///
  /// - Parameter shape: above 0.
  /// - Returns: a finite number.
  public mutating func logGamma(shape: Double) -> Double {
    // Always the same kernels: a stream does not depend on those chosen for the rest.
    let kernels = VectorKernels.best
    guard shape < 1 else {
      return kernels.logarithms([unsafe gsl_ran_gamma(generator, shape, 1)])[0]
    }
    let variate = unsafe gsl_ran_gamma(generator, shape + 1, 1)
    let logs = kernels.logarithms([variate, unsafe gsl_rng_uniform_pos(generator)])
    return logs[0] + logs[1] / shape
  }

  /// A point of the simplex drawn from the symmetric Dirichlet distribution.
  ///
  /// - Parameters:
  ///   - count: the number of components, at least 1.
  ///   - concentration: the parameter of every component, above 0.
  /// - Returns: the components, which sum to 1.
  public mutating func dirichlet(count: Int, concentration: Double) -> [Double] {
    let concentrations = [Double](repeating: concentration, count: count)
    var components = concentrations
    unsafe gsl_ran_dirichlet(generator, count, concentrations, &components)
    return components
  }

  /// A permutation of `0..<count`, all equally probable.
  public mutating func permutation(of count: Int) -> [Int] {
    var places = Array(0..<count)
    // GSL counts down from count − 1, which wraps around for none.
    guard count > 1 else { return places }
    unsafe gsl_ran_shuffle(generator, &places, count, MemoryLayout<Int>.stride)
    return places
  }

  /// How many of `draws` independent draws fall on each outcome.
  ///
  /// - Parameters:
  ///   - draws: the number of draws.
  ///   - weights: the outcomes' probabilities up to a factor, not all zero.
  /// - Returns: one count per outcome.
  public mutating func multinomial(draws: UInt32, weights: [Double]) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: weights.count)
    unsafe gsl_ran_multinomial(generator, weights.count, draws, weights, &counts)
    return counts
  }

  /// Independent draws of outcomes.
  ///
  /// - Parameters:
  ///   - count: the number of draws.
  ///   - weights: the outcomes' probabilities up to a factor, not all zero.
  /// - Returns: the outcomes' indices.
  public mutating func draws(_ count: Int, weights: [Double]) -> [Int] {
    guard let table = unsafe gsl_ran_discrete_preproc(weights.count, weights) else {
      preconditionFailure("out of memory")
    }
    defer { unsafe gsl_ran_discrete_free(table) }
    return (0..<count).map { _ in Int(unsafe gsl_ran_discrete(generator, table)) }
  }

  /// FNV-1a of the text's UTF-8.
  private static func hash(_ text: String) -> UInt32 {
    text.utf8.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
  }

  /// MurmurHash3's finalizer, a bijection of 32-bit words.
  private static func mix(_ word: UInt32) -> UInt32 {
    var bits = word
    bits = (bits ^ (bits >> 16)) &* 0x85EB_CA6B
    bits = (bits ^ (bits >> 13)) &* 0xC2B2_AE35
    return bits ^ (bits >> 16)
  }
}

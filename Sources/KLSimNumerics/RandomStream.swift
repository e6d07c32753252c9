// SPDX-License-Identifier: GPL-3.0-or-later

internal import CGSL

/// A stream of random variates: one MT19937 generator, with the distributions of GSL.
///
/// It cannot be copied, so no two places draw the same numbers by accident.
@safe public struct RandomStream: ~Copyable {
  private let generator: UnsafeMutablePointer<gsl_rng>

  /// The stream whose raw outputs are those of `init_genrand(seed mod 2³²)`, the seeding of
  /// PyTorch's CPU generator.
  ///
  /// - Parameter seed: any value; only its low 32 bits count.
  public init(seed: UInt64) {
    // A copy of a model: GSL seeds every new generator, which would then be seeded twice.
    guard let copy = unsafe gsl_rng_clone(Self.model) else { Self.failForLackOfMemory() }
    unsafe generator = copy
    unsafe gsl_rng_set(generator, UInt(truncatingIfNeeded: seed & 0xFFFF_FFFF))
  }

  /// The stream of a seed for one purpose, unrelated to the streams of its other purposes.
  ///
  /// For a given purpose, seeds that differ in their low 32 bits alone give different streams.
  ///
  /// - Parameters:
  ///   - seed: the experiment's seed, 64 bits.
  ///   - purpose: what is drawn, such as `teacher`.
  public init(seed: UInt64, purpose: String) {
    let high = Self.mix(UInt32(truncatingIfNeeded: seed >> 32) ^ Self.hash(purpose))
    self.init(seed: UInt64(Self.mix(UInt32(truncatingIfNeeded: seed) ^ high)))
  }

  nonisolated(unsafe) private static let model: UnsafeMutablePointer<gsl_rng> = {
    GSL.withoutAborting
    guard let model = unsafe cgsl_new_mt19937() else { failForLackOfMemory() }
    return unsafe model
  }()

  private static func failForLackOfMemory() -> Never {
    preconditionFailure("out of memory for a random generator")
  }

  deinit {
    unsafe gsl_rng_free(generator)
  }

  /// The next 32 bits of the generator.
  public mutating func nextBits() -> UInt32 {
    UInt32(truncatingIfNeeded: unsafe gsl_rng_get(generator))
  }

  /// The next values of the generator, one after the other.
  ///
  /// - Parameter count: how many.
  /// - Returns: their 32 bits.
  public mutating func nextBits(_ count: Int) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: count) { storage, initializedCount in
      for index in 0..<count {
        unsafe storage[index] = UInt32(truncatingIfNeeded: gsl_rng_get(generator))
      }
      initializedCount = count
    }
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
    // A stream gives the same numbers whatever kernels are chosen for the rest.
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
    return unsafe [Double](unsafeUninitializedCapacity: count) { storage, initializedCount in
      unsafe concentrations.withUnsafeBufferPointer { alpha in
        unsafe gsl_ran_dirichlet(generator, count, alpha.baseAddress, storage.baseAddress)
      }
      initializedCount = count
    }
  }

  /// How many of `draws` independent draws fall on each outcome.
  ///
  /// - Parameters:
  ///   - draws: the number of draws.
  ///   - weights: the outcomes' probabilities up to a factor, not all zero.
  /// - Returns: one count an outcome.
  public mutating func multinomial(draws: UInt32, weights: [Double]) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: weights.count) { storage, initializedCount in
      unsafe weights.withUnsafeBufferPointer { p in
        unsafe gsl_ran_multinomial(
          generator, weights.count, draws, p.baseAddress, storage.baseAddress)
      }
      initializedCount = weights.count
    }
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

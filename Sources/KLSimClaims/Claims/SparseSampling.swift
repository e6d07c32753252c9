// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimNumerics

/// The bias of a teacher of which a few sampled tokens are known.
///
/// The mean over samples is exact, so that seeds are replicates by their teachers alone: each draws its own.
struct SparseSampling: Claim {
  static let name = "sparse-sampling"
  static let statement =
    "K tokens sampled from p^τ and weighted by p^(1-τ) make a target that is unbiased at τ = 1 (TVD of its"
    + " mean from p below 1e-9), and at any other τ one whose bias halves when K doubles (within 10 %)."
  static let source = "Anshumann et al., arXiv 2503.16870 (Random Sampling Knowledge Distillation)"
  static let setting =
    "chosen here: permuted-zipf (1000 tokens, an exponent of 0.8 to 1.5 drawn by each seed), τ = 0.8, 1 and"
    + " 1.2, K = 50"
  static let quantity = "the bias: the TVD of the exact mean of the target from the teacher"

  struct Cell: ClaimCell {
    let proposal: Double
    let draws: Int

    static let columns = [
      Column(key: "proposal", .number, "τ; tokens are drawn in proportion to p^τ"),
      Column(key: "draws", .integer, "number K of tokens drawn"),
    ]
    var values: [Value] { [.number(proposal), Value(draws)] }
  }

  private static let proposals = [0.0, 0.5, 0.8, 1, 1.2]
  private static let draws = [5, 12, 50, 200, 1000]
  private static let published = "permuted-zipf"

  func trials() throws -> [Trial<Cell>] {
    let cells = Self.proposals.flatMap { proposal in
      Self.draws.map { Cell(proposal: proposal, draws: $0) }
    }
    return try [
      Self.published, "permuted-zipf:size=200", "softmax-normal", "dirichlet:concentration=0.1",
      "pareto",
    ].map { teacher in
      let teachers = try SeedTeachers(Catalog.teacher(teacher))
      return Trial(
        Condition(teacher: teacher, optimizer: "sgd", learningRate: 1), cells: cells
      ) { seed, kernels in
        let teacher = try teachers(seed: seed)[0]
        return Self.proposals.flatMap { proposal in
          let target = SampledTarget(of: teacher, proposal: proposal, kernels: kernels)
          let biases = target.biases(draws: Self.draws + Self.draws.map { 2 * $0 })
          return zip(biases, biases.dropFirst(Self.draws.count)).map { bias, halved in
            Outcome(
              proposal == 1 ? bias < 1e-9 : (0.45...0.55).contains(halved / bias), quantity: bias)
          }
        }
      }
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition.teacher == Self.published && evidence.cell.draws == 50
      && [0.8, 1, 1.2].contains(evidence.cell.proposal)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped(by: \.cell.proposal).map { proposal, own in
      let biases = own.grouped(by: \.cell.draws).map { draws, own in
        "\(Words.range(own.compactMap(\.mean))) at K = \(draws)"
      }
      return "τ = \(digits(proposal)) \(Words.share(of: own))"
        + (proposal == 1 ? "" : "; bias \(biases.joined(separator: ", "))")
    }
  }
}

/// The mean of the histogram of `TeacherDistribution.histogram` without smoothing, in closed form.
///
///     E p̂_i = p_i K ∫₀^∞ e^(−t w_i) m(t)^(K−1) dt,   m(t) = Σ_j r_j e^(−t w_j)
///
/// with r the proposal and w = p/r: the integral of `e^(−tS)` is 1/S, and the draws are independent. The
/// trapezoidal rule in log t converges geometrically.
struct SampledTarget {
  private static let step = 0.25
  /// The logarithm of what is left out at either end.
  private static let reach = 40.0

  /// p of the tokens that have mass.
  private let p: [Double]
  private let proposal: [Double]
  private let weights: [Double]
  private let kernels: VectorKernels

  /// - Parameters:
  ///   - teacher: p.
  ///   - proposal: τ of `r ∝ p^τ`, at least 0.
  ///   - kernels: the vector kernels to compute with.
  init(of teacher: TeacherDistribution, proposal: Double, kernels: VectorKernels) {
    let present = teacher.probabilities.indices.filter { teacher.probabilities[$0] > 0 }
    p = present.map { teacher.probabilities[$0] }
    let logs = present.map { teacher.logProbabilities[$0] }
    let drawn = kernels.softmax(logs.map { proposal * $0 })
    self.proposal = drawn.probabilities
    weights = kernels.exponentials(zip(logs, drawn.logProbabilities).map { $0 - $1 })
    self.kernels = kernels
  }

  /// `E p̂` of the tokens that have mass, by rank, one array for each number K of draws.
  func means(draws: [Int]) -> [[Double]] {
    let counts = draws.map(Double.init)
    let least = weights.reduce(.infinity, Double.minimum)
    let most = counts.reduce(0, Double.maximum)
    let ends = kernels.logarithms([1 / most, Self.reach / least])
    let first = Int(((ends[0] - Self.reach) / Self.step).rounded(.down))
    let last = Int((ends[1] / Self.step).rounded(.up))
    let times = kernels.exponentials((first...last).map { Self.step * Double($0) })
    var sums = counts.map { _ in [Double](repeating: 0, count: p.count) }
    for time in times {
      let decays = kernels.exponentials(weights.map { -time * $0 })
      let all = zip(proposal, decays).reduce(0) { $0 + $1.0 * $1.1 }
      let log = kernels.logarithms([all])[0]
      // At K = 1 the power is 1, also where m has underflowed.
      let powers = kernels.exponentials(counts.map { $0 == 1 ? 0 : ($0 - 1) * log })
      for (place, power) in powers.enumerated() {
        kernels.add(Self.step * counts[place] * time * power, decays, to: &sums[place])
      }
    }
    return sums.map { zip(p, $0).map { $0 * $1 } }
  }

  /// `½ Σ |E p̂ − p|`, one for each number of draws.
  func biases(draws: [Int]) -> [Double] {
    means(draws: draws).map { zip($0, p).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 }
  }
}

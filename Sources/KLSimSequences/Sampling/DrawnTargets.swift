// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimNumerics

/// Estimates of the teacher's rows from draws.
///
/// Of K draws from p^τ/Z, n_v of the token v,
///
///     p̂_v = n_v p_v^{1−τ} / Σ_u n_u p_u^{1−τ}
///
/// which is n/K at τ = 1. Source: Anshumann et al., arXiv 2503.16870.
package struct DrawnTargets: Sendable {
  private let size: Int
  private let count: Int
  private let isSimple: Bool
  /// p^τ/Z, rows of the teacher × V.
  private let proposal: [Double]
  /// p^{1−τ} up to a factor of each row, rows of the teacher × V.
  private let weights: [Double]
  private let tables: AliasTables
  /// The moments of rows that were asked for.
  private var known: [Int: (mean: [Double], variance: Double)] = [:]
  /// The draws of one target.
  private var tokens: [Int]

  /// - Parameters:
  ///   - world: the teacher.
  ///   - count: K, at least 1.
  ///   - tau: τ, at least 0; tokens of probability 0 are never drawn.
  package init(of world: World, draws count: Int, tau: Double) {
    let size = world.vocabularySize
    (self.size, self.count, isSimple) = (size, count, Self.areSimple(draws: count, tau: tau))
    tokens = [Int](repeating: 0, count: count)
    let logs = world.logProbabilities
    func powers(_ exponent: Double) -> [Double] {
      logs.map { $0 > -.infinity ? exponent * $0 : -.infinity }
    }
    var (proposal, unused) = (logs, logs)
    VectorKernels.best.softmax(
      rowsOf: size, powers(tau), logProbabilities: &unused, probabilities: &proposal)
    var weights = logs
    VectorKernels.best.softmax(
      rowsOf: size, powers(1 - tau), logProbabilities: &unused, probabilities: &weights)
    (self.proposal, self.weights) = (proposal, weights)
    var tables = AliasTables(width: size)
    tables.fill(proposal)
    self.tables = tables
  }

  /// Draws a target.
  ///
  /// - Parameters:
  ///   - row: the row of the teacher.
  ///   - stream: gives 32 bits a draw.
  ///   - add: gets every draw's token, and its share of p̂.
  package mutating func draw(
    after row: Int, with stream: inout RandomStream, _ add: (_ token: Int, _ share: Double) -> Void
  ) {
    var sum = 0.0
    for place in 0..<count {
      let token = Int(tables.draw(row: Int32(row), bits: stream.nextBits()))
      tokens[place] = token
      sum += weights[row * size + token]
    }
    for token in tokens { add(token, weights[row * size + token] / sum) }
  }

  /// Whether p̂ is n/K: at τ = 1, or of one draw.
  package static func areSimple(draws count: Int, tau: Double) -> Bool { tau == 1 || count == 1 }

  /// Whether the moments of all rows of a world can be had: where p̂ is n/K, or few enough counts n are
  /// possible.
  package static func hasMoments(of world: World, draws count: Int, tau: Double) -> Bool {
    if areSimple(draws: count, tau: tau) { return true }
    var counts = Double(world.histories.count)
    for token in 1..<world.vocabularySize { counts *= Double(count + token) / Double(token) }
    return counts <= Double(World.maximumSequences)
  }

  /// E p̂, and the sum of the variances of its elements, of a row for which `hasMoments` holds.
  package mutating func moments(after row: Int) -> (mean: [Double], variance: Double) {
    if let moments = known[row] { return moments }
    let moments = isSimple ? binomialMoments(row) : enumeratedMoments(row)
    known[row] = moments
    return moments
  }

  /// `E n/K = r`, `Var n_v/K = r_v (1 − r_v)/K`, with r = p^τ/Z.
  private func binomialMoments(_ row: Int) -> (mean: [Double], variance: Double) {
    let mean = Array(proposal[row * size..<(row + 1) * size])
    return (mean, mean.reduce(0) { $0 + $1 * (1 - $1) } / Double(count))
  }

  /// The sums over all counts n of K draws, with their multinomial probabilities.
  private func enumeratedMoments(_ row: Int) -> (mean: [Double], variance: Double) {
    let first = row * size
    var mean = [Double](repeating: 0, count: size)
    var square = 0.0
    var counts = mean
    func descend(_ token: Int, _ left: Int, _ probability: Double) {
      guard token < size - 1, left > 0 else {
        for rest in token..<size { counts[rest] = 0 }
        counts[token] = Double(left)
        var all = probability
        for _ in 0..<left { all *= proposal[first + token] }
        return add(all)
      }
      // The factor of n draws of a token is C(left, n) r^n.
      var factor = 1.0
      for drawn in 0...left {
        counts[token] = Double(drawn)
        descend(token + 1, left - drawn, probability * factor)
        factor *= proposal[first + token] * Double(left - drawn) / Double(drawn + 1)
      }
    }
    func add(_ probability: Double) {
      guard probability > 0 else { return }
      let sum = (0..<size).reduce(0) { $0 + counts[$1] * weights[first + $1] }
      for token in 0..<size {
        let share = counts[token] * weights[first + token] / sum
        mean[token] += probability * share
        square += probability * share * share
      }
    }
    descend(0, count, 1)
    return (mean, square - mean.reduce(0) { $0 + $1 * $1 })
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Points at which a loss was asked for its gradient: teacher, student logits, and the answer.
package struct GradientPoints: Sendable {
  /// Teacher and student of each point that has a finite gradient.
  package let states: [FitState]
  /// `∂L/∂z` by rank, one list a state; the mean over the draws of an estimator.
  package let gradients: [[Double]]
  /// The first row of each state among all points, from 0.
  package let indices: [Int]
  /// The standard error of these means, over the norm of all; 0 where no point is there twice.
  package let samplingError: Double
  /// The points that are left out, each once, for their gradient is not finite, in one of its draws at least.
  package let invalid: [InvalidGradient]
  /// The factor of each state in norms: points with a gradient above the median count as much as that one.
  let weights: [Double]

  /// A gradient that is not finite.
  package struct InvalidGradient: Equatable, Sendable {
    /// The first row of the point among all, from 0.
    package let point: Int
    /// Its first token whose derivative is not finite, from 0.
    package let token: Int
    /// NaN or an infinity.
    package let value: Double
    /// The first token to which the teacher gives no mass, if there is one.
    package let zeroToken: Int?

    package static func == (first: Self, second: Self) -> Bool {
      (first.point, first.token, first.value.bitPattern, first.zeroToken)
        == (second.point, second.token, second.value.bitPattern, second.zeroToken)
    }
  }

  /// The most tokens: all gradients that are compared with take 1.2 GB.
  package static let mostTokens = 4096
  /// The most numbers, points × tokens, draws of one point counted once; for the same reason.
  package static let mostNumbers = 1_000_000
  /// The largest and the least derivative in magnitude whose squares can be summed and divided.
  private static let (greatest, least) = (1e140, 1e-140)

  /// Points by token; points with the same teacher and student are draws of one.
  ///
  /// - Parameters:
  ///   - teachers: p or its logits, one a point.
  ///   - logits: z, as many lists.
  ///   - gradients: `∂L/∂z`, as many lists; NaN and infinities are set aside.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `PointsError`.
  package init(
    teachers: [TeacherWeights], logits: [[Double]], gradients: [[Double]],
    kernels: VectorKernels = .best
  ) throws(PointsError) {
    guard teachers.count == logits.count, logits.count == gradients.count, !teachers.isEmpty else {
      throw PointsError(
        reason: "there are \(teachers.count) teachers, \(logits.count) students and"
          + " \(gradients.count) gradients; one of each a point is needed, and at least one point")
    }
    var (draws, invalid) = (PointDraws(), [InvalidGradient]())
    var points: [[Double]: Int] = [:]
    var invalidPoints: Set<Int> = []
    for row in teachers.indices {
      let teacher: TeacherDistribution
      do throws(DistributionError) {
        teacher = try TeacherDistribution(teachers[row], kernels: kernels)
      } catch {
        throw PointsError(reason: "point \(row): the teacher: \(error)")
      }
      let (z, g) = (logits[row], gradients[row])
      guard z.count == teacher.size, g.count == teacher.size, teacher.size > 1 else {
        throw PointsError(
          reason: "point \(row): the teacher has \(teacher.size) tokens, z \(z.count) and g"
            + " \(g.count); they must be the same number, at least 2")
      }
      if let token = z.firstIndex(where: { !$0.isFinite }) {
        throw PointsError(
          reason: "point \(row), token \(token): z is \(z[token]), not a finite number")
      }
      let key = teacher.byToken(teacher.probabilities) + z
      let point = points[key] ?? row
      points[key] = point
      guard z.count <= Self.mostTokens, points.count * z.count <= Self.mostNumbers else {
        throw PointsError(
          reason: "there are \(z.count) tokens, and \(points.count) points or more; at most"
            + " \(Self.mostTokens) tokens and \(Self.mostNumbers) numbers, points × tokens, are compared. Ask"
            + " at fewer, as klsim points makes them")
      }
      if let token = g.firstIndex(where: { !$0.isFinite }) {
        if invalidPoints.insert(point).inserted {
          invalid.append(
            InvalidGradient(
              point: point, token: token, value: g[token], zeroToken: teacher.firstZeroToken))
        }
        continue
      }
      if let token = g.firstIndex(where: { abs($0) > Self.greatest }) {
        throw PointsError(
          reason:
            "point \(row), token \(token): g is \(g[token]); up to \(Self.greatest) can be compared."
            + " Scale the loss down")
      }
      draws.add(
        FitState(teacher: teacher, logits: teacher.byRank(z), kernels: kernels),
        point: point, gradient: teacher.byRank(g))
    }
    draws.remove(invalidPoints)
    let ranked = draws.means
    (states, indices, self.gradients, self.invalid) = (draws.states, draws.points, ranked, invalid)
    guard !states.isEmpty else {
      throw PointsError(
        reason: "no point has a finite gradient; at point \(invalid[0].point), token"
          + " \(invalid[0].token), it is \(invalid[0].value)")
    }
    let largest = ranked.joined().map(abs).max() ?? 0
    guard largest > 0 else {
      throw PointsError(
        reason: "the gradient is 0 everywhere; was z a leaf of the graph, with requires_grad?")
    }
    guard largest >= Self.least else {
      throw PointsError(
        reason: "no derivative is larger than \(largest); from \(Self.least) they can be"
          + " compared. Scale the loss up")
    }
    let norms = ranked.map { row in row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let positive = norms.filter { $0 > 0 }.sorted()
    let median = positive[positive.count / 2]
    let weights = norms.map { 1 / max($0, median) }
    self.weights = weights
    func length(_ squares: [Double]) -> Double {
      zip(squares, weights).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }.squareRoot()
    }
    samplingError = length(draws.variances) / length(norms.map { $0 * $0 })
  }

  /// The largest `|∂L/∂z_i|`.
  package var largestDerivative: Double { gradients.joined().map(abs).max() ?? 0 }

  /// The number of tokens where all points have the same, else nil.
  package var vocabularySize: Int? {
    let sizes = Set(states.map(\.teacher.size))
    return sizes.count == 1 ? sizes.first : nil
  }

  /// The number of all points, those that are set aside included.
  package var count: Int { states.count + invalid.count }
}

/// Points that cannot be used: what is wrong, and where.
package struct PointsError: CategorizedError, Equatable {
  /// What is wrong, where, and what is needed.
  package let reason: String

  package var category: ErrorCategory { .badData }

  package var description: String { reason }
}

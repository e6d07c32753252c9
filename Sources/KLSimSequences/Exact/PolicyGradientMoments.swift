// SPDX-License-Identifier: GPL-3.0-or-later

/// Expectation and variance of the policy gradient of one sequence, by dynamic programming over the joint
/// states: exact for sequences of any length.
///
/// With the reward to go `A_t = r_t + γ A_{t+1}` and what the rest of the sequence gives,
/// `g_t = g_{t+1} − (A_t − b) S_t`, these are found from the last step to the first at every state c:
///
///     E[A|c],  E[A²|c],  E[g|c],  E[A g|c],  E[‖g‖²|c]
///
/// A token of the student that the teacher gives no mass has the reward −∞: the rows of the gradient in which it
/// counts are infinite, and so is the variance; the others are what they are without it.
///
/// A step costs states · V · (histories of the student · V).
package struct PolicyGradientMoments: Sendable {
  /// The expected gradient in the student's logits, histories × V.
  package let mean: [Double]
  /// `E ‖g − E g‖²`.
  package let variance: Double

  /// - Parameters:
  ///   - space: teacher and student.
  ///   - student: the student, who writes.
  ///   - discount: γ, in 0…1.
  ///   - baseline: b; not one that is a mean over a batch.
  package init(
    in space: JointSpace, at student: StudentTable, discount: Double,
    baseline: PolicyGradient.Baseline
  ) {
    precondition(!baseline.isOfStep, "a baseline of the prefix alone")
    let moment = SequenceMoment(space, student)
    let ratios = moment.logRatios.map { $0.isFinite ? $0 : 0 }
    var next: StepMoments?
    for length in stride(from: space.length - 1, through: 0, by: -1) {
      next = StepMoments(
        of: space.states(after: length), before: next,
        firstSuccessor: space.states(after: length + 1).lowerBound, at: moment, ratios, discount,
        baseline)
    }
    let norm = next?.squares[0] ?? 0
    var mean = next?.gradients ?? []
    let infinite = Self.infiniteRows(at: moment, discount)
    for row in infinite {
      for token in 0..<space.vocabularySize { mean[row * space.vocabularySize + token] = .infinity }
    }
    self.mean = mean
    variance =
      infinite.isEmpty
      ? SignalMoments.variance(
        meanSquare: norm, squareOfMean: mean.reduce(0) { $0 + $1 * $1 }) : .infinity
  }

  /// The rows of the student in which a reward of −∞ counts.
  private static func infiniteRows(at moment: SequenceMoment, _ discount: Double) -> Set<Int> {
    let (space, size) = (moment.space, moment.space.vocabularySize)
    guard moment.logRatios.contains(-.infinity) else { return [] }
    let occupancy = Occupancy(of: .student, in: space, student: moment.student)
    var rows: Set<Int> = []
    // Whether the reward to go of each state of the next step can be −∞.
    var next: [Bool] = []
    for length in stride(from: space.length - 1, through: 0, by: -1) {
      let first = space.states(after: length + 1).lowerBound
      let own = space.states(after: length).map { state in
        (0..<size).contains { token in
          let place = state * size + token
          let row = Int(space.studentRows[state])
          guard moment.student.probabilities[row * size + token] > 0 else { return false }
          return moment.logRatios[place] == -.infinity
            || discount > 0 && !next.isEmpty && token != space.studentEndToken
              && next[Int(space.successors[place]) - first]
        }
      }
      for (place, state) in space.states(after: length).enumerated()
      where own[place] && occupancy.steps[length][place] > 0 {
        rows.insert(Int(space.studentRows[state]))
      }
      next = own
    }
    return rows
  }
}

/// The moments of what follows the states of one step.
private struct StepMoments {
  /// `E[A|c]` and `E[A²|c]`.
  private var rewards: [Double] = []
  private var rewardSquares: [Double] = []
  /// `E[g|c]` and `E[A g|c]`, states × (histories of the student × V).
  private(set) var gradients: [Double] = []
  private var products: [Double] = []
  /// `E[‖g‖²|c]`.
  private(set) var squares: [Double] = []

  init(
    of states: Range<Int>, before next: StepMoments?, firstSuccessor: Int,
    at moment: SequenceMoment, _ ratios: [Double], _ discount: Double,
    _ baseline: PolicyGradient.Baseline
  ) {
    let (space, student) = (moment.space, moment.student)
    let size = space.vocabularySize
    let width = student.logits.count
    gradients = [Double](repeating: 0, count: states.count * width)
    products = gradients
    var (reward, rewardSquare) = (
      [Double](repeating: 0, count: size), [Double](repeating: 0, count: size)
    )
    for (place, state) in states.enumerated() {
      let row = Int(space.studentRows[state]) * size
      let own = place * width
      var norm = 1.0
      for token in 0..<size {
        norm += student.probabilities[row + token] * student.probabilities[row + token]
      }
      /// The place of what follows a token; nil at the end of the sequence.
      func successor(_ token: Int) -> Int? {
        next == nil || token == space.studentEndToken
          ? nil : Int(space.successors[state * size + token]) - firstSuccessor
      }
      for token in 0..<size {
        let single = ratios[state * size + token]
        let later = successor(token).map { next?.rewards[$0] ?? 0 } ?? 0
        let laterSquare = successor(token).map { next?.rewardSquares[$0] ?? 0 } ?? 0
        reward[token] = single + discount * later
        rewardSquare[token] =
          single * single + 2 * single * discount * later + discount * discount * laterSquare
      }
      let probabilities = student.row(row / size)
      let base = Self.baseline(
        baseline, probabilities, single: ratios[state * size..<(state + 1) * size], toGo: reward)
      var (first, second, square, ofScores, ofProducts) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for token in 0..<size {
        let q = student.probabilities[row + token]
        first += q * reward[token]
        second += q * rewardSquare[token]
        square +=
          q * (rewardSquare[token] - 2 * base * reward[token] + base * base)
          * (norm - 2 * q)
        let weight = q * (reward[token] - base)
        let product = q * (rewardSquare[token] - base * reward[token])
        gradients[own + row + token] -= weight
        products[own + row + token] -= product
        ofScores += weight
        ofProducts += product
        guard let next, let later = successor(token).map({ $0 * width }) else { continue }
        let single = ratios[state * size + token]
        for index in 0..<width {
          gradients[own + index] += q * next.gradients[later + index]
          products[own + index] +=
            q * (single * next.gradients[later + index] + discount * next.products[later + index])
        }
        // E[(A − b) g'] · S in the student's row.
        var along = 0.0
        for other in 0..<size {
          let index = later + row + other
          let component =
            (single - base) * next.gradients[index] + discount * next.products[index]
          along += component * ((other == token ? 1 : 0) - student.probabilities[row + other])
        }
        square += q * (next.squares[later / width] - 2 * along)
      }
      for token in 0..<size {
        let q = student.probabilities[row + token]
        gradients[own + row + token] += ofScores * q
        products[own + row + token] += ofProducts * q
      }
      rewards.append(first)
      rewardSquares.append(second)
      squares.append(square)
    }
  }

  /// b of a state, by the reward of each token and the expected reward to go after it.
  private static func baseline(
    _ baseline: PolicyGradient.Baseline, _ q: ArraySlice<Double>, single: ArraySlice<Double>,
    toGo: [Double]
  ) -> Double {
    switch baseline {
    case .none, .mean, .leaveOneOut: 0
    case .tokenKL: zip(q, single).reduce(0) { $0 + $1.0 * $1.1 }
    case .value: zip(q, toGo).reduce(0) { $0 + $1.0 * $1.1 }
    case .optimal: PolicyGradient.Baseline.optimum(toGo, q)
    }
  }
}

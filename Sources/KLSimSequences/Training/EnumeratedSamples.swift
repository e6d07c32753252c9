// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Every sample of a signal, by its writers.
struct EnumeratedSamples {
  let estimator: any SignalEstimator
  let moment: SequenceMoment
  /// The sequences of each writer of each draw, with their probabilities.
  let draws: [(draw: SequenceDraw, written: [[(tokens: [Int], probability: Double)]])]

  /// - Parameters: as of `SignalMoments.init(enumerating:in:at:after:)`.
  /// - Returns: nil if there are more than `World.maximumSequences`.
  /// - Throws: `SetupError`.
  init?(
    of signal: any Signal, in space: JointSpace, at student: StudentTable,
    after students: [StudentTable] = []
  ) throws {
    guard space.world.sequenceCount != nil else { return nil }
    var estimator = try signal.estimator(in: space)
    for student in students { _ = estimator.draws(at: SequenceMoment(space, student)) }
    moment = SequenceMoment(space, student)
    var all: [(SequenceDraw, [[(tokens: [Int], probability: Double)]])] = []
    for draw in estimator.draws(at: moment) {
      var (written, count): ([[(tokens: [Int], probability: Double)]], Double) = ([], 1)
      for proposal in draw.proposals {
        written.append(try space.sequences(of: proposal))
        count *= Double(written[written.count - 1].count)
        guard count <= Double(World.maximumSequences) else { return nil }
      }
      all.append((draw, written))
    }
    (self.estimator, draws) = (estimator, all)
  }

  /// Visits one sequence of each writer in all combinations.
  static func product(
    _ written: [[(tokens: [Int], probability: Double)]],
    _ visit: (_ sample: [[Int]], _ probability: Double) -> Void
  ) {
    func descend(_ sample: [[Int]], _ probability: Double) {
      guard sample.count < written.count else { return visit(sample, probability) }
      for sequence in written[sample.count] {
        descend(sample + [sequence.tokens], probability * sequence.probability)
      }
    }
    descend([], 1)
  }
}

extension JointSpace {
  /// Every sequence that a writer can write, with its probability.
  ///
  /// - Throws: `SetupError` if there are too many.
  func sequences(
    of proposal: Proposal
  ) throws(SetupError) -> [(tokens: [Int], probability: Double)] {
    var sequences: [(tokens: [Int], probability: Double)] = []
    try SequenceTree(self, endingWith: proposal.endToken).visit { tokens, states in
      var probability = 1.0
      for (token, state) in zip(tokens, states) {
        probability *= proposal.probability(of: token, at: state, size: vocabularySize)
      }
      if probability > 0 { sequences.append((tokens, probability)) }
    }
    return sequences
  }
}

/// Sums gradients each of which has few rows.
struct SparseGradient {
  private let space: JointSpace
  private(set) var mean: [Double]
  private(set) var meanSquare = 0.0
  private var terms: GradientTerms
  private var gradient: [Double]

  init(_ space: JointSpace) {
    self.space = space
    terms = GradientTerms(space, areExpected: true)
    mean = terms.scores
    gradient = terms.scores
  }

  mutating func add(
    probability: Double, at student: StudentTable, of batches: [SequenceBatch],
    _ losses: inout TokenLosses?, weigh: (inout GradientTerms) -> Void
  ) {
    let size = space.vocabularySize
    let states = Set(
      batches.flatMap { batch in
        zip(batch.tokens, batch.states).compactMap { $0 >= 0 ? Int($1) : nil }
      }
    ).sorted()
    let rows = Set(states.map { Int(space.studentRows[$0]) }).sorted()
    weigh(&terms)
    meanSquare += probability * terms.hiddenVariance
    terms.hiddenVariance = 0
    for row in rows {
      var total = 0.0
      let range = row * size..<(row + 1) * size
      for index in range { total += terms.scores[index] }
      for index in range {
        // A weight beyond a double leaves the row infinite, not undefined.
        gradient[index] =
          total.isInfinite ? total : terms.scores[index] - total * student.probabilities[index]
        terms.scores[index] = 0
      }
    }
    for state in states where terms.divergences[state] != 0 {
      _ = losses?.loss(
        of: state, at: student, weight: terms.divergences[state], addingTo: &gradient)
      terms.divergences[state] = 0
    }
    for row in rows {
      for index in row * size..<(row + 1) * size {
        mean[index] += probability * gradient[index]
        meanSquare += probability * gradient[index] * gradient[index]
      }
    }
  }
}

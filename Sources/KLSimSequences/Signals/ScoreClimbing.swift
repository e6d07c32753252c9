// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// Forward KL by Markovian score climbing: `−∇log q(y')` of the state y' of a chain that leaves p invariant.
///
/// At every step S − 1 sequences are drawn from q and the state is added; the new state is one of these S, with a
/// probability ∝ p/q. Every sample of a step has a chain of its own, which starts with a sequence of q. Unbiased
/// for seq-fkl at stationarity, biased in finite time; with S = 1 the state stays forever. p may lack its
/// constant.
package struct ScoreClimbing: Signal {
  package static let name = "score-climbing"
  package static let summary =
    "forward KL without the teacher's sequences, by a Markov chain; unbiased at stationarity"
  package static let formula =
    "-∇log q(y'), y' one of y and y_2…y_S ~ q with probability ∝ p/q; y' is the next y"
  package static let reference = "Naesseth, Lindsten, Blei, arXiv 2003.10374"

  static let candidates = Parameter(
    "candidates", default: 2, .range(1...1024),
    summary: "S, the number of sequences from which the state is chosen, itself included")
  package static let parameters: [any ParameterDeclaration] = [candidates]

  private let candidates: Int

  package func dependence(hasOneLength: Bool) -> SampleDependence? { .memory }

  /// The states are kept, and copied when they move.
  package var size: SignalSize { SignalSize(sequences: candidates, keptSequences: 2) }

  /// An expectation is one of chains that have run at the student.
  package var burnIn: Int { 100 }

  package init(_ values: Parameters) { candidates = values[Self.candidates] }

  package func check(_ space: JointSpace) throws(SetupError) {
    try space.checkOneEnd(for: Self.name)
  }

  package func estimator(in space: JointSpace) throws -> any SignalEstimator {
    try check(space)
    return Chains(candidates: candidates)
  }
}

/// The chains of a run, one a sample.
private struct Chains: SignalEstimator {
  let candidates: Int
  /// The states; nil before the first step.
  private var states: SequenceBatch?

  init(candidates: Int) { self.candidates = candidates }

  func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    // The first step draws the states too.
    let count = states == nil ? candidates : candidates - 1
    return [SequenceDraw([Proposal](repeating: moment.writer, count: count))]
  }

  mutating func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    var others = batches
    var current = states ?? others.removeLast()
    for place in 0..<current.count {
      let shares = moment.student.kernels.shares(
        ([current] + others).map { $0.sum(of: moment.logRatios, place, moment) })
      var left = stream.uniform()
      let chosen = shares.firstIndex { share in
        left -= share
        return left < 0
      }
      if let chosen, chosen > 0 { current.replace(place, by: others[chosen - 1]) }
      current.addScores(-1, place, moment.space, to: &terms)
    }
    states = current
  }
}

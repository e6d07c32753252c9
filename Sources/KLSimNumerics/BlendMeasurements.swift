// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// The measurements of a group of runs by the fused kernel, state by state.
package struct BlendMeasurements: ~Copyable {
  private let partEnds: [Int]
  let values: AlignedBuffer

  /// Allocates the measurements of a problem.
  ///
  /// - Parameters:
  ///   - problem: what is fitted.
  ///   - states: the maximum number of states at a time.
  package init(_ problem: BlendProblem, states: Int) {
    partEnds = problem.partEnds
    values = AlignedBuffer(count: 8 * states * klsim_rows(partEnds.count))
  }

  private func value(_ row: Int, state: Int, run: Int) -> Double {
    values[8 * (state * klsim_rows(partEnds.count) + row) + run]
  }

  /// KL(p‖q), KL(q‖p) and H(q), nats; KL(q‖p) is invalid if a teacher probability is 0.
  ///
  /// - Parameters:
  ///   - state: which of the measured states.
  ///   - run: the run's place in the group.
  /// - Returns: the three.
  package func divergences(
    state: Int, run: Int
  ) -> (forward: Double, reverse: Double, entropy: Double) {
    (
      value(0, state: state, run: run), value(1, state: state, run: run),
      value(2, state: state, run: run)
    )
  }

  /// The weights of forward and reverse KL.
  ///
  /// - Parameters:
  ///   - state: which of the measured states.
  ///   - run: the run's place in the group.
  /// - Returns: a and b, unscaled.
  package func weights(state: Int, run: Int) -> (forward: Double, reverse: Double) {
    (value(4, state: state, run: run), value(5, state: state, run: run))
  }

  /// Whether the total variation distance is below a threshold, for all places in the group at once.
  ///
  /// - Parameters:
  ///   - threshold: the threshold.
  ///   - state: which of the measured states.
  /// - Returns: true where it is; undefined in places without a run.
  package func totalVariationIsBelow(
    _ threshold: Double, state: Int
  ) -> SIMDMask<SIMD8<Int64>> {
    let row = 8 * (state * klsim_rows(partEnds.count) + 3)
    precondition(row >= 0 && row + 8 <= values.count)
    return unsafe UnsafeRawPointer(values.base + row).load(as: SIMD8<Double>.self) .< threshold
  }

  /// `½ Σ |p − q|`.
  ///
  /// - Parameters:
  ///   - state: which of the measured states.
  ///   - run: the run's place in the group.
  /// - Returns: the total variation distance.
  package func totalVariation(state: Int, run: Int) -> Double {
    value(3, state: state, run: run)
  }

  /// The errors of one cut.
  ///
  /// - Parameters:
  ///   - headCount: one of the cuts of the problem.
  ///   - state: which of the measured states.
  ///   - run: the run's place in the group.
  /// - Returns: `Σ |p − q|` over the head and over the tail, and `Σ (q − p)` over the head.
  package func errors(
    headCount: Int, state: Int, run: Int
  ) -> (head: Double, tail: Double, headMass: Double) {
    var sums = (head: 0.0, tail: 0.0, headMass: 0.0)
    for (part, end) in partEnds.enumerated() {
      let absolute = value(6 + part, state: state, run: run)
      if end <= headCount {
        sums.head += absolute
        sums.headMass += value(6 + partEnds.count + part, state: state, run: run)
      } else {
        sums.tail += absolute
      }
    }
    return sums
  }
}

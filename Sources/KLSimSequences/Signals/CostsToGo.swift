// SPDX-License-Identifier: GPL-3.0-or-later

extension GradientTerms {
  /// Adds `Σ_t w_t (Σ_{u≥t} γ^{u−t} x_u + a_t) S_t` of every sequence.
  ///
  /// - Parameters:
  ///   - batch: the sequences.
  ///   - space: the joint states.
  ///   - discount: γ.
  ///   - weight: w of a place in `batch.tokens`.
  ///   - addition: a of a place in joint states × V.
  ///   - cost: x of a place in `batch.tokens`, and of its place in joint states × V.
  @inline(__always)
  mutating func addCostsToGo(
    of batch: SequenceBatch, in space: JointSpace, discount: Double,
    weight: (_ place: Int) -> Double = { _ in 1 },
    addition: (_ transition: Int) -> Double = { _ in 0 },
    cost: (_ place: Int, _ transition: Int) -> Double
  ) {
    let (size, rows) = (space.vocabularySize, space.studentRows)
    var toGo = [Double](repeating: 0, count: batch.count)
    for step in stride(from: batch.length - 1, through: 0, by: -1) {
      for sequence in 0..<batch.count {
        let place = step * batch.count + sequence
        let (token, state) = (Int(batch.tokens[place]), Int(batch.states[place]))
        guard token >= 0 else { continue }
        let transition = state * size + token
        toGo[sequence] = cost(place, transition) + toGo[sequence].discounted(by: discount)
        scores[Int(rows[state]) * size + token] +=
          weight(place) * (toGo[sequence] + addition(transition))
      }
    }
  }
}

extension Double {
  /// γ x; 0 at γ = 0 even of an infinite x, which then does not matter.
  @inline(__always)
  func discounted(by discount: Double) -> Double { discount == 0 ? 0 : discount * self }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Preference of the teacher's tokens over the student's.
///
///     paper  L = −log σ(b [s(y_w) − s(y_l)]),   s(y) = log(q(y)/p(y)) / |y|,   y_w ~ p, y_l ~ q
///     code   L = (1/|y|) Σ_t −log σ(b [ρ(a_t) − ρ(s_t)]),   ρ(v) = log(q(v|c_t)/p(v|c_t)),   y ~ p
///
/// with a_t and s_t the most probable tokens of teacher and student at c_t, the first of equal ones; where they
/// coincide the gradient is 0. Without `length-normalize` the divisors |y| are 1. The samples of `paper` are
/// held constant: the gradient is not that of an expected loss.
package struct PreferenceDistillation: Signal, SignalEstimator {
  package static let name = "dpkd"
  package static let summary =
    "direct preference of a teacher's sequence over a student's, with the teacher as reference"
  package static let formula = """
    paper: -log σ(b [s(y_w) - s(y_l)]), s(y) = log(q(y)/p(y))/|y|, y_w ~ p, y_l ~ q
    code: -log σ(b log ratio of the two most probable tokens) at every position of y ~ p
    """
  package static let reference = "Li et al., arXiv 2406.19774 (DPKD), and its authors' code"

  /// The loss as printed or as published in code.
  enum Form: String, ParameterChoice {
    case paper, code
  }

  static let form = Parameter(
    "form", default: Form.paper, summary: "the paper's pairs of sequences, or the code's of tokens")
  static let b = Parameter("b", default: 0.1, .positive, summary: "b, the factor of log ratios")
  static let lengthNormalize = Parameter(
    "length-normalize", default: true,
    summary: "whether log ratios (paper) or the loss (code) are divided by the number of tokens")
  package static let parameters: [any ParameterDeclaration] = [form, b, lengthNormalize]

  private let form: Form
  private let b: Double
  private let isNormalized: Bool

  package init(_ values: Parameters) {
    (form, b, isNormalized) = (values[Self.form], values[Self.b], values[Self.lengthNormalize])
  }

  package var size: SignalSize { SignalSize(sequences: form == .paper ? 2 : 1) }

  package func estimator(in space: JointSpace) -> any SignalEstimator { self }

  package func draws(at moment: SequenceMoment) -> [SequenceDraw] {
    [SequenceDraw(form == .paper ? [moment.teacher, moment.writer] : [moment.teacher])]
  }

  package func weigh(
    _ batches: [SequenceBatch], of draw: SequenceDraw, at moment: SequenceMoment,
    with stream: inout RandomStream, into terms: inout GradientTerms
  ) {
    switch form {
    case .paper: weighPairs(batches[0], batches[1], at: moment, into: &terms)
    case .code: weighTokens(of: batches[0], at: moment, into: &terms)
    }
  }

  private func weighPairs(
    _ chosen: SequenceBatch, _ rejected: SequenceBatch, at moment: SequenceMoment,
    into terms: inout GradientTerms
  ) {
    for place in 0..<chosen.count {
      let sides = [(chosen, 1.0), (rejected, -1.0)].map { batch, sign in
        (batch, sign * b / divisor(Int(batch.lengths[place])))
      }
      // −D: the log ratios of a moment are log(p/q).
      let negative = sides.reduce(0) { $0 + $1.1 * $1.0.sum(of: moment.logRatios, place, moment) }
      let weight = moment.student.kernels.sigmoid(negative)
      for (batch, factor) in sides {
        batch.addScores(-weight * factor, place, moment.space, to: &terms)
      }
    }
  }

  private func weighTokens(
    of batch: SequenceBatch, at moment: SequenceMoment, into terms: inout GradientTerms
  ) {
    let (space, size) = (moment.space, moment.space.vocabularySize)
    for index in batch.tokens.indices where batch.tokens[index] >= 0 {
      let state = Int(batch.states[index])
      let row = Int(space.studentRows[state]) * size
      let teachers = Self.mostProbable(space.logTeacher[state * size..<(state + 1) * size])
      let students = Self.mostProbable(moment.student.logProbabilities[row..<row + size])
      guard teachers != students else { continue }
      let ratios = moment.logRatios
      let negative = b * (ratios[state * size + teachers] - ratios[state * size + students])
      let weight =
        b * moment.student.kernels.sigmoid(negative)
        / divisor(Int(batch.lengths[index % batch.count]))
      terms.scores[row + teachers] -= weight
      terms.scores[row + students] += weight
    }
  }

  private func divisor(_ length: Int) -> Double { isNormalized ? Double(length) : 1 }

  /// The place of the greatest number, the first of equal ones.
  private static func mostProbable(_ row: ArraySlice<Double>) -> Int {
    (row.indices.max { row[$0] < row[$1] || row[$0] == row[$1] && $0 > $1 } ?? row.startIndex)
      - row.startIndex
  }
}

extension VectorKernels {
  /// `1/(1 + e^−x)`.
  package func sigmoid(_ x: Double) -> Double { exponential(-logSumExp(0, -x)) }

  /// The same of every element: the share of the first of 0 and −x in a softmax.
  func sigmoids(_ values: [Double]) -> [Double] {
    var pairs: [Double] = []
    pairs.reserveCapacity(2 * values.count)
    for x in values {
      pairs.append(0)
      pairs.append(-x)
    }
    var (logs, shares) = (pairs, pairs)
    softmax(rowsOf: 2, pairs, logProbabilities: &logs, probabilities: &shares)
    // Exponentials of the logarithms, as of one x.
    return exponentials(stride(from: 0, to: logs.count, by: 2).map { logs[$0] })
  }
}

extension SequenceBatch {
  /// The sum over the tokens of one sequence of a number of each joint state and token.
  package func sum(of numbers: [Double], _ place: Int, _ moment: SequenceMoment) -> Double {
    let size = moment.space.vocabularySize
    return stride(from: place, to: place + count * Int(lengths[place]), by: count).reduce(0) {
      $0 + numbers[Int(states[$1]) * size + Int(tokens[$1])]
    }
  }

  /// Adds a weight to the score of every token of one sequence.
  package func addScores(
    _ weight: Double, _ place: Int, _ space: JointSpace, to terms: inout GradientTerms
  ) {
    for index in stride(from: place, to: place + count * Int(lengths[place]), by: count) {
      let row = Int(space.studentRows[Int(states[index])])
      terms.scores[row * space.vocabularySize + Int(tokens[index])] += weight
    }
  }
}

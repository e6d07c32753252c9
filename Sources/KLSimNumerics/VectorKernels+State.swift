// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels
internal import RealModule

/// Sums over a student that are computed together with its softmax.
package struct StateSums: Sendable {
  /// `Σ p (log p − log q)`.
  package var forward = 0.0
  /// `Σ q (log q − log p)`.
  package var reverse = 0.0
  /// `−Σ q log q`.
  package var entropy = 0.0
  /// `Σ |q − p|`.
  package var absolute = 0.0
  /// `max z`.
  package var maximum = 0.0
  /// The sum of a term, with its weight; 0 without one.
  package var term = 0.0
  /// The sum of its slopes.
  package var slopes = 0.0

  /// Nothing summed yet.
  package init() {}
}

/// The exponentials of logits relative to a shift, their sum, and the largest logit; made by an optimizer
/// of the package for the student's state, and passed on unread by what is between them.
public struct BegunSoftmax: Sendable {
  let shift: Double
  let total: Double
  package let maximum: Double

  /// Whether the sum is far from under- and overflow.
  package var isInRange: Bool { total > 0x1p-500 && total < 0x1p500 }
}

extension VectorKernels {
  /// Softmax, divergences, absolute differences and a term in one pass, with the bits of separate ones.
  ///
  /// - Parameters:
  ///   - logits: z, one per token, which become `scale · from`.
  ///   - from: logits, as many; z itself if nil.
  ///   - scale: their factor, above 0.
  ///   - maximum: the largest of them, nil if it is not known.
  ///   - begun: if not nil, `logits` holds z already, and `probabilities` its exponentials.
  ///   - p: teacher probabilities.
  ///   - logP: their logarithms.
  ///   - logProbabilities: receives log q.
  ///   - probabilities: receives q.
  ///   - term: a term to sum as well.
  ///   - slopes: receives the slopes of the term, one per token; unused without a term.
  /// - Returns: the sums.
  package func state(
    _ logits: inout [Double], from: [Double]? = nil, scale: Double = 1, maximum: Double? = nil,
    begun: BegunSoftmax? = nil, p: [Double], logP: [Double], logProbabilities: inout [Double],
    probabilities: inout [Double], term: WeightedTerm? = nil, slopes: inout [Double]
  ) -> StateSums {
    let count = logits.count
    precondition(count == logProbabilities.count && count == probabilities.count)
    precondition(
      count == p.count && count == logP.count && (from.map { $0.count == count } ?? true))
    precondition(term == nil || slopes.count == count)
    guard let table = unsafe table else {
      return PlainKernels.state(
        &logits, from: from, scale: scale, p: p, logP: logP,
        logProbabilities: &logProbabilities, probabilities: &probabilities, term: term,
        slopes: &slopes)
    }
    var (sums, termSums) = ([0.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0])
    let (kind, coefficients) = term?.term.kernel ?? TokenTerm.noKernel
    let weight = term?.weight ?? 0
    unsafe logits.withUnsafeMutableBufferPointer { logits in
      guard let z = logits.baseAddress else { return }
      func find(_ source: UnsafePointer<Double>) {
        func find(_ maximum: UnsafePointer<Double>?, _ begun: UnsafePointer<Double>?) {
          unsafe table.pointee.state(
            count, p, logP, scale, source, maximum, begun, z, &logProbabilities,
            &probabilities, &sums, kind, coefficients, weight, &slopes, &termSums)
        }
        if let begun {
          unsafe find(nil, [begun.shift, begun.total, begun.maximum])
        } else if let maximum {
          unsafe find([maximum], nil)
        } else {
          find(nil, nil)
        }
      }
      if let from { unsafe find(from) } else { unsafe find(z) }
    }
    var all = StateSums()
    (all.forward, all.reverse, all.entropy) = (sums[0], sums[1], 0 - sums[2])
    (all.absolute, all.maximum) = (sums[3], sums[4])
    (all.term, all.slopes) = (weight * termSums[0], termSums[1])
    return all
  }
}

extension PlainKernels {
  static func begin(
    _ parameters: [Double], logits: inout [Double], exponentials: inout [Double], shift: Double
  ) -> BegunSoftmax {
    for index in parameters.indices {
      logits[index] = parameters[index]
      exponentials[index] = .exp(parameters[index] - shift)
    }
    return BegunSoftmax(
      shift: shift, total: exponentials.reduce(0, +),
      maximum: parameters.reduce(-.infinity) { $1 > $0 ? $1 : $0 })
  }

  static func state(
    _ logits: inout [Double], from: [Double]?, scale: Double, p: [Double], logP: [Double],
    logProbabilities: inout [Double], probabilities: inout [Double], term: WeightedTerm?,
    slopes: inout [Double]
  ) -> StateSums {
    for index in logits.indices { logits[index] = scale * (from ?? logits)[index] }
    _ = softmax(
      logits, logProbabilities: &logProbabilities, probabilities: &probabilities)
    let sums = divergences(p: p, logP: logP, q: probabilities, logQ: logProbabilities)
    var state = StateSums()
    (state.forward, state.reverse, state.entropy) = sums
    state.absolute = differences(p: p, q: probabilities, over: p.indices).absolute
    state.maximum = logits.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
    guard let term else { return state }
    let pair = DistributionPair(p: p, logP: logP, q: probabilities, logQ: logProbabilities)
    let added = add(term, at: pair, to: .nothing, slopes: &slopes)
    (state.term, state.slopes) = (term.weight * added.loss, added.slopes)
    return state
  }
}

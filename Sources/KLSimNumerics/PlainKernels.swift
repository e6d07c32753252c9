// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The kernels as plain loops; `VectorKernels` documents what each computes.
enum PlainKernels {
  static func softmax(
    _ logits: [Double], logProbabilities: inout [Double], probabilities: inout [Double]
  ) -> Double {
    let top = logits.reduce(-.infinity) { $1 > $0 ? $1 : $0 }
    let logTotal = Double.log(logits.reduce(0) { $0 + .exp($1 - top) })
    for index in logits.indices {
      // Not z minus their sum, in which the logarithm loses digits beside a large maximum.
      logProbabilities[index] = logits[index] - top - logTotal
      probabilities[index] = .exp(logProbabilities[index])
    }
    return top + logTotal
  }

  static func divergences(
    p: [Double], logP: [Double], q: [Double], logQ: [Double]
  ) -> (forward: Double, reverse: Double, entropy: Double) {
    var sums = (forward: 0.0, reverse: 0.0, entropy: 0.0)
    for index in p.indices {
      if p[index] != 0 { sums.forward += p[index] * (logP[index] - logQ[index]) }
      guard q[index] != 0 else { continue }
      sums.reverse += q[index] * (logQ[index] - logP[index])
      sums.entropy -= q[index] * logQ[index]
    }
    return sums
  }

  static func differences(
    p: [Double], q: [Double], over range: Range<Int>
  ) -> (absolute: Double, signed: Double) {
    var sums = (absolute: 0.0, signed: 0.0)
    for index in range {
      sums.absolute += abs(q[index] - p[index])
      sums.signed += q[index] - p[index]
    }
    return sums
  }

  static func adam(
    _ parameters: inout [Double], gradient: [Double], mean: inout [Double],
    square: inout [Double], _ step: AdamStep
  ) {
    let inverse = 1 / step.rootCorrection
    for index in parameters.indices {
      let slope = gradient[index]
      mean[index] = step.beta1 * mean[index] + (1 - step.beta1) * slope
      square[index] = step.beta2 * square[index] + (1 - step.beta2) * slope * slope
      let scale = square[index].squareRoot() * inverse + step.epsilon
      parameters[index] = step.keep * parameters[index] - step.size * (mean[index] / scale)
    }
  }
}

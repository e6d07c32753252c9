// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// Terms of objectives: the passes in C against the plain loops, and against each other.
@Suite struct TokenTermTests {
  static let sets = VectorKernels.allCases.filter { $0 != .plain && $0.isAvailable }
  static let sizes = [1, 2, 7, 8, 9, 16, 17, 100, 1003]

  static let terms: [TokenTerm] = [
    .blend(forward: 1, reverse: 0), .blend(forward: 0, reverse: 1),
    .blend(forward: 0.3, reverse: 0.7), .alpha(0.5), .alpha(0.05), .alpha(0.98), .alpha(2),
    .alpha(-1), .alphaBeta(0.2, 0.7), .alphaBeta(0.5, 0), .alphaBeta(0, 0.5), .alphaBeta(0, 0),
    .alphaBeta(0.5, -0.5), .alphaBeta(-0.4, 0.1), .alphaBeta(1e-9, 0.5),
    .mixture(beta: 0.5, teacher: 0.5, student: 0.5, logRatio: 0.5),
    .mixture(beta: 0.1, teacher: 1, teacherShare: -9),
    .mixture(beta: 0.9, student: 1, logRatio: 1, studentShare: -1),
    .mixture(beta: 1e-9, teacher: 1, student: 1, logRatio: 1, studentShare: 2),
    .totalVariation, .squaredDifference, .triangular, .arithmeticGeometric,
    .modifiedGAN(isDual: false), .modifiedGAN(isDual: true), .logAbs(isDual: false),
    .logAbs(isDual: true), .sigmoidBlend(beta: 1), .sigmoidBlend(beta: 0.3),
  ]

  private func pair(size: Int, reach: Double) -> DistributionPair {
    var generator = SplitMix64(seed: UInt64(size))
    func distribution() -> (values: [Double], logs: [Double]) {
      let logits = (0..<size).map { _ in Double.random(in: -reach...reach, using: &generator) }
      var (logs, values) = (logits, logits)
      VectorKernels.plain.softmax(logits, logProbabilities: &logs, probabilities: &values)
      return (values, logs)
    }
    let (p, q) = (distribution(), distribution())
    return DistributionPair(p: p.values, logP: p.logs, q: q.values, logQ: q.logs)
  }

  private func value(
    _ terms: [WeightedTerm], _ pair: DistributionPair, _ kernels: VectorKernels, size: Int
  ) -> (loss: Double, gradient: [Double]) {
    var gradient = [Double](repeating: .nan, count: size)
    let (loss, mean) = kernels.sumAndSlopes(of: terms, at: pair, slopes: &gradient)
    kernels.centre(&gradient, q: pair.q, mean: mean, scale: 0.75)
    return (loss, gradient)
  }

  @Test(arguments: terms, sizes)
  func kernelsEqualThePlainLoops(term: TokenTerm, size: Int) {
    for reach in [0.01, 3, 30.0] {
      let pair = pair(size: size, reach: reach)
      let terms = [WeightedTerm(term, weight: 0.5), WeightedTerm(.totalVariation, weight: 2)]
      let plain = value(terms, pair, .plain, size: size)
      // Terms of the size of 1 and more, which may cancel in the sum.
      let scale = Double(size) * max(1, abs(plain.loss), largest(plain.gradient))
      for kernels in Self.sets {
        let own = value(terms, pair, kernels, size: size)
        #expect(gap(own.loss, plain.loss) <= 1e-12 * scale, "\(kernels), \(reach)")
        #expect(worstGap(own.gradient, plain.gradient) <= 1e-12 * scale, "\(kernels), \(reach)")
      }
    }
  }

  @Test(arguments: terms, sizes)
  func everyInstructionSetGivesTheSameBits(term: TokenTerm, size: Int) {
    for reach in [3, 700.0] {
      let pair = pair(size: size, reach: reach)
      let results = Self.sets.map { value([WeightedTerm(term)], pair, $0, size: size) }
      for result in results {
        #expect(result.loss.bitPattern == results[0].loss.bitPattern)
        #expect(result.gradient.map(\.bitPattern) == results[0].gradient.map(\.bitPattern))
      }
    }
  }

  /// No gradient moves the logits' sum, even where one token has all of q.
  @Test(arguments: terms, [3, 9, 100])
  func gradientsSumToZero(term: TokenTerm, size: Int) {
    let pair = pair(size: size, reach: 30)
    let (_, gradient) = value([WeightedTerm(term)], pair, .best, size: size)
    #expect(abs(gradient.reduce(0, +)) <= 1e-15 * max(1, largest(gradient)) * Double(size))
  }

  @Test(arguments: sizes)
  func arrayPassesEqualThePlainLoops(size: Int) {
    var generator = SplitMix64(seed: 3)
    func random() -> [Double] {
      (0..<size).map { _ in .random(in: -2...2, using: &generator) }
    }
    let (x, y) = (random(), random())
    let weights = x.map { abs($0) }
    func results(_ kernels: VectorKernels) -> [Double] {
      var combined = x
      kernels.combine(0.3, x, -2, y, into: &combined)
      var added = x
      kernels.add(1.5, y, to: &added)
      kernels.scale(&added, by: 3)
      kernels.shift(&added, by: 0.25)
      kernels.divide(&added, by: 0.7)
      var shifted = x
      kernels.shift(x, by: -1, then: 0.5, into: &shifted)
      kernels.addDeviations(0.5, weights: weights, of: x, minus: y, centre: 0.1, to: &shifted)
      let even = kernels.moments(of: x, minus: y)
      let weighted = kernels.moments(weights: weights, of: x, minus: y)
      let sums = [
        kernels.dot(x, y), kernels.total(of: x), kernels.total(of: x, over: 0..<size / 2),
        kernels.maximum(of: x, over: size / 3..<size),
        kernels.logSumExp(x, plus: -0.5, times: y, from: 0),
      ]
      let moments = [
        even.mass, even.mean, even.squares, weighted.mass, weighted.mean, weighted.squares,
      ]
      return [combined, added, shifted, sums, moments].flatMap(\.self)
    }
    let plain = results(.plain)
    let reference = results(Self.sets[0])
    for kernels in Self.sets {
      let own = results(kernels)
      #expect(worstGap(own, plain) <= 1e-13 * Double(size))
      #expect(own.map(\.bitPattern) == reference.map(\.bitPattern))
    }
  }

  /// A term of weight 0 is 0, whatever it is of.
  @Test(arguments: VectorKernels.allCases.filter(\.isAvailable))
  func infinitiesOfNoWeightAreLeftOut(kernels: VectorKernels) {
    var result = [0.0, 0]
    kernels.combine(0, [.infinity, .nan], 1, [1, 2], into: &result)
    #expect(result == [1, 2])
    #expect(kernels.dot([0, 2], [-.infinity, 3]) == 6)
    #expect(kernels.moments(weights: [0, 1], of: [.infinity, 3], minus: [0, 1]) == (1, 2, 0))
    #expect(kernels.maximum(of: [1, 2], over: 1..<1) == -.infinity)
  }

  /// With every term and with none, and of scaled logits; the same bits where a pass gives the same.
  @Test(arguments: [nil] + terms)
  func theStateIsWhatTheSinglePassesGive(term: TokenTerm?) {
    let term = term.map { WeightedTerm($0, weight: 0.7) }
    for kernels in VectorKernels.allCases where kernels.isAvailable {
      for size in Self.sizes {
        var generator = SplitMix64(seed: 8)
        let t = (0..<size).map { _ in Double.random(in: -5...5, using: &generator) }
        var (logP, p) = (t, t)
        kernels.softmax(t, logProbabilities: &logP, probabilities: &p)
        let from = t.map { $0 * Double.random(in: -3...3, using: &generator) }
        let z = from.map { 0.7 * $0 }
        var (logQ, q) = (z, z)
        kernels.softmax(z, logProbabilities: &logQ, probabilities: &q)
        var (logits, ownLogQ, ownQ, slopes, ownSlopes) = (t, t, t, t, t)
        let state = kernels.state(
          &logits, from: from, scale: 0.7, p: p, logP: logP, logProbabilities: &ownLogQ,
          probabilities: &ownQ, term: term, slopes: &ownSlopes)
        #expect(logits == z && ownQ == q && ownLogQ == logQ && state.maximum == z.max())
        #expect(state.absolute == kernels.differences(p: p, q: q, over: 0..<size).absolute)
        let reference = ReferenceState(p: p, q: q)
        #expect(gap(state.forward, Double(reference.forwardKL)) <= 1e-13)
        #expect(gap(state.reverse, Double(reference.reverseKL)) <= 1e-13)
        #expect(gap(state.entropy, Double(reference.entropy)) <= 1e-13)
        let pair = DistributionPair(p: p, logP: logP, q: q, logQ: logQ)
        let expected =
          term.map { kernels.sumAndSlopes(of: [$0], at: pair, slopes: &slopes) } ?? (
            sum: 0, slopes: 0
          )
        #expect(state.term == expected.sum && state.slopes == expected.slopes)
        #expect(ownSlopes == slopes)
        let knowing = kernels.state(
          &logits, from: from, scale: 0.7, maximum: from.max(), p: p, logP: logP,
          logProbabilities: &ownLogQ, probabilities: &ownQ, term: term, slopes: &ownSlopes)
        #expect(knowing.term == state.term && ownQ == q && ownLogQ == logQ)
      }
    }
  }

  /// What Adam has begun goes on to the state of the logits that it has come to.
  @Test(arguments: sizes, [0, 2, 600.0])
  func adamBeginsTheNextState(size: Int, shift: Double) {
    var generator = SplitMix64(seed: 11)
    func random(_ range: ClosedRange<Double>) -> [Double] {
      (0..<size).map { _ in .random(in: range, using: &generator) }
    }
    let (z, gradient, square) = (random(-5...5), random(-1...1), random(0...1))
    let pair = pair(size: size, reach: 3)
    let step = AdamStep(
      beta1: 0.9, beta2: 0.999, size: 0.3, rootCorrection: 0.2, epsilon: 1e-8)
    func results(_ kernels: VectorKernels) -> [Double] {
      var (alone, theta, m, v) = (z, z, gradient, square)
      kernels.adam(&alone, gradient: gradient, mean: &m, square: &v, step)
      var (logits, logQ, q, none) = (z, z, z, [Double]())
      (m, v) = (gradient, square)
      let begun = kernels.adam(
        &theta, gradient: gradient, mean: &m, square: &v, step, logits: &logits,
        exponentials: &q, shift: shift)
      #expect(theta == alone && logits == alone && begun.isInRange == (shift < 300))
      let state = kernels.state(
        &logits, begun: begun.isInRange ? begun : nil, p: pair.q, logP: pair.q,
        logProbabilities: &logQ, probabilities: &q, slopes: &none)
      var (expectedLogs, expected) = (z, z)
      kernels.softmax(alone, logProbabilities: &expectedLogs, probabilities: &expected)
      #expect(worstGap(q, expected) <= 1e-15 && worstGap(logQ, expectedLogs) <= 1e-14)
      return theta + q + logQ + [state.forward, state.reverse, state.entropy]
    }
    let reference = results(Self.sets[0])
    for kernels in Self.sets {
      #expect(results(kernels).map(\.bitPattern) == reference.map(\.bitPattern))
    }
    #expect(worstGap(results(.plain), reference) <= 1e-12)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

/// The passes in C against the plain loops and against wider arithmetic.
@Suite struct VectorKernelsReferenceTests {
  static let sets = VectorKernels.allCases.filter { $0 != .plain && $0.isAvailable }
  static let sizes = [0, 1, 2, 7, 8, 9, 15, 16, 17, 1000]

  private func random(_ size: Int, _ range: ClosedRange<Double>, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed &* 1000 &+ UInt64(size))
    return (0..<size).map { _ in .random(in: range, using: &generator) }
  }

  @Test(arguments: sets, sizes)
  func differences(kernels: VectorKernels, size: Int) {
    let (p, q) = (random(size, 0...1, seed: 1), random(size, 0...1, seed: 2))
    let range = size / 3..<size
    let own = kernels.differences(p: p, q: q, over: range)
    let plain = VectorKernels.plain.differences(p: p, q: q, over: range)
    // Each of the two has rounded as many sums, none above the size.
    let tolerance = 0x1p-52 * Double(size * size)
    #expect(gap(own.absolute, plain.absolute) <= tolerance)
    #expect(gap(own.signed, plain.signed) <= tolerance)
  }

  @Test(arguments: sets, sizes)
  func adam(kernels: VectorKernels, size: Int) {
    let step = AdamStep(
      beta1: 0.9, beta2: 0.999, size: 0.3, rootCorrection: 0.2, epsilon: 1e-8)
    let gradient = random(size, -2...2, seed: 3)
    func after(_ kernels: VectorKernels) -> [[Double]] {
      var theta = random(size, -5...5, seed: 4)
      var mean = random(size, -1...1, seed: 5)
      var square = random(size, 0...1, seed: 6)
      kernels.adam(&theta, gradient: gradient, mean: &mean, square: &square, step)
      return [theta, mean, square]
    }
    let (own, plain) = (after(kernels), after(.plain))
    for (first, second) in zip(own, plain) { #expect(worstGap(first, second) <= 4e-15) }
    #expect(own == after(Self.sets[0]))
  }

  static let all = VectorKernels.allCases.filter(\.isAvailable)

  /// In units of the last place of the result, from an 80-bit reference where there is one.
  @Test(arguments: all, [-745...709.7, -1...1, -1e-9...1e-9] as [ClosedRange<Double>])
  func exponentialsAreExactToAnUlp(kernels: VectorKernels, range: ClosedRange<Double>) {
    let arguments = random(30_000, range, seed: 7)
    let values = kernels.exponentials(arguments)
    let expected = exponentials(arguments.map { Wide($0) })
    let worst = zip(values, expected).reduce(0) { worst, pair in
      max(worst, Double(abs(Wide(pair.0) - pair.1)) / max(pair.0.ulp, .leastNonzeroMagnitude))
    }
    #expect(worst <= 1.2)
    #expect(kernels == .plain || values == VectorKernels.best.exponentials(arguments))
  }

  @Test(arguments: all, [0.5...2, 1e-300...1e300, 0.999...1.001] as [ClosedRange<Double>])
  func logarithmsAreExactToAnUlp(kernels: VectorKernels, range: ClosedRange<Double>) {
    let arguments = random(30_000, range, seed: 8)
    let values = kernels.logarithms(arguments)
    let expected = logarithms(arguments)
    let worst = zip(values, expected).reduce(0) { worst, pair in
      max(worst, Double(abs(Wide(pair.0) - pair.1)) / pair.0.ulp)
    }
    #expect(worst <= 1)
    #expect(kernels == .plain || values == VectorKernels.best.logarithms(arguments))
  }

  /// The plain loops are another program's arithmetic, which may round otherwise.
  @Test func thePlainLoopsAreNotTheKernels() {
    let (x, y) = (random(30_000, -700...700, seed: 9), random(30_000, 0.5...2, seed: 9))
    #expect(VectorKernels.plain.exponentials(x) != VectorKernels.best.exponentials(x))
    #expect(VectorKernels.plain.logarithms(y) != VectorKernels.best.logarithms(y))
  }

  @Test(arguments: all)
  func theEndsOfTheScale(kernels: VectorKernels) {
    let ends = kernels.exponentials([0, -.infinity, .infinity, .nan, -746, 710, -745])
    #expect(ends[0] == 1 && ends[1] == 0 && ends[2] == .infinity && ends[3].isNaN)
    #expect(ends[4] == 0 && ends[5] == .infinity && ends[6] == .leastNonzeroMagnitude)
    let logs = kernels.logarithms([1, 0, .infinity, .nan, -1, .leastNonzeroMagnitude])
    #expect(logs[0] == 0 && logs[1] == -.infinity && logs[2] == .infinity && logs[3].isNaN)
    #expect(logs[4].isNaN && gap(logs[5], -744.4400719213812) <= 2e-13)
  }

  @Test(arguments: all)
  func logarithmsOfOnePlusALittleKeepTheirDigits(kernels: VectorKernels) {
    for x in [1e-300, 1e-17, -1e-9, 0.3, -0.499, 0.5] {
      let expected = Double(logarithmOfOnePlus(Wide(x)))
      #expect(gap(kernels.logarithm(onePlus: x), expected) <= 4 * expected.ulp)
    }
  }

  @Test(arguments: all)
  func exponentialsLessOneKeepTheirDigits(kernels: VectorKernels) {
    let small = [1e-300, -1e-17, 1e-9, -0.3, 0.5, 1]
    for (x, own) in zip(small, kernels.exponentialsMinusOne(small)) {
      let expected = Double(exponentialMinusOne(Wide(x)))
      #expect(gap(own, expected) <= 4 * expected.ulp)
    }
    let ends = kernels.exponentialsMinusOne([0, -.infinity, .infinity, .nan, -746, 710, -40])
    #expect(ends[0] == 0 && ends[1] == -1 && ends[2] == .infinity && ends[3].isNaN)
    #expect(ends[4] == -1 && ends[5] == .infinity && ends[6] == -1)
  }
}

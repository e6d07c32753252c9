// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What weights make of a teacher, and which make none.
@Suite struct TeacherDistributionTests {
  private static let bad: [(TeacherWeights, DistributionError)] = [
    (.linear([]), .empty),
    (.logarithmic([]), .empty),
    (.linear([1, -0.5, 2]), .negative(token: 1, value: -0.5)),
    (.linear([1, 2, .infinity]), .notFinite(token: 2, value: .infinity)),
    (.linear([-.infinity, 2]), .notFinite(token: 0, value: -.infinity)),
    (.linear([0, 0]), .allZero),
    (.linear([1e308, 1e308]), .overflow),
    (.logarithmic([0, .infinity]), .notFinite(token: 1, value: .infinity)),
    (.logarithmic([-.infinity, -.infinity]), .allZero),
  ]

  @Test(arguments: bad)
  func weightsAreRefused(weights: TeacherWeights, error: DistributionError) {
    #expect(throws: error) { try TeacherDistribution(weights) }
  }

  @Test(arguments: [TeacherWeights.linear([1, .nan]), .logarithmic([1, .nan])])
  func notANumberIsRefused(weights: TeacherWeights) {
    let error = #expect(throws: DistributionError.self) { try TeacherDistribution(weights) }
    guard case .notFinite(token: 1, let value) = error, value.isNaN else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    DistributionError.empty, .notFinite(token: 3, value: .nan), .negative(token: 3, value: -1),
    .allZero, .overflow, .notNormalised(sum: 0.5),
  ])
  func errorsSayWhatIsWrong(error: DistributionError) {
    #expect(error.description.count > 20)
    if case .negative = error { #expect(error.description.contains("token 3 has -1")) }
    if case .notFinite = error { #expect(error.description.contains("token 3 has nan")) }
    if case .notNormalised = error { #expect(error.description.contains("0.5")) }
  }

  @Test func tiesKeepTheOrderOfTheTokens() throws {
    let teacher = try TeacherDistribution(.linear([1, 3, 1, 3, 0, 3, 0]))
    #expect(teacher.tokens == [1, 3, 5, 0, 2, 4, 6])
    #expect(teacher.firstZeroToken == 4)
  }

  /// Logits far below underflow still have an order and exact logarithms.
  @Test func logitsKeepWhatProbabilitiesLose() throws {
    let teacher = try TeacherDistribution(.logarithmic([-2000, 0, -1000]))
    #expect(teacher.tokens == [1, 2, 0])
    #expect(teacher.probabilities == [1, 0, 0])
    #expect(teacher.logProbabilities == [0, -1000, -2000])
    #expect(teacher.firstZeroToken == nil)
    #expect(teacher.entropy == 0)
  }

  @Test func aLogitOfMinusInfinityIsNoMass() throws {
    let teacher = try TeacherDistribution(.logarithmic([0, -.infinity, 0]))
    #expect(teacher.probabilities == [0.5, 0.5, 0])
    #expect(teacher.firstZeroToken == 1)
  }

  @Test(arguments: [1e6, -1e6, 1e300, -1e300])
  func hugeLogitsThatAreEqualAreUniform(logit: Double) throws {
    let teacher = try TeacherDistribution(.logarithmic([logit, logit, logit, logit]))
    #expect(teacher.tokens == [0, 1, 2, 3])
    // log 4 disappears next to 1e300: the logarithms are then all 0, but none is NaN.
    #expect(teacher.logProbabilities.allSatisfy { $0.isFinite })
    #expect(teacher.probabilities.allSatisfy { $0 == teacher.probabilities[0] })
  }

  @Test(arguments: [0, 1000, -1000, 1e6, -1e6])
  func logitsMayBeShifted(shift: Double) throws {
    let teacher = try TeacherDistribution(.logarithmic([0, -1, -2, 3].map { $0 + shift }))
    let plain = try TeacherDistribution(.logarithmic([0, -1, -2, 3]))
    #expect(teacher.tokens == plain.tokens)
    // One rounding of a logarithm as large as the shift, and as much again for its exponential.
    let tolerance = 0x1p-52 * (4 + abs(shift))
    #expect(worstGap(teacher.probabilities, plain.probabilities) <= tolerance)
    #expect(gap(teacher.probabilities.reduce(0, +), 1) <= tolerance)
  }

  @Test(arguments: [1e-300, 1e-10, 3, 1e300])
  func weightsMayBeScaled(scale: Double) throws {
    let teacher = try TeacherDistribution(.linear([5, 1, 4].map { $0 * scale }))
    #expect(teacher.tokens == [0, 2, 1])
    #expect(worstGap(teacher.probabilities, [0.5, 0.4, 0.1]) <= 1e-15)
  }

  /// The smallest weights there are, and a ratio that underflows.
  @Test func subnormalWeightsAreWeights() throws {
    let least = Double.leastNonzeroMagnitude
    let equal = try TeacherDistribution(.linear([least, least]))
    #expect(equal.probabilities == [0.5, 0.5])
    let uneven = try TeacherDistribution(.linear([1e300, 1e-300]))
    #expect(uneven.probabilities == [1, 0])
    #expect(gap(uneven.logProbabilities[1], -600 * 2.302585092994045684) <= 1e-12)
    #expect(uneven.firstZeroToken == nil)
  }

  @Test func negativeZeroIsZero() throws {
    let teacher = try TeacherDistribution(.linear([-0.0, 1]))
    #expect(teacher.probabilities == [1, 0])
    #expect(teacher.firstZeroToken == 0)
  }

  @Test(arguments: RandomCase.all(sizes: [1, 2, 3, 80]))
  func distributionsEqualTheReference(randomCase: RandomCase) throws {
    let teacher = try randomCase.teacher()
    let expected = ReferenceState(randomCase.weights, logits: randomCase.logits)
    // Logarithms of up to 1400, each rounded a few times.
    #expect(
      worstGap(teacher.byToken(teacher.logProbabilities), expected.logP.map { Double($0) })
        <= 1e-12)
    #expect(
      worstGap(teacher.byToken(teacher.probabilities), expected.p.map { Double($0) }) <= 1e-12)
    #expect(teacher.tokens == expected.ranking)
    #expect(gap(teacher.entropy, Double(expected.teacherEntropy)) <= 1e-12)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Every objective is named from its own gradients, and no other is.
@Suite struct IdentificationLawTests {
  private static let query = QueryPoints(count: 13, size: 7, kinds: PointKind.standard, seed: 5)

  private static func asked(_ specification: String, factor: Double = 1) throws -> GradientPoints {
    let recipe = try Catalog.objective(specification).component
    return try query.asked { state in recipe.evaluate(at: state).gradient.map { factor * $0 } }
  }

  /// What is worked out for the points, once for all tests.
  private static let identifier = Result {
    ObjectiveIdentifier(at: try asked("fkl"))
  }

  private static func identify(
    _ points: GradientPoints, tolerance: Double = 1e-9
  ) throws -> Identification {
    Identification(points, tolerance: tolerance, by: try identifier.get())
  }

  /// Objectives at numbers that are in no grid, and choices that random ones may miss.
  static let specifications = [
    "fkl:temperature=2.7", "rkl:temperature=1.83:temperature-scale=false", "mix:lambda=0.3719",
    "akl:mu=0.81:temperature=3.1", "gjsd:beta=0.731:weighting=crossed",
    "skew-rkl:alpha=0.41:detach-mixture=true", "renyi:alpha=0.437:temperature=1.7",
    "alpha-beta:alpha=0.9:beta=-0.37:temperature=2.9", "csiszar:f=t-power:t=1.61",
    "csiszar:f=log1p-abs:dual=true", "csiszar:f=modified-gan:symmetrized=true",
    "sinkhorn:epsilon=0.37:debiased=true", "ce", "mse-logits:centered=false",
    "hinton:target=3:alpha=0.37:temperature=2.6",
    "ikl:beta=2.3:weight-temperature=7.7:gamma=0.6:temperature=1.4",
    "dkd:alpha=1:beta=3.7:temperature=2.2", "rank-hinge:margin=0.173",
    "topk-kl:k=4:mode=bucket:direction=reverse", "topk-kl:k=5:mode=truncate:select=student",
    "topk-kl:k=6:mode=clamp", "sinkhorn-batch:temperature=2.4",
  ]

  @Test(arguments: specifications) func everyObjectiveIsNamed(specification: String) throws {
    let found = try Self.identify(Self.asked(specification))
    let name = String(specification.prefix { $0 != ":" })
    let names = (found.fitting + found.indistinct).map(\.name)
    #expect(names.contains(name), "\(found.nearest.prefix(3).map(\.specification))")
    // Between two steps of μ or of a margin all gradients are the same.
    guard !specification.contains("mu="), !specification.contains("margin=") else { return }
    // Whatever is named has the same gradients at points that were not looked at.
    let other = QueryPoints(count: 9, size: 7, kinds: PointKind.standard, seed: 99)
    let truth = try Catalog.objective(specification).component
    for match in found.fitting {
      let recipe = try Catalog.objective(match.specification).component
      let points = try other.asked { truth.evaluate(at: $0).gradient }
      for (state, expected) in zip(points.states, points.gradients) {
        let model = recipe.evaluate(at: state).gradient.map { match.fit.factor * $0 }
        let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let rest = zip(model, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
          .squareRoot()
        #expect(rest <= 1e-5 * (norm + 1e-3), "\(match.specification)")
      }
    }
  }

  @Test(arguments: [
    "fkl", "rkl", "js", "gjsd:beta=0.3", "mix:lambda=0.71", "tvd", "alpha:alpha=1.4",
  ])
  func gradientsOfSinglePrecisionAreNamed(specification: String) throws {
    let recipe = try Catalog.objective(specification).component
    let points = try Self.query.asked { recipe.evaluate(at: $0).gradient.map { Double(Float($0)) } }
    let found = try Self.identify(points, tolerance: 64 * 0x1p-24)
    #expect(found.match?.name == String(specification.prefix { $0 != ":" }))
  }

  @Test(arguments: [
    ("fkl", "js", 0.4, 0.25), ("rkl", "tvd", 1, 0.37),
    ("ce:target=2", "rkl:temperature=4", 0.5, 0.3),
    ("hellinger", "chi2-neyman", 0.8, -0.02),
  ])
  func blendsOfTwoHaveTheirWeights(first: String, second: String, a: Double, b: Double) throws {
    let recipes = try [first, second].map { try Catalog.objective($0).component }
    let points = try Self.query.asked { state in
      zip(recipes[0].evaluate(at: state).gradient, recipes[1].evaluate(at: state).gradient).map {
        a * $0 + b * $1
      }
    }
    let found = try Self.identify(points)
    let parts = (try #require(found.blend)).parts
    #expect(Set(parts.map(\.specification)) == [first, second])
    for part in parts {
      #expect(abs(part.weight - (part.specification == first ? a : b)) <= 1e-6)
    }
  }

  @Test func factorsHaveNames() throws {
    let factors = [
      ("fkl", 1, "1"), ("fkl", 1.0 / 7, "1/V"), ("rkl", 7, "V"), ("rkl", 1.0 / 13, "1/N"),
      ("js", -1, "-1"), ("fkl:temperature=2.7", 1 / (2.7 * 2.7), "1/T²"),
      ("fkl:temperature=2.7", 2.7 * 2.7, "T²"), ("rkl", 0.7312, nil),
    ]
    for (specification, factor, name) in factors {
      let found = try Self.identify(Self.asked(specification, factor: factor))
      let match = try #require(found.fitting.first { $0.specification == specification })
      #expect(
        found.factorNames(of: match).map(\.text) == (name.map { [$0] } ?? []),
        "\(specification) × \(factor)")
    }
  }

  @Test func factorsSayWhatHappened() {
    for (factor, text, words) in [
      (1, "1", nil), (0.5, "1/2", nil), (1 / 9.0, "1/T²", "T² is missing"),
      (9, "T²", "T² is there twice"),
      (-1, "-1", "the sign is turned, the loss climbs the objective"),
      (1 / 49.0, "1/V²", "a mean over the vocabulary, twice"),
      (1 / 117.0, "1/T²/N", "T² is missing; a mean over the points"),
      (7 / 9.0, "V/T²", "T² is missing; a sum over the vocabulary of what is one already"),
      (3.5, "V/2", "a sum over the vocabulary of what is one already"),
    ] {
      let names = FactorName.names(
        of: factor, vocabulary: 7, points: 13, temperature: 3, tolerance: 1e-9)
      #expect(names.map(\.text) == [text])
      #expect(
        names.first?.meaning.map { Set($0.split(separator: "; ")) }
          == words.map { Set($0.split(separator: "; ")) }, "\(text)")
    }
  }

  @Test func theSameFunctionIsReportedAsTheSame() throws {
    let names = try Self.identify(Self.asked("fkl")).fitting.map(\.name)
    #expect(names.first == "fkl")
    for name in ["soft-ce", "dkl", "renyi", "alpha"] { #expect(names.contains(name)) }
    #expect(!names.contains("rkl"))
    #expect(try Self.identify(Self.asked("jeffreys")).fitting.prefix(2).map(\.name).contains("mix"))
  }

  /// Near the teacher many divergences are the same but for a factor and half precision, and not elsewhere.
  @Test func halfPrecisionDoesNotMakeThemTheSame() throws {
    let recipe = try Catalog.objective("fkl").component
    let near = QueryPoints(count: 13, size: 7, kinds: [.near], seed: 5)
    let points = try near.asked { recipe.evaluate(at: $0).gradient.map(Self.half) }
    let found = Identification(points, tolerance: 0.03)
    #expect(found.match?.name == "fkl")
    for name in ["js", "hellinger", "rkl"] {
      #expect(!found.fitting.contains { $0.name == name }, "\(name)")
    }
    #expect(found.indistinct.contains { $0.name == "js" })
    let expected = try #require(found.comparison(with: Catalog.objective("fkl")))
    let swapped = try #require(found.comparison(with: Catalog.objective("rkl")))
    #expect(
      found.rivals(of: expected, swapped: swapped).map(\.name)
        == (swapped.fit.residual <= 0.03 ? ["rkl"] : []))
  }

  /// A number with the 11 significant bits of half precision.
  private static func half(_ value: Double) -> Double {
    let scale = pow(2, 10 - (log2(abs(value))).rounded(.down))
    return value == 0 ? 0 : (value * scale).rounded() / scale
  }

  @Test func noneOfTheseIsSaid() throws {
    let points = try Self.query.asked { state in
      state.logits.enumerated().map { rank, z in z * Double(rank % 3 - 1) + 0.1 * Double(rank) }
    }
    let found = try Self.identify(points)
    #expect(found.fitting.isEmpty && found.blend == nil && !found.nearest.isEmpty)
  }

  @Test func derivativesThatAreCutOffAreCounted() throws {
    let recipe = try Catalog.objective("fkl").component
    var cut = 0
    let points = try Self.query.asked { state in
      recipe.evaluate(at: state).gradient.map { value in
        if value < -0.2 { cut += 1 }
        return value < -0.2 ? 0 : value
      }
    }
    let found = try Self.identify(points)
    #expect(found.match?.name == "fkl")
    #expect(cut > 0 && found.clampedCount == cut)
  }

  /// k1 and k3 of tokens drawn from q, as losses: the gradient of k1 is 0 in the mean, that of k3 forward KL's.
  @Test func estimatorsAreKnownByTheirMean() throws {
    var generator = SplitMix64(seed: 7)
    let (query, draws) = (QueryPoints(count: 5, size: 4, kinds: [.near], seed: 3), 4000)
    var (teachers, logits, gradients) = ([TeacherWeights](), [[Double]](), [[Double]]())
    for _ in 0..<draws {
      let points = try query.asked { state in
        let (p, q) = (state.teacher.probabilities, state.probabilities)
        var (rest, token) = (Double.random(in: 0..<1, using: &generator), 0)
        while token < q.count - 1, rest >= q[token] { (rest, token) = (rest - q[token], token + 1) }
        // d/dz of r − 1 − log r with r = p/q of the token that was drawn.
        return q.indices.map { (1 - p[token] / q[token]) * (($0 == token ? 1 : 0) - q[$0]) }
      }
      teachers += query.teacherLogits.map { .logarithmic($0) }
      logits += query.logits
      gradients += zip(points.states, points.gradients).map { $0.teacher.byToken($1) }
    }
    let points = try GradientPoints(teachers: teachers, logits: logits, gradients: gradients)
    #expect(points.states.count == 5 && points.samplingError > 0.003 && points.samplingError < 0.3)
    let found = Identification(points, tolerance: 1.5 * points.samplingError)
    let forward = try #require(found.comparison(with: Catalog.objective("fkl")))
    #expect(abs(forward.fit.factor - 1) <= 4 * points.samplingError)
    #expect(forward.fit.residual <= found.tolerance)
    #expect(found.match?.name == "fkl")
  }

  /// k3 whose value is clamped at 10, in the mean over tokens drawn from q: forward KL where nothing is clamped.
  @Test func clampedEstimatorsFitAtOtherPoints() throws {
    var clamped: [Int] = []
    var point = 0
    let points = try Self.query.asked { state in
      let (p, q) = (state.teacher.probabilities, state.probabilities)
      let slopes = zip(p, q).map { p, q in
        p / q - 1 - log(p / q) > 10 ? 0 : q - p
      }
      if zip(p, q).contains(where: { $0 / $1 - 1 - log($0 / $1) > 10 }) { clamped.append(point) }
      point += 1
      let sum = slopes.reduce(0, +)
      return zip(slopes, q).map { $0 - $1 * sum }
    }
    let found = try Self.identify(points)
    #expect(!clamped.isEmpty && found.fitting.isEmpty)
    #expect(found.partialMatch?.name == "fkl" && found.outlierPoints == clamped)
  }

  @Test func gradientsThatAreNotFiniteAreSetAside() throws {
    let recipe = try Catalog.objective("rkl").component
    var asked = 0
    let points = try Self.query.asked { state in
      asked += 1
      var gradient = recipe.evaluate(at: state).gradient
      if asked == 4 { gradient[0] = .nan }
      return gradient
    }
    #expect(points.invalid.map(\.point) == [3] && points.states.count == 12 && points.count == 13)
    #expect(Identification(points, tolerance: 1e-9).match?.name == "rkl")
  }

  /// Of a point that is asked often and is not finite once, all draws are left out, and it counts as one.
  @Test func drawsThatAreNotFiniteCountByTheirPoint() throws {
    let recipe = try Catalog.objective("rkl").component
    var (teachers, logits, gradients) = ([TeacherWeights](), [[Double]](), [[Double]]())
    for draw in 0..<5 {
      let points = try Self.query.asked { recipe.evaluate(at: $0).gradient }
      teachers += Self.query.teacherLogits.map { .logarithmic($0) }
      logits += Self.query.logits
      gradients += zip(points.states, points.gradients).map { $0.teacher.byToken($1) }
      if draw != 1 { gradients[13 * draw + 3][2] = .nan }
    }
    let points = try GradientPoints(teachers: teachers, logits: logits, gradients: gradients)
    #expect(points.count == 13 && points.states.count == 12 && !points.indices.contains(3))
    #expect(points.invalid.map(\.point) == [3] && points.invalid.map(\.token) == [2])
  }

  @Test func pointsThatCannotBeUsedAreRefused() {
    let p = TeacherWeights.linear([0.5, 0.5])
    func reason(_ p: [TeacherWeights], _ z: [[Double]], _ g: [[Double]]) -> String {
      do throws(PointsError) {
        _ = try GradientPoints(teachers: p, logits: z, gradients: g)
        return ""
      } catch { return error.reason }
    }
    let many = [Double](repeating: 1 / 4097, count: 4097)
    #expect(reason([.linear(many)], [many], [many]).contains("there are 4097 tokens"))
    #expect(reason([p], [[0, .infinity]], [[1, -1]]).contains("point 0, token 1: z is inf"))
    #expect(reason([p], [[0, 1]], [[1, -1, 0]]).contains("point 0: the teacher has 2 tokens"))
    #expect(reason([p], [[0, 1]], [[0, 0]]).contains("0 everywhere"))
    // Their squares are no doubles.
    #expect(reason([p], [[0, 1]], [[1, -1e200]]).contains("point 0, token 1: g is -1e+200"))
    #expect(reason([p], [[0, 1]], [[1e-200, 0]]).contains("no derivative is larger than 1e-200"))
    #expect(reason([p], [[0, 1]], [[.nan, 0]]).contains("point 0, token 0, it is nan"))
    #expect(reason([.linear([-1, 2])], [[0, 1]], [[1, -1]]).contains("point 0: the teacher"))
  }

  /// Twice exchanged is the same objective.
  @Test(arguments: [
    "fkl", "skew-rkl:alpha=0.3", "gjsd:beta=0.25", "alpha-beta:alpha=0.25:beta=0.5",
  ])
  func exchangedTwiceIsTheSame(specification: String) throws {
    let once = try #require(SwappedArguments.specification(of: specification))
    let twice = try #require(SwappedArguments.specification(of: once))
    #expect(once != specification)
    #expect(
      try Catalog.objective(twice).specification == Catalog.objective(specification).specification)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Mean- and mode-seeking of students that cannot be the teacher.
@Suite struct SeekingReferenceTests {
  /// The teacher `.4 N(30, s) + .6 N(70, s)` on the positions 0…99.
  private static func teacher(_ width: Int) -> String {
    "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=\(width)"
  }

  /// A fit to its stationary point.
  private func fit(
    _ student: String, teacher: String, objective: String,
    optimizer: String = "natural-gradient", learningRate: Double = 0.1, epochs: Int = 600
  ) throws -> (q: [Double], p: [Double], loss: Double) {
    let setup = try Setup(
      teacher: teacher, student: student, objective: objective, optimizer: optimizer,
      learningRate: learningRate, epochs: epochs)
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], epochs: { $0 == $1 }, snapshots: { $0 == $1 }))
    let p = trajectory.teacher
    return (
      p.byToken(trajectory.snapshots[0].probabilities), p.byToken(p.probabilities),
      trajectory.records[0].loss
    )
  }

  private func mean(_ values: (Int) -> Double, under q: [Double]) -> Double {
    q.indices.reduce(0) { $0 + q[$1] * values($1) }
  }

  /// μ and σ of a Gaussian on 0, 1, …, from its logarithms around its top.
  private func gaussian(_ q: [Double]) throws -> (mean: Double, width: Double) {
    let top = try #require(q.indices.dropFirst().dropLast().max { q[$0] < q[$1] })
    let logs = logarithms(Array(q[top - 1...top + 1])).map { Double($0) }
    let curvature = 2 * logs[1] - logs[0] - logs[2]
    return (Double(top) + (logs[2] - logs[0]) / (2 * curvature), (1 / curvature).squareRoot())
  }

  /// The table of widths, objectives and starts: where a Gaussian ends, and at what loss.
  @Test(
    arguments: [
      (4, "fkl", 20, 54.68, 21.54, nil), (4, "fkl", 80, 54.68, 21.54, nil),
      (4, "rkl", 20, 30.00, 4.00, 0.9163), (4, "rkl", 80, 70.00, 4.00, 0.5108),
      (6, "fkl", 20, 54.82, 22.37, nil), (6, "fkl", 80, 54.82, 22.37, nil),
      (6, "rkl", 20, 30.04, 6.06, 0.9146), (6, "rkl", 80, 69.98, 6.04, 0.5098),
      (10, "fkl", 20, 55.36, 25.19, nil), (10, "fkl", 80, 55.36, 25.19, nil),
      (10, "rkl", 20, 54.73, 24.14, 0.1733), (10, "rkl", 80, 54.73, 24.14, 0.1733),
      (14, "fkl", 20, 55.94, 28.54, nil), (14, "rkl", 80, 55.61, 28.15, 0.0316),
    ] as [(Int, String, Int, Double, Double, Double?)])
  func gaussiansEndWhereTheyShould(
    width: Int, objective: String, start: Int, mean: Double, deviation: Double, loss: Double?
  ) throws {
    let end = try fit(
      "gaussian:mean=\(start):width=5", teacher: Self.teacher(width), objective: objective)
    let (ownMean, ownDeviation) = try gaussian(end.q)
    #expect(gap(ownMean, mean) <= 0.0051)
    #expect(gap(ownDeviation, deviation) <= 0.0051)
    if let loss { #expect(gap(end.loss, loss) <= 0.000051) }
  }

  /// Forward KL's stationary point matches the means of the sufficient statistics.
  @Test(arguments: ["longtail", "bimodal", "mixture:size=100", "overlapping:jitter=0.5"])
  func forwardKLMatchesMoments(teacher: String) throws {
    // The half-Gaussian's mean is at the grid's end; from the middle, steps of this size overshoot.
    let start = teacher == "longtail" ? "gaussian:mean=10" : "gaussian"
    let gaussian = try fit(start, teacher: teacher, objective: "fkl")
    let unit = 100 / Double(gaussian.q.count)
    for power in [1, 2] {
      func moment(_ token: Int) -> Double {
        power == 1 ? unit * Double(token) : unit * unit * Double(token * token)
      }
      let (own, expected) = (mean(moment, under: gaussian.q), mean(moment, under: gaussian.p))
      #expect(gap(own, expected) <= 1e-5, "moment \(power)")
    }
    let zipf = try fit("zipf", teacher: teacher, objective: "fkl")
    func logRank(_ token: Int) -> Double { Double(logarithms([Double(token + 1)])[0]) }
    #expect(gap(mean(logRank, under: zipf.q), mean(logRank, under: zipf.p)) <= 1e-9)
    let linear = try fit("linear:dimension=3", teacher: teacher, objective: "fkl")
    for power in 1...3 {
      func moment(_ token: Int) -> Double {
        (0..<power).reduce(1) { product, _ in product * Double(token) / Double(linear.q.count) }
      }
      #expect(
        gap(mean(moment, under: linear.q), mean(moment, under: linear.p)) <= 1e-9,
        "moment \(power)")
    }
  }

  /// As many modes as the teacher has: the student can be the teacher, under either KL.
  @Test(arguments: ["fkl", "rkl"])
  func aMixtureOfEnoughModesIsTheTeacher(objective: String) throws {
    let end = try fit(
      "gaussian-mixture:means=20/80:widths=8", teacher: Self.teacher(6), objective: objective,
      epochs: 1500)
    #expect(worstGap(end.q, end.p) <= 1e-8)
  }

  /// The natural gradient does not see the parametrisation: one mode of a mixture, whose weight
  /// is idle, or another unit of length, end up on the same way.
  @Test(arguments: ["fkl", "rkl"])
  func naturalGradientsAreTheSameInEveryParametrisation(objective: String) throws {
    func way(_ student: String) throws -> [Double] {
      try fit(
        student, teacher: Self.teacher(10), objective: objective,
        optimizer: "natural-gradient:damping=1e-12", learningRate: 1e-3, epochs: 300
      ).q
    }
    let plain = try way("gaussian:mean=20:width=5")
    let mixture = try way("gaussian-mixture:modes=1:means=20:widths=5")
    #expect(worstGap(mixture, plain) <= 1e-9)
    // A quadratic in x is a Gaussian; its steps agree to first order in the learning rate.
    let start = try fit(
      "gaussian:mean=20:width=5", teacher: Self.teacher(10), objective: objective, epochs: 0)
    #expect(worstGap(plain, start.q) > 1e-3)
  }

  @Test func forwardKLOfAZipfTeacherFindsItsExponent() throws {
    let end = try fit("zipf:exponent=0.3", teacher: "zipf:exponent=1.4:size=500", objective: "fkl")
    #expect(worstGap(end.q, end.p) <= 1e-12)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimFiles

/// How much of what it knew a student loses while it learns something new.
///
/// The student is a mixture of two Gaussians: one on an old mode that it knows, one beside it that has to
/// move to a new mode. Forward KL is the limit of many samples of the teacher (off-policy), reverse KL of
/// many of the student (on-policy). They are compared at the same distance to the teacher, between two
/// epochs by linear interpolation.
struct Forgetting: Claim {
  static let name = "forgetting"
  static let statement =
    "A student with an old and a new mode that is fitted to the new task until it is as near to the teacher"
    + " (TVD 0.4, 0.3, 0.2 and 0.1) keeps more mass on its old mode under reverse KL (on-policy) than"
    + " under forward KL (off-policy)."
  static let source =
    "Chen et al., arXiv 2510.18874, on two-mode policies; the setting is klsim's own"
  static let setting =
    "chosen here: old mode at 25, new one from 50 to 75, gradient flow, a teacher of the new task alone"
  static let quantity =
    "the student's mass on the old mode (x < 37.5) under fkl minus that under rkl, at the same TVD; none if"
    + " some student never comes so near"

  static let maximumSeeds = 128

  struct Cell: ClaimCell {
    let distance: Double

    static let columns = [
      Column(key: "distance", .number, "TVD between teacher and student at which they are compared")
    ]
    var values: [Value] { [.number(distance)] }
  }

  private static let distances = [0.4, 0.3, 0.2, 0.1]
  private static let last = 400
  /// The new task alone, and a teacher that keeps the old mode.
  private static let teachers = [
    "mixture:size=50:centres=75", "mixture:size=50:centres=25/75",
  ]
  /// Small steps first.
  private static let optimizers = [
    ("gradient-flow", 0.25), ("natural-gradient", 0.05), ("adam", 0.1),
  ]
  /// The bound between the old mode and where the new one starts.
  private static let bound = 37.5

  func trials() throws -> [Trial<Cell>] {
    try Self.teachers.flatMap { teacher in
      try ["1", "3/1"].flatMap { weights in
        try Self.optimizers.map { try Self.trial(teacher, weights: weights, $0) }
      }
    }
  }

  private static func trial(
    _ teacher: String, weights: String, _ optimizer: (name: String, learningRate: Double)
  ) throws -> Trial<Cell> {
    let condition = Condition(
      teacher: teacher, student: student(weights), optimizer: optimizer.name,
      learningRate: optimizer.learningRate, initialization: "student")
    let epochs = Array(0...last)
    let runs = try PairedRuns(
      condition, objectives: ["fkl", "rkl"], epochs: last, heads: [], recorded: epochs,
      snapshots: epochs, sufficientDistance: distances.min())
    let questions = distances.map { distance in
      FitQuestion(
        Cell(distance: distance), of: [0, 1].map { FittedState(run: $0, epoch: last) }
      ) { fits in
        let kept = fits.map { oldMass(of: $0, at: distance) ?? .nan }
        return Outcome(kept[0] < kept[1], quantity: kept[0] - kept[1])
      }
    }
    return Trial(condition, runs: runs, questions: questions)
  }

  private static func student(_ weights: String) -> String {
    "gaussian-mixture:means=25/50:widths=5"
      + (weights == "1" ? "" : ":weights=\(weights)") + ":spread=0.1"
  }

  /// The student's mass on the old mode where it first comes as near to the teacher; nil if it never does.
  static func oldMass(of fit: Fit, at distance: Double) -> Double? {
    guard
      let epoch = (1...last).first(where: { fit.record($0).totalVariation <= distance }),
      fit.record(epoch - 1).totalVariation > distance
    else { return nil }
    let distances = [epoch - 1, epoch].map { fit.record($0).totalVariation }
    let masses = [epoch - 1, epoch].map { oldMass(of: fit.student($0), fit.trajectory.teacher) }
    let place = (distances[0] - distance) / (distances[0] - distances[1])
    return masses[0] + place * (masses[1] - masses[0])
  }

  private static func oldMass(of student: Snapshot, _ teacher: TeacherDistribution) -> Double {
    let q = teacher.byToken(student.probabilities)
    return q.prefix(Int((bound / 100 * Double(q.count)).rounded(.up))).reduce(0, +)
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition.teacher == Self.teachers[0]
      && evidence.condition.optimizer == Self.optimizers[0].0
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    zip(Self.teachers, ["the new task alone", "old and new task"]).flatMap { teacher, name in
      evidence.filter { $0.condition.teacher == teacher }.grouped(by: \.condition.student).map {
        student, own in
        let weights = student.contains("weights") ? "old mode heavier" : "equal modes"
        let parts = own.grouped(by: \.condition.training).map { training, own in
          let shares = own.map { digits(100 * $0.observedShare, 2) }.joined(separator: "/")
          let gaps = own.map { $0.mean.map { digits($0, 2) } ?? "none" }.joined(separator: "/")
          return "\(training) \(shares) (\(gaps))"
        }
        return "\(name), \(weights): rkl keeps more in (%, by TVD"
          + " \(Self.distances.map { digits($0) }.joined(separator: "/")); mean of fkl minus rkl):"
          + " \(parts.joined(separator: ", "))"
      }
    }
  }
}

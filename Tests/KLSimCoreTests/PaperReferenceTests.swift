// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// The published experiments, to the digits in which their numbers are given.
@Suite struct PaperReferenceTests {
  /// After one epoch of FKL on the unimodal teacher, from the second draw of the stream.
  @Test func theFirstEpochOfTheModesIsMet() throws {
    let setup = try Setup(
      teacher: "unimodal", objective: "fkl:reduction=mean", learningRate: 0.1,
      initialization: "torch-uniform:skip=50", epochs: 1)
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], snapshots: { epoch, last in epoch == last }))
    let q = trajectory.teacher.byToken(trajectory.snapshots[0].probabilities)
    #expect(
      worstGap(Array(q.prefix(4)), [0.01098777, 0.01400039, 0.02330789, 0.01573578]) <= 5e-9)
  }

  /// Head and tail errors on the long tail: Σ |p − q| over tokens 0–7, 8–79 and 37–79.
  static let errors: [(objective: String, epoch: Int, errors: [Double])] = [
    ("fkl", 1, [0.32987, 0.79015, 0.46765]), ("rkl", 1, [0.34387, 0.85437, 0.46457]),
    ("fkl", 5, [0.18120, 0.31801, 0.20975]), ("rkl", 5, [0.28099, 0.60195, 0.20247]),
    ("fkl", 10, [0.06691, 0.12905, 0.05942]), ("rkl", 10, [0.20080, 0.35678, 0.05371]),
    ("fkl", 20, [0.05068, 0.06448, 0.01078]), ("rkl", 20, [0.04619, 0.04473, 0.00399]),
    ("fkl", 50, [0.00735, 0.01600, 0.00461]), ("rkl", 50, [0.01182, 0.04852, 0.00370]),
  ]

  @Test(arguments: errors)
  func theErrorsOfTheLongTailAreMet(objective: String, epoch: Int, errors: [Double]) throws {
    let setup = try Setup(objective: "\(objective):reduction=mean", epochs: epoch)
    let heads = try ["mass=0.5", "count=37"].map { try Catalog.head($0) }
    let trajectory = try setup.trajectory(seed: 1, Measurement(heads: heads))
    let cuts = try #require(trajectory.records.last).heads
    #expect(trajectory.headCounts == [8, 37])
    #expect(worstGap([cuts[0].head, cuts[0].tail, cuts[1].tail], errors) <= 5e-6)
  }

  /// The last losses that the notebook prints, which are those before the last update.
  @Test(arguments: [("fkl", 1.149132e-6), ("rkl", 5.116172e-6)])
  func theLastLossesOfTheLongTailAreMet(objective: String, loss: Double) throws {
    let setup = try Setup(objective: "\(objective):reduction=mean", epochs: 799)
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], epochs: { epoch, last in epoch == last }))
    #expect(gap(trajectory.records[0].loss, loss) <= 5e-13)
  }

  /// Adam removes the factor 1/V but for ε.
  @Test(arguments: ["fkl", "rkl"])
  func theReductionHardlyMatters(objective: String) throws {
    func snapshots(_ objective: String) throws -> [Snapshot] {
      try Setup(objective: objective, epochs: 300).trajectory(
        seed: 1,
        Measurement(heads: [], epochs: { _, _ in false }, snapshots: { _, _ in true })
      ).snapshots
    }
    let gaps = zip(try snapshots(objective), try snapshots("\(objective):reduction=mean")).map {
      worstGap($0.probabilities, $1.probabilities)
    }
    #expect(largest(gaps) <= 7.3e-5)
    #expect(largest(gaps) > 0)
  }
}

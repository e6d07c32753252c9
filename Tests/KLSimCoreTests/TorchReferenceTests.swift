// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

/// Whole runs, gradients and random numbers against PyTorch's, in double precision.
@Suite struct TorchReferenceTests {
  /// A run, named by specifications, and what PyTorch saw of it.
  struct Run: Sendable, CustomStringConvertible {
    let keys: [String]
    let seed: UInt64
    /// Loss, FKL, RKL, TVD and entropy by epoch.
    var metrics: [Int: [Double]] = [:]
    /// q by token, by epoch.
    var snapshots: [Int: [Double]] = [:]

    var description: String { keys.joined(separator: " ") + " seed \(seed)" }
    var epochs: Int { max(metrics.keys.max() ?? 0, snapshots.keys.max() ?? 0) }
  }

  static let runs: [Run] = {
    guard let metrics = try? Fixture("metrics", in: .module),
      let snapshots = try? Fixture("snapshots", in: .module)
    else {
      return []
    }
    var runs: [Run] = []
    var positions: [[String]: Int] = [:]
    func position(_ row: Fixture.Row) -> Int {
      let columns = ["teacher", "objective", "optimizer", "learning_rate", "init", "seed"]
      let key = columns.map(row.text)
      if let known = positions[key] { return known }
      positions[key] = runs.count
      runs.append(Run(keys: Array(key.dropLast()), seed: UInt64(row.text("seed")) ?? 0))
      return runs.count - 1
    }
    for row in metrics.rows {
      runs[position(row)].metrics[row.integer("epoch")] =
        ["loss", "fkl", "rkl", "tvd", "entropy"].map(row.number)
    }
    for row in snapshots.rows {
      runs[position(row)].snapshots[row.integer("epoch"), default: []].append(row.number("q"))
    }
    return runs
  }()

  /// What the project promises of every q and metric at every epoch.
  static let tolerance = 1e-10

  @Test func thereAreRunsToCompareWith() {
    #expect(Self.runs.count > 30)
    #expect(Self.runs.contains { $0.keys[0] == "longtail" && $0.epochs == 800 })
    #expect(Self.runs.allSatisfy { !$0.metrics.isEmpty && !$0.snapshots.isEmpty })
  }

  @Test(arguments: runs)
  func runsAgree(run: Run) throws {
    let setup = try Setup(
      teacher: run.keys[0], objective: run.keys[1], optimizer: run.keys[2],
      learningRate: try #require(Double(run.keys[3])), initialization: run.keys[4],
      epochs: run.epochs)
    let snapshotEpochs = Set(run.snapshots.keys)
    let trajectory = try setup.trajectory(
      seed: run.seed,
      Measurement(
        heads: [try Catalog.head("mass=0.5")],
        snapshots: { epoch, _ in snapshotEpochs.contains(epoch) }))
    let metricGaps = run.metrics.map { epoch, expected in
      let record = trajectory.records[epoch]
      let actual = [
        record.loss, record.forwardKL, record.reverseKL, record.totalVariation, record.entropy,
      ]
      return (epoch: epoch, gap: worstGap(actual, expected))
    }
    let worstMetric = try #require(metricGaps.max { $0.gap < $1.gap })
    #expect(worstMetric.gap <= Self.tolerance, "metrics at epoch \(worstMetric.epoch)")
    #expect(trajectory.snapshots.map(\.epoch) == run.snapshots.keys.sorted())
    let snapshotGaps = trajectory.snapshots.map { snapshot in
      let q = trajectory.teacher.byToken(snapshot.probabilities)
      return (epoch: snapshot.epoch, gap: worstGap(q, run.snapshots[snapshot.epoch] ?? []))
    }
    let worstSnapshot = try #require(snapshotGaps.max { $0.gap < $1.gap })
    #expect(worstSnapshot.gap <= Self.tolerance, "q at epoch \(worstSnapshot.epoch)")
  }

  /// One point at which PyTorch differentiated a loss.
  struct GradientCase: Sendable, CustomStringConvertible {
    let name: String
    let objective: String
    let loss: Double
    var p: [Double] = []
    var z: [Double] = []
    var gradient: [Double] = []
    var description: String { "\(objective) at \(name)" }
  }

  static let gradientCases: [GradientCase] = {
    guard let table = try? Fixture("gradients", in: .module) else { return [] }
    var cases: [GradientCase] = []
    for row in table.rows {
      let (name, objective) = (row.text("case"), row.text("objective"))
      if cases.last?.name != name || cases.last?.objective != objective {
        cases.append(GradientCase(name: name, objective: objective, loss: row.number("loss")))
      }
      cases[cases.count - 1].p.append(row.number("p"))
      cases[cases.count - 1].z.append(row.number("z"))
      cases[cases.count - 1].gradient.append(row.number("gradient"))
    }
    return cases
  }()

  @Test func thereAreGradientsToCompareWith() {
    let objectives = Set(Self.gradientCases.map(\.objective))
    for objective in Catalog.objectives where objective is any KLBlend.Type {
      #expect(objectives.contains { $0.split(separator: ":").first == objective.name[...] })
    }
  }

  @Test(arguments: gradientCases)
  func gradientsAgree(gradientCase: GradientCase) throws {
    let teacher = try TeacherDistribution(.linear(gradientCase.p))
    let state = FitState(teacher: teacher, logits: teacher.byRank(gradientCase.z))
    let objective = try Catalog.objective(gradientCase.objective).component
    let (loss, gradient) = objective.lossAndGradient(at: state)
    #expect(gap(loss, gradientCase.loss) <= 1e-12 * abs(gradientCase.loss))
    #expect(worstGap(gradient, gradientCase.gradient) <= 1e-12 * largest(gradientCase.gradient))
  }

  @Test func randomNumbersAreTheSame() throws {
    let table = try Fixture("rng", in: .module)
    let seeds = Set(table.rows.map { $0.text("seed") })
    #expect(!seeds.isEmpty)
    for seedText in seeds {
      let seed = try #require(UInt64(seedText))
      let rows = table.rows.filter { $0.text("seed") == seedText }
      let teacher = try TeacherDistribution(.linear(rows.map { _ in 1 }))
      for (dtype, column) in [("float32", "float32"), ("float64", "float64")] {
        let start = try Catalog.initialization("torch-uniform:dtype=\(dtype)").component
        let actual = try start.logits(for: teacher, seed: seed)
        // Bit for bit: every value is a multiple of 2⁻²⁴ or 2⁻⁵³.
        #expect(actual == rows.map { $0.number(column) }, "\(dtype), seed \(seed)")
      }
    }
  }
}

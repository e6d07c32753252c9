// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFigures
import KLSimFiles

/// A row of records, made by hand.
struct Record {
  var objective = "fkl"
  var seed = 1
  var head = "mass=0.5"
  var epoch = 0.0
  var value = 1.0
  var optimizer = "adam"
  var learningRate = 0.2
}

/// Records in which every measured column has the same value.
func table(_ records: [Record]) -> Table {
  let values = Table.Values.numbers(records.map(\.value))
  return Table(
    source: "records",
    columns: [
      "teacher": .texts(records.map { _ in "longtail" }),
      "objective": .texts(records.map(\.objective)),
      "optimizer": .texts(records.map(\.optimizer)),
      "learning_rate": .numbers(records.map(\.learningRate)),
      "seed": .numbers(records.map { Double($0.seed) }),
      "head": .texts(records.map(\.head)),
      "epoch": .numbers(records.map(\.epoch)),
      "fkl": values, "rkl": values, "tvd": values, "head_error": values, "tail_error": values,
    ])
}

/// Snapshots of students of a teacher, of which fkl is the teacher itself, the next one is uniform, and the
/// others are in between.
func snapshots(
  _ teacher: [Double], epochs: [Double], seed: Int = 1, objectives: [String] = ["fkl", "rkl"],
  tokens: [Int]? = nil
) -> Table {
  let tokens = tokens ?? Array(teacher.indices)
  let rows = objectives.flatMap { objective in
    epochs.flatMap { epoch in teacher.indices.map { (objective, epoch, $0) } }
  }
  return Table(
    source: "snapshots",
    columns: [
      "teacher": .texts(rows.map { _ in "file" }),
      "objective": .texts(rows.map(\.0)),
      "seed": .texts(rows.map { _ in "\(seed)" }),
      "epoch": .numbers(rows.map(\.1)),
      "token": .numbers(rows.map { Double(tokens[$0.2]) }),
      "rank": .numbers(rows.map { Double((tokens.last ?? 0) - tokens[$0.2]) }),
      "p": .numbers(rows.map { teacher[$0.2] }),
      "q": .numbers(
        rows.map { objective, _, token in
          let place = objectives.filter { $0 != "fkl" }.firstIndex(of: objective)
          let share = place.map { 1 / Double(1 + $0) } ?? 0
          return (1 - share) * teacher[token] + share / Double(teacher.count)
        }),
    ])
}

/// A row of records of sequences, made by hand.
struct SequenceRow {
  var teacher = "markov"
  var student = "markov"
  var signal = "seq-fkl"
  var seed = 1
  var head = "mass=0.5"
  var epoch = 0.0
  var value = 1.0
  var optimizer = "adam"
}

/// Records of sequences in which every measured column has the same value.
func table(_ rows: [SequenceRow]) -> Table {
  let values = Table.Values.numbers(rows.map(\.value))
  return Table(
    source: "sequences",
    columns: [
      "teacher": .texts(rows.map(\.teacher)), "student": .texts(rows.map(\.student)),
      "signal": .texts(rows.map(\.signal)), "samples": .numbers(rows.map { _ in 100 }),
      "optimizer": .texts(rows.map(\.optimizer)),
      "seed": .numbers(rows.map { Double($0.seed) }), "head": .texts(rows.map(\.head)),
      "epoch": .numbers(rows.map(\.epoch)), "seq_fkl": values, "seq_rkl": values,
      "seq_tvd": values, "head_error": values, "tail_error": values, "entropy": values,
      "void_mass": values,
    ])
}

/// A row of estimates, made by hand.
struct Estimate {
  var student = "markov"
  var signal = "policy-gradient"
  var samples = 100.0
  var seed = 1
  var norm = 1.0
  var bias = 0.0
  var variance = 1.0
  var standardError = 0.0
  var against = "seq-rkl"
  /// The mean squared error; nil for that of independent samples.
  var error: Double?
}

/// Estimates as `klsim estimate` writes them.
func table(_ rows: [Estimate]) -> Table {
  Table(
    source: "estimates",
    columns: [
      "teacher": .texts(rows.map { _ in "tabular" }), "student": .texts(rows.map(\.student)),
      "signal": .texts(rows.map(\.signal)), "samples": .numbers(rows.map(\.samples)),
      "seed": .numbers(rows.map { Double($0.seed) }), "epoch": .numbers(rows.map { _ in 0 }),
      "against": .texts(rows.map(\.against)), "exact_norm": .numbers(rows.map(\.norm)),
      "gradient_bias": .numbers(rows.map(\.bias)),
      "sample_variance": .numbers(rows.map(\.variance)),
      "gradient_mse": .numbers(
        rows.map { $0.error ?? $0.bias * $0.bias + $0.variance / $0.samples }),
      "standard_error": .numbers(rows.map(\.standardError)),
    ])
}

/// A figure of each kind.
enum Sample: String, CaseIterable {
  case curves, rates, pareto, snapshots, phase, survival, animation
  case estimators, mse, capacity, sequences

  /// The figure of so many objectives (but phase shows two), of so many conditions where it can show
  /// several, and of so many tokens; its table is changed first.
  func figure(
    objectives count: Int = 2, conditions: Int = 1, size: Int = 40,
    changing change: (Table) -> Table = { $0 }
  ) throws -> any Figure {
    let objectives = Self.objectives(self == .phase ? 2 : count)
    // Of a large vocabulary some tokens only.
    let tokens = (0..<size).filter { size <= 3000 || $0 < 300 || $0.isMultiple(of: 997) }
    let mass = (1...size).reduce(0.0) { $0 + 1 / Double($1) }
    let teacher = tokens.map { 1 / Double(1 + $0) / mass }
    let records = change(records(objectives, conditions: conditions))
    return switch self {
    case .curves: try CurvesFigure(records, FigureOptions())
    case .rates: try RatesFigure(records, FigureOptions())
    case .pareto: try ParetoFigure(records, FigureOptions())
    case .phase: try PhaseFigure(records, FigureOptions())
    case .survival: try SurvivalFigure(records, FigureOptions())
    case .estimators: try EstimatorsFigure(change(estimates(count, conditions)), FigureOptions())
    case .mse: try ErrorBySamplesFigure(change(estimates(count, conditions)), FigureOptions())
    case .capacity:
      try CapacityFigure(
        change(
          sequences(
            count, conditions, students: (0...8).map { "markov:order=\($0)" } + ["tabular"])),
        FigureOptions())
    case .sequences: try CurvesFigure(change(sequences(count, conditions)), FigureOptions())
    case .snapshots:
      try SnapshotsFigure(
        change(
          KLSimFiguresTests.snapshots(
            teacher, epochs: [0, 1, 5, 20], objectives: objectives, tokens: tokens)),
        FigureOptions())
    case .animation:
      try AnimationFigure(
        change(
          KLSimFiguresTests.snapshots(
            teacher, epochs: [0, 2, 5], objectives: objectives, tokens: tokens)),
        FigureOptions())
    }
  }

  private static func objectives(_ count: Int) -> [String] {
    let names = ["fkl", "rkl", "akl", "js", "jeffreys", "tvd", "skew-fkl", "skew-rkl", "soft-ce"]
    return Array((names + (1...20).map { "mix:lambda=0.0\($0)" }).prefix(count))
  }

  /// Longer than a line of a picture.
  static let longSignal =
    "gkd-samples:objective=\"skew-fkl:alpha=0.1:temperature=0.9\":mixing=coin:"
    + "sampling-temperature=0.9:reduction=token-mean"

  private static func signals(_ count: Int) -> [String] {
    let names = ["seq-fkl", "seq-rkl", "policy-gradient", "seqkd", "gkd", "seq-gjsd", "seq-tvd"]
    return Array((names + (1...20).map { "gkd:lambda=0.0\($0)" }).prefix(count))
  }

  private func estimates(_ count: Int, _ conditions: Int) -> Table {
    var rows: [Estimate] = []
    for condition in 0..<conditions {
      for (place, signal) in Self.signals(count).enumerated() {
        for seed in 1...3 {
          rows.append(
            Estimate(
              student: conditions == 1 ? "markov" : "low-rank:rank=\(condition + 1)",
              signal: signal, seed: seed, bias: place == 0 ? 0 : 1 / Double(place + seed),
              variance: Double(1 + place * seed)))
        }
      }
    }
    return table(rows)
  }

  private func sequences(
    _ count: Int, _ conditions: Int, students: [String] = ["markov"]
  ) -> Table {
    var rows: [SequenceRow] = []
    for condition in 0..<conditions {
      for (order, student) in students.enumerated() {
        for (place, signal) in Self.signals(count).enumerated() {
          for seed in 1...2 {
            for epoch in [0.0, 1, 10, 50] {
              let speed = Double(seed + place + condition)
              rows.append(
                SequenceRow(
                  student: student, signal: signal, seed: seed, epoch: epoch,
                  value: 1 / (1 + epoch * speed + Double(order)),
                  optimizer: conditions == 1 ? "adam" : "adam:beta1=0.\(condition)"))
            }
          }
        }
      }
    }
    return table(rows)
  }

  private func records(_ objectives: [String], conditions: Int) -> Table {
    var records: [Record] = []
    let heads = self == .phase ? ["count=2", "count=4", "count=8"] : ["count=2"]
    let rates = self == .rates ? [0.01, 0.05, 0.2] : [0.2]
    for condition in 0..<conditions {
      for (place, objective) in objectives.enumerated() {
        for seed in 1...3 {
          for rate in rates {
            for head in heads {
              for epoch in [0.0, 1, 5, 10, 50, 100, 150, 200] {
                let speed = Double(seed + place * place + condition) * (objective == "fkl" ? 2 : 1)
                records.append(
                  Record(
                    objective: objective, seed: seed, head: head, epoch: epoch,
                    value: 1 / (1 + epoch * speed * rate),
                    optimizer: conditions == 1 ? "adam" : "adam:beta1=0.\(condition)",
                    learningRate: rate))
              }
            }
          }
        }
      }
    }
    return table(records)
  }
}

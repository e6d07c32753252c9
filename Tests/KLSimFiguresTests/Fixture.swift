// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFigures
import KLSimFiles

/// A row of records, made by hand.
struct Record {
  var objective = "fkl"
  var seed = 1
  var head = "mass=0.5"
  var epoch = 0
  var value = 1.0
  var optimizer = "adam"
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
      "learning_rate": .numbers(records.map { _ in 0.2 }),
      "seed": .numbers(records.map { Double($0.seed) }),
      "head": .texts(records.map(\.head)),
      "epoch": .numbers(records.map { Double($0.epoch) }),
      "fkl": values, "rkl": values, "tvd": values, "head_error": values, "tail_error": values,
    ])
}

/// Snapshots of two students of a teacher, one of them the teacher itself.
func snapshots(_ teacher: [Double], epochs: [Int], seed: Int = 1) -> Table {
  let rows = ["fkl", "rkl"].flatMap { objective in
    epochs.flatMap { epoch in teacher.indices.map { (objective, epoch, $0) } }
  }
  return Table(
    source: "snapshots",
    columns: [
      "teacher": .texts(rows.map { _ in "file" }),
      "objective": .texts(rows.map(\.0)),
      "seed": .texts(rows.map { _ in "\(seed)" }),
      "epoch": .numbers(rows.map { Double($0.1) }),
      "token": .numbers(rows.map { Double($0.2) }),
      "rank": .numbers(rows.map { Double(teacher.count - 1 - $0.2) }),
      "p": .numbers(rows.map { teacher[$0.2] }),
      "q": .numbers(rows.map { $0.0 == "fkl" ? teacher[$0.2] : 1 / Double(teacher.count) }),
    ])
}

/// A figure of each kind.
enum Sample: String, CaseIterable {
  case curves, snapshots, phase, survival, animation

  func figure() throws -> any Figure {
    var records: [Record] = []
    for objective in ["fkl", "rkl"] {
      for seed in 1...5 {
        let speed = objective == "fkl" ? 2 : seed
        for head in ["count=2", "count=4", "count=8"] {
          for epoch in 0..<6 {
            records.append(
              Record(
                objective: objective, seed: seed, head: head, epoch: epoch,
                value: 1 / Double(1 + epoch * epoch * speed)))
          }
        }
      }
    }
    let longTail = (0..<40).map { 0.2 / Double(1 + $0) }
    return switch self {
    case .curves: try CurvesFigure(table(records), FigureOptions())
    case .snapshots:
      try SnapshotsFigure(KLSimFiguresTests.snapshots(longTail, epochs: [0, 5]), FigureOptions())
    case .phase: try PhaseFigure(table(records), FigureOptions())
    case .survival: try SurvivalFigure(table(records), FigureOptions())
    case .animation:
      try AnimationFigure(
        KLSimFiguresTests.snapshots(longTail, epochs: [0, 2, 5]), FigureOptions())
    }
  }
}

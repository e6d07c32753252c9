// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

extension Comparison {
  /// Which choice on the tuned axes a table shows.
  enum Selection: String {
    /// There is no other.
    case only
    /// The best for all objectives together.
    case common
    /// Each objective's own best.
    case own
  }

  /// What a table is of, for programs.
  func members(
    of group: Group, _ pairing: Pairing, head: Int, _ selection: Selection,
    _ choices: [String: [String]]
  ) -> [(key: String, value: JSON)] {
    let axes = Axes.all.filter { !$0.isCompared && !$0.isTuned }
    let condition =
      axes.map {
        ($0.column.name, JSON($0.column.value(of: group.setup.specification(on: $0))))
      }
      + [
        (Column.split.name, JSON(group.split?.rawValue)), (Column.head.name, .string(heads[head])),
      ]
    let seeds = group.units.keys.map(\.seed)
    let tuned = Axes.all.filter { $0.isTuned }.map { $0.column }
    let chosen = group.runs.map(\.objective).uniqued().map { objective in
      JSON.object(
        [(Column.objective.name, .string(objective))]
          + zip(tuned, choices[objective] ?? []).map { ($0.name, JSON($0.value(of: $1))) })
    }
    return [
      ("condition", .object(condition)),
      ("tokens", JSON(group.size)),
      (
        "head_tokens",
        .array(
          [group.headCounts[head].lowerBound, group.headCounts[head].upperBound].map { JSON($0) })
      ),
      ("contexts", JSON(group.setup.contextCount(of: group.split))),
      ("is_mean", JSON(group.isMean)),
      ("seeds", .array([seeds.min(), seeds.max()].compactMap { $0.map { JSON($0) } })),
      ("pairs", JSON(pairing.count)), ("selection", .string(selection.rawValue)),
      ("choices", .array(chosen)),
    ]
  }
}

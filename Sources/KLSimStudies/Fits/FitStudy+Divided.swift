// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles

extension FitStudy: DividedStudy {
  package static var axes: [any Axis.Type] { Axes.all }

  package func choices(of setup: Setup) -> Choices { setup.choices }

  package var runSizes: [(setup: Setup, size: RunSize)] {
    get throws {
      let (recorded, snapshots) = (try study.recordedEpochs, try study.snapshotEpochs)
      let tokens = try TokenSelection(parsing: study.snapshotTokens)
      return vocabularies.map { setup, vocabulary in
        let (length, contexts) = (setup.length, setup.teacher.component.contexts.count)
        let numbers = Double(vocabulary) * Double(contexts)
        let rows =
          Double(recorded.count(of: length)) * Double(measurement.heads.count * contexts)
          + Double(snapshots.count(of: length)) * Double(contexts)
          * Double(tokens.count(of: vocabulary))
        return (
          setup,
          RunSize(
            work: Double(max(1, length.epochs)) * numbers, rows: study.isAggregated ? 0 : rows,
            runs: contexts)
        )
      }
    }
  }

  package func tables(_ format: RowFormat) throws -> FitTables {
    try FitTables(of: self, format: format, snapshotFormat: format)
  }
}

extension FitTables: StudyTables {
  package var outputs: [TableOutput] {
    let records = TableOutput(
      name: "records", summary: "fits of students: errors by epoch and head rule", columns: columns)
    return study.snapshots == nil
      ? [records]
      : [
        records,
        TableOutput(
          name: "snapshots", summary: "teacher and student token by token",
          columns: snapshotColumns),
      ]
  }

  package mutating func rows(adding digest: Digest) -> [[UInt8]] {
    let rows = add(digest)
    return [rows.records] + (study.snapshots == nil ? [] : [rows.snapshots])
  }

  package mutating func lastRows() -> [[UInt8]] {
    [finish()] + (study.snapshots == nil ? [] : [[]])
  }
}

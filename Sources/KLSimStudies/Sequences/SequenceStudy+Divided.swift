// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimFiles
package import KLSimSequences

extension SequenceStudy: DividedStudy {
  package static var axes: [any Axis.Type] { SequenceAxes.all }

  package func choices(of setup: SequenceSetup) -> Choices { setup.choices }

  package var runSizes: [(setup: SequenceSetup, size: RunSize)] {
    get throws {
      let recorded = try study.recordedEpochs
      return try setups.grouped(by: { $0.worldWords }).flatMap { _, own in
        let space = try own[0].space(seed: study.seed)
        // An exact gradient visits every joint state, a sampled token costs about eight updates.
        let states = Double(space.histories.count) * Double(space.vocabularySize)
        return own.map { setup in
          let sampled = 8 * Double(setup.samples) * Double(space.length)
          let epochs = Double(max(1, setup.epochs))
          let records = Double(recorded.count(of: setup.length))
          return (
            setup,
            RunSize(
              work: epochs * (states + sampled) + records * states * Double(space.length),
              rows: study.isAggregated ? 0 : records * Double(measurement.heads.count), runs: 1)
          )
        }
      }
    }
  }

  package func tables(_ format: RowFormat) throws -> SequenceTables {
    SequenceTables(of: self, format: format)
  }
}

extension SequenceTables: StudyTables {
  package var outputs: [TableOutput] {
    [
      TableOutput(
        name: "records", summary: "training of students of sequences: exact errors by epoch",
        columns: columns)
    ]
  }

  package func digest(_ result: SequenceStudy.Result) -> SequenceStudy.Result { result }

  package mutating func rows(adding result: SequenceStudy.Result) -> [[UInt8]] {
    [text(of: add(result))]
  }

  package mutating func lastRows() -> [[UInt8]] { [text(of: finish())] }
}

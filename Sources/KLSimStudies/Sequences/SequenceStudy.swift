// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics
package import KLSimSequences

/// Students of sequences that signals move: the kind of study in which every run is a choice on every one
/// of `SequenceAxes.all`, and a seed.
///
/// Items go setup by setup, seed by seed.
package struct SequenceStudy: StudyKind {
  /// The study in words.
  package let study: Study
  /// What is measured.
  package let measurement: SequenceMeasurement
  /// Every setup, in order.
  package let setups: [SequenceSetup]
  package let itemCount: Int
  private let seeds: Range<UInt64>
  private let recorded: EpochSelection
  private let kernels: VectorKernels

  /// One run.
  package struct Item: WorkItem {
    fileprivate let setup: SequenceSetup
    let seed: UInt64
    fileprivate let recorded: [String]

    package var words: [String] {
      ["sequence"] + setup.canonicalWords + recorded + ["seed=\(seed)"]
    }
  }

  /// The result of a run.
  package struct Result: Sendable {
    package let setup: SequenceSetup
    package let trajectory: SequenceFit.Trajectory
  }

  /// Prepares a study.
  ///
  /// - Parameters:
  ///   - study: what to run, of the experiment `sequence`.
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to compute with.
  ///   - limit: the memory that it may take; nil for any.
  /// - Throws: `StudyError`, `MemoryError`, or an error of a setup that shows without running it.
  package init(
    _ study: Study, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best,
    within limit: MemoryLimit? = nil
  ) throws {
    let epochs = study.epochs
    try self.init(
      study,
      setups: try study.choices(of: .sequence, reader: reader, kernels: kernels).map {
        SequenceSetup($0, epochs: epochs)
      },
      SequenceMeasurement(
        heads: try distinct(study.heads, of: "head", make: Catalog.head),
        against: try study.against.map { try SequenceCatalog.objective($0, reader: reader) }),
      kernels, within: limit)
  }

  /// Prepares a study of given setups.
  private init(
    _ study: Study, setups: [SequenceSetup], _ measurement: SequenceMeasurement,
    _ kernels: VectorKernels, within limit: MemoryLimit? = nil
  ) throws {
    (self.study, self.setups, self.measurement, self.kernels) = (
      study, setups, measurement, kernels
    )
    seeds = try study.seedRange
    itemCount = try Study.runCount(setups.count, of: seeds)
    recorded = try study.recordedEpochs
    try limit?.check(try memory)
    for setup in setups { try setup.signal.component.check(samples: setup.samples) }
    for (_, own) in setups.grouped(by: { $0.preparationWords }) {
      try own[0].check(measurement, seed: seeds.lowerBound, kernels: kernels)
    }
  }

  /// About how much memory it takes.
  package var memory: MemoryNeed {
    get throws {
      var need = MemoryNeed()
      for setup in setups {
        let records = recorded.count(of: setup.length)
        let run = try SequenceMemory(of: setup, measurement, records: records)
        need.item.formMaximum([.histories: run.states, .samples: run.samples])
        need.result.formMaximum([.records: run.records])
        let rows = Double(records) * Double(measurement.heads.count)
        if study.isAggregated {
          need.statistics.formMaximum([
            .statistics: SeedSamples.size(
              of: rows * Double(measurement.columns.count), seeds: seeds.count)
          ])
        } else {
          need.rows.formMaximum([
            .records: rows * SequenceTables.rowBytes(results: measurement.columns.count)
          ])
        }
      }
      need.itemCount = itemCount
      return need
    }
  }

  /// The same study of some setups and seeds alone.
  ///
  /// - Parameters:
  ///   - setups: some of its setups.
  ///   - seeds: some of its seeds.
  /// - Returns: the study.
  /// - Throws: as `init(_:reader:kernels:)`.
  package func part(_ setups: [SequenceSetup], seeds: Range<UInt64>) throws -> SequenceStudy {
    var part = study
    (part.seed, part.seeds) = (seeds.lowerBound, seeds.count)
    return try SequenceStudy(part, setups: setups, measurement, kernels)
  }

  package func item(_ index: Int) -> Item {
    let (setup, seed) = index.quotientAndRemainder(dividingBy: seeds.count)
    let words = ["record=\(study.record)", "against=\(measurement.against?.specification ?? "")"]
    return Item(
      setup: setups[setup], seed: seeds.lowerBound + UInt64(seed),
      recorded: words + measurement.heads.map { "head=\($0.specification)" })
  }

  package func run(_ item: Item) throws -> Result {
    let (recorded, length) = (recorded, item.setup.length)
    return Result(
      setup: item.setup,
      trajectory: try SequenceFit(item.setup, measurement, kernels: kernels)
        .run(seed: item.seed) { recorded.contains($0, of: length) })
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

extension Study {
  /// The setups, in the order of the axes: the choice on the last changes fastest.
  ///
  /// - Parameters:
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to make teachers and students with.
  /// - Returns: the product of the choices.
  /// - Throws: `StudyError`, `SpecificationError`, or what the reader throws.
  package func setups(
    reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> [Setup] {
    guard epochs >= 0 else {
      throw StudyError("`epochs` \(epochs): a number of at least 0 is needed")
    }
    guard epochs <= Setup.maximumEpochs else {
      throw StudyError("`epochs` \(epochs): at most \(Setup.maximumEpochs) are possible")
    }
    return try Axes.all.reduce([Setup(undecidedFor: epochs)]) { setups, axis in
      func choose(_ texts: [String]) throws -> [Chosen<any Sendable>] {
        try distinct(texts, of: axis.name) {
          try axis.choice($0, reader: reader, kernels: kernels)
        }
      }
      let given = try choices[axis.name].map(choose)
      return try setups.flatMap { setup in
        try (given ?? choose(axis.defaults(after: setup))).map { setup.adding($0, on: axis) }
      }
    }
  }

  /// The range of seeds.
  ///
  /// - Throws: `StudyError` if it is empty or goes beyond the largest seed.
  public var seedRange: Range<UInt64> {
    get throws(StudyError) { try Self.seedRange(first: seed, count: seeds) }
  }

  /// A range of seeds.
  ///
  /// - Parameters:
  ///   - first: the first seed.
  ///   - count: how many, one after the other.
  ///   - maximum: how many are possible.
  /// - Returns: the seeds, at least one.
  /// - Throws: `StudyError`.
  public static func seedRange(
    first: UInt64, count: Int, maximum: Int = .max
  ) throws(StudyError) -> Range<UInt64> {
    guard count >= 1 else {
      throw StudyError("`seeds` \(count): a number of at least 1 is needed")
    }
    guard count <= maximum else {
      throw StudyError("`seeds` \(count): at most \(maximum) are possible")
    }
    let (end, overflows) = first.addingReportingOverflow(UInt64(count))
    guard !overflows else {
      throw StudyError("`seed` \(first) `seeds` \(count): beyond the largest seed")
    }
    return first..<end
  }

  /// The epochs that become rows.
  ///
  /// - Throws: `SpecificationError`, or `StudyError` for an epoch after the last.
  package var recordedEpochs: EpochSelection {
    get throws { try selection(record, key: "record") }
  }

  /// The epochs whose distributions become rows; none where no snapshots are asked for.
  ///
  /// - Throws: as `recordedEpochs`.
  package var snapshotEpochs: EpochSelection {
    get throws { try snapshots.map { try selection($0, key: "snapshots") } ?? .list([]) }
  }

  private func selection(_ text: String, key: String) throws -> EpochSelection {
    let selection = try EpochSelection(parsing: text)
    if let largest = selection.largest, largest > epochs {
      throw StudyError("`\(key)` asks for epoch \(largest), but `epochs` is \(epochs)")
    }
    return selection
  }

  /// What is measured while students are fitted.
  ///
  /// - Parameter kept: other epochs to keep the measurements of.
  /// - Returns: the measurement.
  /// - Throws: `SpecificationError`, or `StudyError`.
  package func measurement(
    keeping kept: @escaping @Sendable (_ epoch: Int, _ last: Int) -> Bool = { _, _ in false }
  ) throws -> Measurement {
    let recorded = try recordedEpochs
    return Measurement(
      heads: try distinct(heads, of: "head", make: Catalog.head),
      metrics: try chosenMetrics.map(\.component),
      epochs: { recorded.contains($0, last: $1) || kept($0, $1) },
      snapshots: try snapshotEpochs.contains)
  }

  /// What is recorded, in canonical words.
  ///
  /// - Parameter measurement: what the study measures.
  /// - Returns: the words.
  /// - Throws: `SpecificationError`, or `StudyError`.
  func recordWords(_ measurement: Measurement) throws -> [String] {
    ["record=\(record)", "snapshots=\(snapshots ?? "")"]
      + measurement.heads.map { "head=\($0.specification)" }
      + (try chosenMetrics.map { "metric=\($0.specification)" })
  }

  /// The metrics; one cannot be chosen twice with different parameters.
  private var chosenMetrics: [Chosen<any Metric>] {
    get throws {
      let chosen = try distinct(metrics, of: "metric", make: { try Catalog.metric($0) })
      for (place, metric) in chosen.enumerated() {
        let name = type(of: metric.component).name
        if let other = chosen[..<place].first(where: { type(of: $0.component).name == name }) {
          throw StudyError(
            "`metric`: \(other.specification) and \(metric.specification) fill the same columns; ask"
              + " for one of them")
        }
      }
      return chosen
    }
  }
}

extension Setup {
  /// The choices on all axes and the epochs, in canonical words.
  var canonicalWords: [String] {
    Axes.all.map { "\($0.name)=\(specification(on: $0))" } + ["epochs=\(epochs)"]
  }
}

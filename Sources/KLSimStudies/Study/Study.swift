// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics
internal import KLSimSequences

/// Runs and what is recorded of them, in the words that users type.
///
/// The runs are the product of the choices on all axes and of a range of seeds.
public struct Study: Equatable, Sendable {
  /// What a run is, which decides the axes.
  public var experiment = Experiment.fit
  /// What the study is called; nil for nothing.
  public var name: String?
  /// What it is about; nil for nothing.
  public var description: String?
  /// Specifications by the name of their axis; the default for axes that are missing.
  public var choices: [String: [String]] = [:]
  /// Specifications by the name of their axis, equally many on all axes of a zip: these axes walk together,
  /// the first choices of all, then the second ones, and so on.
  public var zips: [[String: [String]]] = []
  /// Rules by which setups are left out: those whose choice on every axis of a rule is among its
  /// specifications.
  public var exclusions: [[String: [String]]] = []
  /// The number of epochs, 0 to `Setup.maximumEpochs`: of optimizer updates, or with minibatches of passes
  /// over the training contexts.
  public var epochs = 200
  /// The first seed.
  public var seed: UInt64 = 1
  /// The number of consecutive seeds, at least 1.
  public var seeds = 1
  /// The head rules; each adds rows.
  public var heads = ["mass=0.5"]
  /// The metrics beside the standard ones; each adds columns.
  public var metrics: [String] = []
  /// The epochs that become rows: `all`, `every=k` or a list such as `0,1,5,10`; with minibatches also
  /// `every=ksteps`, or fractions such as `0.5,1`.
  public var record = "all"
  /// The epochs whose distributions become rows of their own, in the format of `record`; nil for none.
  public var snapshots: String?
  /// The tokens of those distributions that become rows: `all`, `top=k` for the k most probable ones, or
  /// `log=k` for k ranks that are evenly spread on a logarithmic scale.
  public var snapshotTokens = "all"
  /// Whether rows are statistics over seeds, not single seeds.
  public var isAggregated = false
  /// The rows of teachers with several contexts; nil for `both`.
  public var contexts: ContextRows?
  /// The exact loss of sequences that the gradients of signals are compared with; nil for no comparison.
  public var against: String?

  /// The default study: forward and reverse KL in the published long-tail experiment.
  public init() {}

  /// A study with other choices than the defaults.
  ///
  /// - Parameters:
  ///   - choices: specifications by the name of their axis.
  ///   - epochs: the number of epochs.
  ///   - seeds: the seeds.
  public init(_ choices: [String: [String]], epochs: Int, seeds: Range<UInt64>) {
    self.choices = choices
    self.epochs = epochs
    seed = seeds.lowerBound
    self.seeds = seeds.count
  }
}

extension Study {
  /// What a run of a study is.
  public enum Experiment: String, CaseIterable, Codable, Sendable {
    /// A student that is fitted to a teacher: `klsim run`.
    case fit
    /// A student of sequences that a signal moves: `klsim sequence`.
    case sequence

    /// The axes, in the order of key columns and of products.
    package var axes: [any Axis.Type] {
      switch self {
      case .fit: Axes.all
      case .sequence: SequenceAxes.all
      }
    }
  }
}

/// The rows of a teacher with several contexts.
public enum ContextRows: String, CaseIterable, Codable, Sendable {
  /// One for each context.
  case each
  /// One for the weighted mean over contexts.
  case mean
  /// Those of each context and of the mean.
  case both
}

extension Study {
  /// The setups in the order of the axes: the choice on the last axis changes fastest.
  ///
  /// - Parameters:
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to make teachers and students with.
  /// - Returns: the product of the choices, without what is excluded.
  /// - Throws: `StudyError`, `SpecificationError`, or an error of the reader.
  package func setups(
    reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> [Setup] {
    let setups = try choices(of: .fit, reader: reader, kernels: kernels).map {
      Setup($0, epochs: epochs)
    }
    let (recorded, snapshots) = try (recordedEpochs, snapshotEpochs)
    for setup in setups {
      try inTermsOfStudy { () throws(SetupError) in try setup.check(recorded, snapshots) }
    }
    return setups
  }

  /// The range of seeds.
  ///
  /// - Throws: `StudyError` if it is empty or exceeds the maximum seed.
  public var seedRange: Range<UInt64> {
    get throws(StudyError) { try Self.seedRange(first: seed, count: seeds) }
  }

  /// A range of seeds.
  ///
  /// - Parameters:
  ///   - first: the first seed.
  ///   - count: the number of seeds.
  ///   - maximum: the maximum number of seeds.
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

  /// The number of runs.
  ///
  /// - Parameters:
  ///   - count: the number of runs of a seed.
  ///   - seeds: the seeds.
  /// - Returns: the number of all runs.
  /// - Throws: `StudyError` if it exceeds the largest integer.
  static func runCount(_ count: Int, of seeds: Range<UInt64>) throws(StudyError) -> Int {
    let (runs, overflows) = count.multipliedReportingOverflow(by: seeds.count)
    guard !overflows else { throw StudyError("more runs than can be counted") }
    return runs
  }

  /// The epochs that become rows.
  ///
  /// - Throws: `SpecificationError`, or `StudyError` for an epoch after the last.
  package var recordedEpochs: EpochSelection {
    get throws { try selection(record, key: "record") }
  }

  /// The epochs whose distributions become rows.
  ///
  /// - Throws: as `recordedEpochs`.
  package var snapshotEpochs: EpochSelection {
    get throws { try snapshots.map { try selection($0, key: "snapshots") } ?? .list([]) }
  }

  private func selection(_ text: String, key: String) throws -> EpochSelection {
    let selection = try EpochSelection(parsing: text)
    try inTermsOfStudy { () throws(SetupError) in try selection.check(upTo: epochs, key: key) }
    return selection
  }

  /// Turns the error of choices into one of the study, whose keys have the same names.
  private func inTermsOfStudy(_ check: () throws(SetupError) -> Void) throws(StudyError) {
    do { try check() } catch { throw StudyError(error.description) }
  }

  /// What is measured while students are fitted.
  ///
  /// - Returns: the measurement.
  /// - Throws: `SpecificationError`, or `StudyError`.
  package func measurement() throws -> Measurement {
    Measurement(
      heads: try distinct(heads, of: "head", make: Catalog.head),
      metrics: try chosenMetrics.map(\.component),
      recorded: try recordedEpochs, snapshots: try snapshotEpochs)
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
  package var canonicalWords: [String] {
    Axes.all.map { "\($0.name)=\(specification(on: $0))" } + ["epochs=\(epochs)"]
  }
}

/// Makes components of specifications and refuses duplicates.
///
/// - Parameters:
///   - texts: the specifications.
///   - key: the key of the study, for the error.
///   - make: makes a component of a specification.
/// - Returns: the components, in the same order.
/// - Throws: `StudyError`, or an error of `make`.
package func distinct<Choice>(
  _ texts: [String], of key: String, make: (String) throws -> Chosen<Choice>
) throws -> [Chosen<Choice>] {
  var chosen: [Chosen<Choice>] = []
  for text in texts {
    let choice = try make(text)
    guard !chosen.contains(where: { $0.specification == choice.specification }) else {
      let other = text == choice.specification ? "" : ", also as \(text)"
      throw StudyError(
        "`\(key)`: \(choice.specification) is given twice\(other); its rows would be duplicates")
    }
    chosen.append(choice)
  }
  return chosen
}

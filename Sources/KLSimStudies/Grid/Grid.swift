// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimNumerics

/// The product of several choices on every axis, over a range of seeds.
public struct Grid: Sendable {
  /// The choices by the name of their axis; an axis without any takes its defaults.
  public var choices: [String: [AxisChoice]]
  public var epochs: Int
  public var seeds: Range<UInt64>
  /// The kernels for teachers and students that are defaults.
  private let kernels: VectorKernels

  /// A grid of choices.
  ///
  /// - Parameters:
  ///   - choices: by the name of their axis.
  ///   - epochs: how many updates.
  ///   - seeds: the seeds.
  ///   - kernels: the kernels for teachers and students that are defaults.
  public init(
    choices: [String: [AxisChoice]], epochs: Int, seeds: Range<UInt64>,
    kernels: VectorKernels = .best
  ) {
    self.choices = choices
    self.epochs = epochs
    self.seeds = seeds
    self.kernels = kernels
  }

  /// A grid of specifications.
  ///
  /// - Parameters:
  ///   - specifications: by the name of their axis; an axis without any takes its defaults.
  ///   - epochs: how many updates.
  ///   - seeds: the seeds.
  ///   - reader: reads the files that they name.
  /// - Throws: `SpecificationError`, or what the reader throws.
  public init(
    specifications: [String: [String]], epochs: Int, seeds: Range<UInt64>,
    reader: any NumberReader = NoFiles()
  ) throws {
    self.init(choices: [:], epochs: epochs, seeds: seeds)
    for axis in Axes.all {
      choices[axis.name] = try specifications[axis.name]?.map {
        try axis.choice($0, reader: reader)
      }
    }
  }

  /// How many runs there are, those of a teacher's contexts counted one by one.
  ///
  /// - Throws: `GridError` if there are more than can be counted, or what making a default throws.
  public var runCount: Int {
    get throws {
      let contexts = try setups.reduce(0) { $0 + $1.teacher.component.contexts.count }
      let (count, overflows) = contexts.multipliedReportingOverflow(by: seeds.count)
      guard !overflows else { throw GridError(description: "more runs than can be counted") }
      return count
    }
  }

  /// Every setup, in the order of the axes: the choice on the last changes fastest.
  ///
  /// - Throws: what making a default throws.
  public var setups: [Setup] {
    get throws {
      try Axes.all.reduce([Setup.undecided(epochs: epochs)]) { setups, axis in
        try setups.flatMap { setup in
          let chosen =
            try choices[axis.name]
            ?? axis.defaults(after: setup).map { try axis.choice($0, kernels: kernels) }
          return chosen.map { $0.added(to: setup) }
        }
      }
    }
  }
}

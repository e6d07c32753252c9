// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimFiles
internal import KLSimStudies

/// Students of both KLs on teachers of many tail weights, epoch by epoch, for the reader to walk through.
package enum ExplorablePart {
  static let size = 40
  /// The exponents of Zipf's law, from the lightest tail to a nearly uniform teacher.
  static let exponents = [2.4, 2.2, 2, 1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.6, 0.4, 0.2]
  static let objectives = ["fkl", "rkl"]
  static let epochs = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 17, 20, 25, 30, 35, 40, 50, 60, 70, 85, 100, 150, 200,
  ]
  static let seed: UInt64 = 1

  static func teacher(_ exponent: Double) -> String {
    "zipf:size=\(size):exponent=\(digits(exponent))"
  }

  /// The command that makes the same numbers.
  static var command: String {
    let epochs = epochs.map(\.description).joined(separator: ",")
    return "klsim run --teacher \(exponents.map(teacher).joined(separator: ","))"
      + " --objective \(objectives.joined(separator: ",")) --epochs \(Self.epochs.last ?? 0)"
      + " --seed \(seed) --record \(epochs) --output errors.csv --snapshots \(epochs)"
      + " --snapshot-output students.csv"
  }

  /// The member of the page's document; a number has three significant digits.
  ///
  /// - Throws: the error of a run, of which there is none.
  package static func member() throws -> (key: String, value: JSON) {
    (
      "explorable",
      .object([
        ("size", number(Double(size))), ("epochs", numbers(epochs.map(Double.init))),
        ("objectives", .array(objectives.map { .string($0) })),
        ("command", .string(command)), ("teachers", .array(try exponents.map(worlds))),
      ])
    )
  }

  private static func worlds(_ exponent: Double) throws -> JSON {
    let epochs = epochs.map(\.description).joined(separator: ",")
    let runs = try objectives.map { objective in
      try Experiment(
        teacher: teacher(exponent), objective: objective, epochs: Self.epochs.last ?? 0,
        record: epochs, snapshots: epochs
      ).run(seed: seed)
    }
    let students = runs.map { run in
      JSON.object([
        ("q", .array(run.snapshots.map { numbers($0.probabilities) })),
        ("head_error", numbers(run.records.map(\.errors.head))),
        ("tail_error", numbers(run.records.map(\.errors.tail))),
      ])
    }
    return .object([
      ("specification", .string(teacher(exponent))), ("exponent", number(exponent)),
      ("head_count", number(Double(runs[0].headCounts[0]))),
      ("p", numbers(runs[0].teacher.probabilities)), ("students", .array(students)),
    ])
  }

  private static func numbers(_ values: [Double]) -> JSON { .array(values.map(number)) }

  private static func number(_ value: Double) -> JSON { .plain(digits(value, 3)) }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimFiles

extension Table {
  /// Reads a CSV file for a figure.
  ///
  /// - Parameters:
  ///   - path: records, aggregated records, snapshots or evidence.
  ///   - figure: the figure; results that it does not need are not read.
  ///   - selections: choices of rows, as `selecting` takes them.
  /// - Throws: `InputError`.
  public init(
    path: String, for figure: any Figure.Type, where selections: [Selection] = []
  ) throws(InputError) {
    let table = try Table(
      path: path, numbers: figure.numbers, texts: Set(selections.map(\.column)))
    self = try table.selecting(selections)
  }

  /// Refuses a table without the columns that a figure needs.
  func require(_ names: [String], for figure: any Figure.Type) throws(InputError) {
    try require(names, for: "the figure '\(figure.name)'")
  }

  /// A column of whole numbers.
  func integers(_ name: String) throws(InputError) -> [Int] {
    let numbers = try numbers(name)
    var integers: [Int] = []
    integers.reserveCapacity(numbers.count)
    for (row, number) in numbers.enumerated() {
      guard let integer = Int(exactly: number) else {
        throw malformed(row, "\(name) is \(number), not a whole number")
      }
      integers.append(integer)
    }
    return integers
  }

  /// The rows of the chosen objectives.
  func choosing(_ objectives: [String]?) throws(InputError) -> Table {
    guard let objectives else { return self }
    for objective in objectives {
      _ = try selecting([Selection(column: "objective", value: objective)])
    }
    return try selecting(objectives.map { Selection(column: "objective", value: $0) })
  }
}

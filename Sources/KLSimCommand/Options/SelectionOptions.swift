// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// The options that choose rows of a table.
struct SelectionOptions: ParsableArguments {
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Only rows with this value in this column; several values of a column are alternatives.",
      valueName: "column=value"))
  var texts: [String] = []

  /// The choices of rows.
  ///
  /// - Throws: `UsageError`.
  var selections: [Table.Selection] {
    get throws(UsageError) {
      try texts.map { text throws(UsageError) in
        guard let separator = text.firstIndex(of: "="), separator > text.startIndex else {
          throw UsageError(description: "--where \(text): column=value is needed")
        }
        return Table.Selection(
          column: column(String(text[..<separator])),
          value: String(text[text.index(after: separator)...]))
      }
    }
  }
}

/// The column that a user means, who may write it as the option of `run` is written, or in capitals.
func column(_ name: String) -> String {
  let written = String(name.map { $0 == "-" ? "_" : $0 })
  let lower = written.lowercased()
  if lower == "lr" { return LearningRateAxis.column.name }
  return RecordComparison.Question.columns.contains(lower) ? lower : written
}

/// The epochs of a list.
///
/// - Parameters:
///   - text: the list.
///   - option: which option gives it, for the error.
/// - Returns: the epochs, ascending.
/// - Throws: `UsageError`.
func epochs(_ text: String, of option: String) throws(UsageError) -> [Double] {
  guard let epochs = EpochSelection.epochs(listed: text) else {
    throw UsageError(description: "--\(option) \(text): a list such as 1,5,10 is needed")
  }
  return Set(epochs).sorted()
}

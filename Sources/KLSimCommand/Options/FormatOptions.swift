// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimFiles

/// The format of the tables that a command writes.
struct FormatOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Format of tables: \(RowFormat.all.map { "\($0.name), \($0.summary)" }.joined(separator: "; "))."
        + " (default: by the ending of the file, else csv)",
      valueName: "format"))
  var format: String?

  /// The format of the table at a path.
  ///
  /// - Parameter path: where the table goes.
  /// - Returns: the one asked for, else that of the path's ending, else the default.
  /// - Throws: `SpecificationError.unknownName`.
  func format(of path: String?) throws -> RowFormat {
    if let format { return try RowFormat.named(format) }
    return RowFormat.all.first { path?.hasSuffix(".\($0.name)") ?? false } ?? RowFormat.all[0]
  }
}

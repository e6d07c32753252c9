// SPDX-License-Identifier: GPL-3.0-or-later

internal import SystemPackage

/// Where the rows of a table are: a file, or the parts of a table that follow each other.
package struct TableFiles: Sendable {
  /// The files, at least one; of several CSV files the first alone has a header.
  package let paths: [String]
  /// What messages about the whole table name.
  let source: String

  /// The table in one file.
  ///
  /// - Parameter path: the file; `-` is standard input.
  package init(file path: String) { (paths, source) = ([path], path) }

  /// The table of a file, or of a folder with a `datapackage.json`.
  ///
  /// - Parameters:
  ///   - path: the file or the folder.
  ///   - user: what reads the table, for messages.
  ///   - isWanted: whether it reads tables of a kind; of a folder with one table only it is not asked.
  /// - Throws: `InputError`, also for a folder of which several tables are wanted, or none.
  package init(
    _ path: String, for user: String, isWanted: (TableKind) -> Bool
  ) throws(InputError) {
    guard (try? Stat(FilePath(path)))?.type == .directory else {
      (paths, source) = ([path], path)
      return
    }
    let tables = try Self.tables(of: path)
    let wanted = tables.count == 1 ? tables : tables.filter { $0.kind.map(isWanted) == true }
    guard wanted.count == 1, let table = wanted.first else {
      let some = wanted.isEmpty ? tables : wanted
      let names = some.map { $0.paths.count == 1 ? $0.paths[0] : "\($0.paths[0]), …" }
      throw .unanswered(
        path: path,
        reason: wanted.isEmpty
          ? "none of its \(tables.count) tables is read by \(user): \(Table.list(names, maximum: 60))"
          : "\(wanted.count) of its tables may be meant for \(user): \(Table.list(names, maximum: 60));"
            + " name one, such as \(Self.join(path, some[0].paths[0]))")
    }
    paths = table.paths.map { Self.join(path, $0) }
    source = paths.count == 1 ? paths[0] : path
  }

  private static func join(_ folder: String, _ name: String) -> String {
    FilePath(folder).appending(name).string
  }

  /// The tables that the data package of a folder lists, and of which kind they are; nil if none that is
  /// known.
  private static func tables(
    of folder: String
  ) throws(InputError) -> [(paths: [String], kind: TableKind?)] {
    let path = join(folder, DataPackage.fileName)
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try fileBytes(path)
    } catch .missing {
      throw .unanswered(
        path: folder,
        reason:
          "it is a folder without a \(DataPackage.fileName), which would list its tables; name the"
          + " files")
    }
    guard let resources = JSON(parsing: bytes)?["resources"]?.values else {
      throw .malformed(
        path: path, line: 0, reason: "it is no data package: a list 'resources' was expected")
    }
    var tables: [(paths: [String], kind: TableKind?)] = []
    for resource in resources {
      let paths = resource["path"].map { $0.values ?? [$0] }?.compactMap(\.string) ?? []
      guard !paths.isEmpty else {
        throw .malformed(path: path, line: 0, reason: "a resource has no path")
      }
      if let outside = paths.first(where: { !DataPackage.isInside($0) }) {
        throw .malformed(
          path: path, line: 0,
          reason: "a resource has the path '\(outside)': one within the folder was expected")
      }
      let fields = resource["schema"]?["fields"]?.values ?? []
      tables.append((paths, TableKind(signedBy: fields.compactMap { $0["name"]?.string })))
    }
    guard !tables.isEmpty else {
      throw .malformed(path: path, line: 0, reason: "it lists no table")
    }
    return tables
  }
}

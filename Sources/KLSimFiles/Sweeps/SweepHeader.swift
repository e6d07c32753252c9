// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// What a sweep is: the first entry of its journal.
///
/// Two processes work on the same sweep only if all of it is equal.
package struct SweepHeader: Equatable, Sendable {
  /// A table of the sweep.
  package struct Table: Equatable, Sendable {
    /// The name of its file.
    package let name: String
    /// What it holds.
    package let summary: String
    /// Its columns, as a data package describes them.
    fileprivate let fields: String

    package init(name: String, summary: String, columns: [Column]) {
      (self.name, self.summary) = (name, summary)
      fields = JSON.array(columns.map(DataPackage.json)).line
    }

    /// The names of its columns.
    package var columns: [String] {
      JSON(parsing: Array(fields.utf8))?.values?.compactMap { $0["name"]?.string } ?? []
    }

    /// Its description in a data package.
    ///
    /// - Parameter paths: its files, one after the other.
    /// - Returns: the description.
    package func resource(paths: [String]) -> DataPackage.Resource {
      DataPackage.Resource(paths: paths, summary: summary, fields: .plain(fields))
    }
  }

  /// klsim's version.
  package let version: String
  /// GSL's version.
  package let gsl: String
  /// The identity of the study.
  package let identity: String
  package let chunkCount: Int
  package let runCount: Int
  /// The tables.
  package let tables: [Table]
  /// The files that the study reads, with their digests.
  package let inputs: [String: FileDigest]

  package init(
    version: String, gsl: String, identity: String, chunkCount: Int, runCount: Int,
    tables: [Table], inputs: [String: FileDigest]
  ) {
    (self.version, self.gsl, self.identity) = (version, gsl, identity)
    (self.chunkCount, self.runCount) = (chunkCount, runCount)
    (self.tables, self.inputs) = (tables, inputs)
  }

  /// Reads the entry of a journal, nil if it is another one.
  package init?(_ json: JSON) {
    guard let version = json["klsim"]?.string, let gsl = json["gsl"]?.string,
      let identity = json["study"]?.string, let chunks = json["chunks"]?.integer, chunks > 0,
      let runs = json["runs"]?.integer, runs >= 0, let tables = json["tables"]?.values,
      let inputs = json["inputs"]?.values
    else { return nil }
    let known = tables.compactMap(Table.init)
    let files = inputs.compactMap { input in
      input["path"]?.string.flatMap { path in FileDigest(input).map { (path, $0) } }
    }
    guard known.count == tables.count, !known.isEmpty, files.count == inputs.count else {
      return nil
    }
    self.init(
      version: version, gsl: gsl, identity: identity, chunkCount: chunks, runCount: runs,
      tables: known, inputs: Dictionary(files) { $1 })
  }

  /// The members of the entry.
  package var members: [(key: String, value: JSON)] {
    [
      ("klsim", .string(version)), ("gsl", .string(gsl)), ("study", .string(identity)),
      ("chunks", .plain("\(chunkCount)")), ("runs", .plain("\(runCount)")),
      ("tables", .array(tables.map(\.json))),
      (
        "inputs",
        .array(
          inputs.sorted { $0.key < $1.key }.map {
            .object([("path", .string($0.key))] + $0.value.members)
          })
      ),
    ]
  }

  /// How another sweep differs, in words; nil if it does not.
  package func difference(to other: SweepHeader) -> String? {
    if version != other.version || gsl != other.gsl {
      return "it was begun by klsim \(version) with GSL \(gsl), and this is klsim \(other.version)"
        + " with GSL \(other.gsl), whose last digits may differ"
    }
    let changed = inputs.keys.sorted().filter { inputs[$0] != other.inputs[$0] }
    if identity == other.identity, let path = changed.first {
      return "\(path) has been changed since the sweep was begun"
    }
    if tables.map(\.name) != other.tables.map(\.name) {
      return "it writes \(tables.map(\.name).joined(separator: ", ")), and not"
        + " \(other.tables.map(\.name).joined(separator: ", "))"
    }
    return self == other ? nil : "it is of another study"
  }
}

extension SweepHeader.Table {
  fileprivate init?(_ json: JSON) {
    guard let name = json["name"]?.string, SweepFolder.isName(ofTable: name),
      let summary = json["summary"]?.string,
      let fields = json["fields"], fields.values != nil
    else { return nil }
    (self.name, self.summary, self.fields) = (name, summary, fields.line)
  }

  fileprivate var json: JSON {
    .object([("name", .string(name)), ("summary", .string(summary)), ("fields", .plain(fields))])
  }
}

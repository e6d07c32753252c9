// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The description of a folder of tables, as a Frictionless Data Package.
///
/// Source: specs.frictionlessdata.io, Data Package and Tabular Data Resource, version 1.
package struct DataPackage: Sendable {
  /// A table of the folder.
  package struct Resource: Sendable {
    /// Where it is, from the folder: one file, or several whose bytes follow each other.
    let paths: [String]
    let summary: String
    let fields: JSON

    /// Where its first file is, from the folder.
    package var path: String { paths[0] }

    /// A table in several files.
    init(paths: [String], summary: String, fields: JSON) {
      (self.paths, self.summary, self.fields) = (paths, summary, fields)
    }

    /// A table in one file.
    ///
    /// - Parameters:
    ///   - path: where it is, from the folder.
    ///   - summary: what it holds, one line.
    ///   - columns: its columns.
    package init(path: String, summary: String, columns: [Column]) {
      self.init(
        paths: [path], summary: summary, fields: .array(columns.map(DataPackage.json)))
    }
  }

  /// The name of the file in the folder.
  package static let fileName = "datapackage.json"

  /// Whether a path stays in the folder it begins in.
  ///
  /// Source: Data Resource, `path`: neither absolute nor with `..`, for security.
  package static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.utf8.contains(0)
      && !path.split(separator: "/").contains("..")
  }

  /// What made the tables; no time, which would disturb comparison.
  package struct Provenance: Sendable {
    let version: String
    let gsl: String
    let command: String

    /// What made the tables.
    ///
    /// - Parameters:
    ///   - version: klsim's.
    ///   - gsl: the version of GSL.
    ///   - command: the command line that makes them again in the folder where it is run.
    package init(version: String, gsl: String, command: String) {
      self.version = version
      self.gsl = gsl
      self.command = command
    }
  }

  let name: String
  let title: String
  let provenance: Provenance
  let resources: [Resource]

  /// Describes a folder.
  ///
  /// - Parameters:
  ///   - name: lower-case letters, digits and hyphens.
  ///   - title: for people.
  ///   - provenance: what made the tables.
  ///   - resources: the tables.
  package init(name: String, title: String, provenance: Provenance, resources: [Resource]) {
    self.name = name
    self.title = title
    self.provenance = provenance
    self.resources = resources
  }

  /// The text of `datapackage.json`.
  package var text: String {
    let provenance: [(String, JSON)] = [
      ("klsim", .string(provenance.version)), ("gsl", .string(provenance.gsl)),
      ("command", .string(provenance.command)),
    ]
    let json = JSON.object([
      ("profile", "tabular-data-package"), ("name", .string(name)), ("title", .string(title)),
      ("licenses", .array([.object([("name", "GPL-3.0-or-later")])])),
      ("provenance", .object(provenance)), ("resources", .array(resources.map(Self.json))),
    ])
    return json.text() + "\n"
  }

  private static func json(_ resource: Resource) -> JSON {
    let name = resource.path.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? ""
    let isJSON = RowFormat.ending(of: resource.path) == RowFormat.jsonLines.name
    let paths = resource.paths
    return .object(
      [
        ("profile", "tabular-data-resource"), ("name", .string(String(name))),
        ("path", paths.count == 1 ? .string(paths[0]) : .array(paths.map { .string($0) })),
        ("description", .string(resource.summary)),
        ("format", isJSON ? "jsonl" : "csv"),
        ("mediatype", isJSON ? "application/x-ndjson" : "text/csv"), ("encoding", "utf-8"),
      ] + (resource.path.hasSuffix(RowFormat.packedEnding) ? [("compression", "gz")] : []) + [
        ("schema", .object([("fields", resource.fields), ("missingValues", .array([""]))]))
      ])
  }

  static func json(_ column: Column) -> JSON {
    let unit = column.unit.map { [("unit", JSON.string($0))] } ?? []
    return .object(
      [
        ("name", .string(column.name)), ("type", .string(column.kind.rawValue)),
        ("description", .string(column.summary)), ("role", .string(column.role.rawValue)),
      ] + unit)
  }
}

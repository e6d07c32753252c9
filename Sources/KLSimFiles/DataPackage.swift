// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// The description of a folder of tables, as a Frictionless Data Package.
///
/// Source: specs.frictionlessdata.io, Data Package and Tabular Data Resource, version 1.
package struct DataPackage: Sendable {
  /// A table of the folder.
  package struct Resource: Sendable {
    /// Where it is, from the folder.
    package let path: String
    let summary: String
    let columns: [Column]

    /// A CSV file.
    ///
    /// - Parameters:
    ///   - path: where it is, from the folder.
    ///   - summary: what it holds, one line.
    ///   - columns: its columns.
    package init(path: String, summary: String, columns: [Column]) {
      self.path = path
      self.summary = summary
      self.columns = columns
    }
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
    .object([
      ("profile", "tabular-data-resource"),
      ("name", .string(String(resource.path.prefix { $0 != "." }))),
      ("path", .string(resource.path)), ("description", .string(resource.summary)),
      ("format", "csv"), ("mediatype", "text/csv"), ("encoding", "utf-8"),
      (
        "schema",
        .object([
          ("fields", .array(resource.columns.map(Self.json))), ("missingValues", .array([""])),
        ])
      ),
    ])
  }

  private static func json(_ column: Column) -> JSON {
    let unit = column.unit.map { [("unit", JSON.string($0))] } ?? []
    return .object(
      [
        ("name", .string(column.name)), ("type", .string(column.kind.rawValue)),
        ("description", .string(column.summary)), ("role", .string(column.role.rawValue)),
      ] + unit)
  }
}

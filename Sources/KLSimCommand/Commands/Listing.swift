// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimClaims
internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences

/// The names of one kind that users can type, with their descriptions.
struct Listing: Sendable {
  /// The name of the kind, such as `teacher` and `teachers`.
  let singular, plural: String
  /// What users can type.
  private let names: @Sendable () -> [String]
  private let lines: @Sendable (_ isVerbose: Bool) -> [String]
  private let members: @Sendable () -> [(key: String, value: JSON)]

  /// All kinds that can be listed.
  static let all =
    (Catalog.kinds + SequenceCatalog.kinds).map { kind in
      Listing(
        singular: kind.singular, plural: kind.plural, names: { kind.components.map { $0.name } }
      ) {
        lines(kind, isVerbose: $0)
      } members: {
        members(kind)
      }
    } + [
      Listing(
        singular: "claim", plural: "claims", names: { ClaimCatalog.claims.map { $0.name } }
      ) { _ in
        ClaimCatalog.claims.flatMap {
          ["  \($0.name)  \($0.statement)", source($0.source), "      setting: \($0.setting)"]
        }
      } members: {
        [
          items(
            ClaimCatalog.claims.map {
              [
                ("name", $0.name), ("statement", $0.statement), ("source", $0.source),
                ("setting", $0.setting), ("kind", $0.kind.rawValue),
              ]
            })
        ]
      },
      Listing(singular: "exhibit", plural: "exhibits", names: { ExhibitCatalog.names }) { _ in
        ExhibitCatalog.exhibits(seeds: 1..<2).flatMap {
          ["  \($0.name)  \($0.summary)", source($0.source)]
        }
      } members: {
        [
          items(
            ExhibitCatalog.exhibits(seeds: 1..<2).map {
              [("name", $0.name), ("summary", $0.summary), ("source", $0.source)]
            })
        ]
      },
    ]

  /// The command that lists names which are too many for a message.
  ///
  /// - Parameter known: the names.
  /// - Returns: the command; nil if they are few, or are no names that are listed.
  static func command(listing known: [String]) -> String? {
    let listings = all.filter { Set($0.names()).isSubset(of: known) }
    guard known.count > SpecificationError.mostListed, !listings.isEmpty else { return nil }
    return "klsim list \(listings.map(\.plural).joined(separator: " "))"
  }

  /// The lines for a terminal; with formulas if verbose.
  func text(isVerbose: Bool) -> String {
    ([plural.uppercased()] + lines(isVerbose)).joined(separator: "\n") + "\n"
  }

  private static func lines(_ kind: any Kind, isVerbose: Bool) -> [String] {
    var lines: [String] = []
    var exceptions = ""
    for component in kind.components {
      lines.append("  \(component.name)  \(component.summary)")
      if isVerbose { lines += component.formula.split(separator: "\n").map { "      \($0)" } }
      let aliases = kind.aliases(of: component.name)
      if !aliases.isEmpty { lines.append("      also \(aliases.joined(separator: ", "))") }
      lines += parameters(component.parameters)
      let taken = kind.parameters(of: component).map(\.name)
      let refused = kind.sharedParameters.map(\.name).filter { !taken.contains($0) }
      if !refused.isEmpty {
        lines.append("      takes no \(refused.joined(separator: ", "))")
        exceptions = ", unless it says otherwise"
      }
      if !component.reference.isEmpty { lines.append(source(component.reference)) }
    }
    if !kind.sharedParameters.isEmpty {
      lines.append("  every \(kind.singular) also takes\(exceptions)")
      lines += parameters(kind.sharedParameters)
    }
    return lines
  }

  /// The kind for programs.
  var json: JSON {
    .object([("kind", .string(singular)), ("plural", .string(plural))] + members())
  }

  private static func items(_ items: [[(String, String)]]) -> (key: String, value: JSON) {
    ("items", .array(items.map { .object($0.map { ($0, .string($1)) }) }))
  }

  private static func members(_ kind: any Kind) -> [(key: String, value: JSON)] {
    func json(_ parameters: [any ParameterDeclaration]) -> JSON {
      .array(
        parameters.map { parameter in
          .object([
            ("name", .string(parameter.name)), ("summary", .string(parameter.summary)),
            ("range", .string(parameter.domainSummary)), ("default", JSON(parameter.defaultText)),
          ])
        })
    }
    let items = kind.components.map { component in
      JSON.object([
        ("name", .string(component.name)), ("aliases", JSON(kind.aliases(of: component.name))),
        ("summary", .string(component.summary)), ("formula", .string(component.formula)),
        ("source", .string(component.reference)),
        ("parameters", json(kind.parameters(of: component))),
      ])
    }
    return [("items", .array(items))]
  }

  private static func source(_ text: String) -> String { "      source: \(text)" }

  private static func parameters(_ declared: [any ParameterDeclaration]) -> [String] {
    declared.map { parameter in
      let fallback =
        switch parameter.defaultText {
        case nil: "required"
        case "": "default: none"
        case let text?: "default: \(text)"
        }
      let about = [parameter.summary, parameter.domainSummary, fallback].joined(separator: "; ")
      return "      \(parameter.name)=…  \(about)"
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimClaims
internal import KLSimStudies

/// The names of one kind that a user can type, with their descriptions.
struct Listing: Sendable {
  /// The name of the kind in the singular, such as `teacher`.
  let singular: String
  /// The name of the kind in the plural, such as `teachers`.
  let plural: String
  private let lines: @Sendable (_ isVerbose: Bool) throws -> [String]

  /// All kinds that can be listed.
  static let all = Catalog.kinds.map(Listing.init) + [claims, exhibits]

  private static let claims = Listing("claim", "claims") { _ in
    ClaimCatalog.claims.flatMap {
      ["  \($0.name)  \($0.statement)", source($0.source), "      setting: \($0.setting)"]
    }
  }

  private static let exhibits = Listing("exhibit", "exhibits") { _ in
    ExhibitCatalog.exhibits(seeds: 1..<2).flatMap {
      ["  \($0.name)  \($0.summary)", source($0.source)]
    }
  }

  private init(
    _ singular: String, _ plural: String,
    lines: @escaping @Sendable (_ isVerbose: Bool) throws -> [String]
  ) {
    self.singular = singular
    self.plural = plural
    self.lines = lines
  }

  private init(_ kind: any Kind) {
    self.init(kind.singular, kind.plural) { Self.lines(kind, isVerbose: $0) }
  }

  /// The text for a terminal.
  ///
  /// - Parameter isVerbose: whether it includes formulas.
  /// - Returns: lines, each with a line end.
  /// - Throws: `SpecificationError`.
  func text(isVerbose: Bool) throws -> String {
    ([plural.uppercased()] + (try lines(isVerbose))).joined(separator: "\n") + "\n"
  }

  private static func lines(_ kind: any Kind, isVerbose: Bool) -> [String] {
    var lines: [String] = []
    var exceptions = ""
    for component in kind.components {
      lines.append("  \(component.name)  \(component.summary)")
      if isVerbose { lines += component.formula.split(separator: "\n").map { "      \($0)" } }
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

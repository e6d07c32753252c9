// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimClaims
internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences
internal import KLSimStudies
internal import KLSimStudyFiles

/// Lists every name that users can type.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Every name, its parameters, defaults, ranges and source.")

  @Argument(
    help: ArgumentHelp(
      "What to list: \(Listing.all.map(\.plural).joined(separator: ", ")). (default: all of these) Alone:"
        + " \(TokenListing.name), the vocabulary of the text of a --teacher; \(Self.schema), the JSON Schema"
        + " of study files, for editors.",
      valueName: "kind"))
  var kinds: [String] = []

  @Flag(help: "With formulas.")
  var verbose = false

  @Option(
    help: ArgumentHelp(
      "The teacher whose tokens are listed, by number: markov:text=alice, ngram:path=…, …",
      valueName: "spec"))
  var teacher: String?

  private static let schema = "study-schema"

  func run() throws {
    guard (teacher != nil) == (kinds == [TokenListing.name]) else {
      throw UsageError(
        description:
          "klsim list tokens --teacher SPEC lists the tokens of a teacher's text; give both")
    }
    try Terminal.output(try text)
  }

  private var text: String {
    get throws {
      if let teacher { return try TokenListing(of: teacher).text }
      return kinds == [Self.schema] ? StudySchema.text : try listings().joined(separator: "\n")
    }
  }

  /// The texts of the chosen kinds.
  private func listings() throws -> [String] {
    let plurals = Listing.all.map(\.plural)
    let chosen = try kinds.map { name in
      let plural = Listing.all.first { $0.singular == name }?.plural
      return Listing.all[try plurals.place(of: plural ?? name, kind: "kind")]
    }
    return (chosen.isEmpty ? Listing.all : chosen).map { $0.text(isVerbose: verbose) }
  }
}

/// The names of one kind that users can type, with their descriptions.
struct Listing: Sendable {
  /// The name of the kind, such as `teacher` and `teachers`.
  let singular, plural: String
  /// What users can type.
  private let names: @Sendable () -> [String]
  private let lines: @Sendable (_ isVerbose: Bool) -> [String]

  /// All kinds that can be listed.
  static let all =
    (Catalog.kinds + SequenceCatalog.kinds).map { kind in
      Listing(
        singular: kind.singular, plural: kind.plural, names: { kind.components.map { $0.name } }
      ) { lines(kind, isVerbose: $0) }
    } + [
      Listing(
        singular: "claim", plural: "claims", names: { ClaimCatalog.claims.map { $0.name } }
      ) { _ in
        ClaimCatalog.claims.flatMap {
          ["  \($0.name)  \($0.statement)", source($0.source), "      setting: \($0.setting)"]
        }
      },
      Listing(singular: "exhibit", plural: "exhibits", names: { ExhibitCatalog.names }) { _ in
        ExhibitCatalog.exhibits(seeds: 1..<2).flatMap {
          ["  \($0.name)  \($0.summary)", source($0.source)]
        }
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

// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles

/// Shows every name a user can type.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Every name, its parameters, defaults, ranges and source.")

  @Argument(
    help: ArgumentHelp(
      "What to list: \(Kind.all.map(\.plural).joined(separator: ", ")). (default: all)",
      valueName: "kind"))
  var kinds: [String] = []

  @Flag(help: "Formulas, too.")
  var verbose = false

  func run() throws {
    let chosen = try kinds.map { name in
      guard let kind = Kind.all.first(where: { [$0.plural, $0.singular].contains(name) }) else {
        throw SpecificationError.unknownName(
          kind: "kind", name: name, known: Kind.all.map(\.plural))
      }
      return kind
    }
    let text = (chosen.isEmpty ? Kind.all : chosen).map(text).joined(separator: "\n")
    let output = try OutputFile("-")
    try output.write(Array(text.utf8))
    try output.commit()
  }

  private func text(_ kind: Kind) -> String {
    var lines = ["\(kind.plural.uppercased())"]
    for component in kind.components {
      lines.append("  \(component.name)  \(component.summary)")
      if verbose { lines += component.formula.split(separator: "\n").map { "      \($0)" } }
      lines += Self.parameters(component.parameters)
      if !component.reference.isEmpty { lines.append("      source: \(component.reference)") }
    }
    if !kind.sharedParameters.isEmpty {
      lines.append("  every \(kind.singular) also takes")
      lines += Self.parameters(kind.sharedParameters)
    }
    return lines.joined(separator: "\n") + "\n"
  }

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

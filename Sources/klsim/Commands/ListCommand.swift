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
      "What to list: \(Listing.all.map(\.plural).joined(separator: ", ")). (default: all)",
      valueName: "kind"))
  var kinds: [String] = []

  @Flag(help: "Formulas, too.")
  var verbose = false

  func run() throws {
    let chosen = try kinds.map { name in
      guard let kind = Listing.all.first(where: { [$0.plural, $0.singular].contains(name) }) else {
        throw SpecificationError.unknownName(
          kind: "kind", name: name, known: Listing.all.map(\.plural))
      }
      return kind
    }
    let texts = try (chosen.isEmpty ? Listing.all : chosen).map { try $0.text(isVerbose: verbose) }
    let output = try OutputFile("-")
    try output.write(Array(texts.joined(separator: "\n").utf8))
    try output.commit()
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles

/// Lists every name that a user can type.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Every name, its parameters, defaults, ranges and source.")

  @Argument(
    help: ArgumentHelp(
      "What to list: \(Listing.all.map(\.plural).joined(separator: ", ")). (default: all)",
      valueName: "kind"))
  var kinds: [String] = []

  @Flag(help: "With formulas.")
  var verbose = false

  func run() throws {
    let plurals = Listing.all.map(\.plural)
    let chosen = try kinds.map { name in
      let plural = Listing.all.first { $0.singular == name }?.plural
      return Listing.all[try plurals.place(of: plural ?? name, kind: "kind")]
    }
    let texts = try (chosen.isEmpty ? Listing.all : chosen).map { try $0.text(isVerbose: verbose) }
    let output = try OutputFile("-")
    try output.write(Array(texts.joined(separator: "\n").utf8))
    try output.commit()
  }
}

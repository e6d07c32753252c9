// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
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

  @Option(help: AnswerFormat.help)
  var format = AnswerFormat.text

  private static let schema = "study-schema"

  func run() throws {
    guard (teacher != nil) == (kinds == [TokenListing.name]) else {
      throw UsageError(
        description:
          "klsim list tokens --teacher SPEC lists the tokens of a teacher's text; give both")
    }
    switch format {
    case .text: try Terminal.output(try text)
    // The schema is JSON in either format.
    case .json where kinds == [Self.schema]: try Terminal.output(StudySchema.text)
    case .json: try Terminal.output(try document)
    }
  }

  private var text: String {
    get throws {
      if let teacher { return try TokenListing(of: teacher).text }
      guard kinds != [Self.schema] else { return StudySchema.text }
      return try listings().map { $0.text(isVerbose: verbose) }.joined(separator: "\n")
    }
  }

  private var document: JSON {
    get throws {
      if let teacher { return try TokenListing(of: teacher).document }
      return .document("list", [("kinds", .array(try listings().map(\.json)))])
    }
  }

  /// The chosen kinds.
  private func listings() throws -> [Listing] {
    let plurals = Listing.all.map(\.plural)
    let chosen = try kinds.map { name in
      let plural = Listing.all.first { $0.singular == name }?.plural
      return Listing.all[try plurals.place(of: plural ?? name, kind: "kind")]
    }
    return chosen.isEmpty ? Listing.all : chosen
  }
}

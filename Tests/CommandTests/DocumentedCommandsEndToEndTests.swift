// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// What the documentation of sequences tells users to type works.
@Suite struct DocumentedCommandsEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private static let readme = "../../../README.md"
  private static let article = "Sequences.md"

  /// The commands in the shell blocks of a text, each on one line, without comments.
  private static func commands(_ text: String) -> [String] {
    text.split(separator: "```").filter { $0.hasPrefix("sh\n") }.flatMap { block in
      block.replacing(/\\\n\s*/, with: "").replacing(/\s+#.*/, with: "").split(separator: "\n")
        .map(String.init)
    }.filter { $0.hasPrefix("klsim ") }
  }

  /// Runs a documented command with fewer epochs and seeds: of options that are given twice the last counts.
  private func run(_ command: String) async throws {
    let shorter = command.hasPrefix("klsim sequence ") ? " --epochs 3 --seeds 2 --quiet" : ""
    let outcome = try await klsim.shell("klsim() { \"$klsim\" \"$@\"; }; \(command)\(shorter)")
    #expect(outcome.end == .exit(0), "\(command): \(outcome.errors)")
  }

  @Test func commandsOfTheArticle() async throws {
    let commands = Self.commands(try Golden(article: Self.article).text)
    #expect(commands.count > 5)
    for command in commands where canDraw || !command.hasPrefix("klsim plot ") {
      try await run(command)
    }
  }

  @Test func commandsOfTheReadme() async throws {
    let commands = Self.commands(try Golden(article: Self.readme).text).filter {
      $0.contains(/^klsim (sequence|estimate) --/)
    }
    #expect(!commands.isEmpty)
    for command in commands { try await run(command) }
  }

  /// The signals in the rows of trainers: specifications in the third column, which may stand in quotes.
  private static let signals: [String] = {
    let text = (try? Golden(article: article).text) ?? ""
    let rows =
      text.split(separator: "## ").last { $0.hasPrefix("Which setting") }?
      .split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2) ?? []
    return rows.flatMap { row in
      let column = row.split(separator: "|", omittingEmptySubsequences: false)[3]
      return column.matches(of: /`([^`]+)`/).map { String($0.1) }.filter { !$0.contains("…") }
    }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }()

  @Test func signalsAreFound() { #expect(Self.signals.count > 15) }

  @Test(arguments: signals) func signalsOfTrainers(signal: String) async throws {
    let size = signal.contains(/k=(32|64)/) ? 64 : 3
    try await run(
      "klsim estimate --teacher markov:size=\(size):length=2 --student markov:order=0 --draws 200 --signal \(signal)"
    )
  }
}

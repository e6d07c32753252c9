// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimNumerics
import Testing

@testable import KLSimFigures
@testable import KLSimFiles

/// Names in tables that would be commands if they were not quoted.
@Suite struct HostileNamesTests {
  static let names = [
    "`touch harm`", "'.system('touch harm').'", "\".system(\"touch harm\").\"", "\n!touch harm\n",
    "'\n!touch harm\n'", "\\'`touch harm`", "@harm", "'@harm", "\\", "'; system 'touch harm' #",
    "\u{2028}!touch harm\u{2028}", "{/=99 x}", "%s%n", "\u{0}", "é\u{202E}😀", "<script>&\"",
  ]

  /// The table with a hostile name about each text of some columns.
  private static func renamed(_ table: Table, _ columns: Set<String>, by name: String) -> Table {
    let values = table.names.map { column -> Table.Values in
      if let numbers = try? table.numbers(column) { return .numbers(numbers) }
      guard let labels = try? table.labels(column) else { return .texts([]) }
      let texts = labels.codes.map { labels.texts[Int($0)] }
      return .texts(columns.contains(column) ? texts.map { "\(name)\($0)\(name)" } : texts)
    }
    return Table(
      source: table.source, header: table.names, names: table.names, columns: values, lines: [])
  }

  /// The scripts of every figure with the name in each column of texts alone, and in all but the heads at
  /// once; without those whose table is refused.
  private func scripts(of sample: Sample, with name: String) throws -> [String] {
    var columns: [Set<String>] = []
    _ = try sample.figure {
      let texts = $0.names.filter { [table = $0] in (try? table.numbers($0)) == nil }
      columns = texts.map { [$0] } + [Set(texts).subtracting(["head"])]
      return $0
    }
    return try columns.compactMap { columns in
      do {
        let figure = try sample.figure { Self.renamed($0, columns, by: name) }
        let canvas = Canvas(for: figure, sample == .animation ? .gif : .svg, size: (4000, 4000))
        return try Script(figure, on: canvas).text
      } catch is any CategorizedError {
        return nil
      }
    }
  }

  /// What gnuplot reads as commands: the script without its quoted texts.
  ///
  /// In apostrophes nothing has a meaning; in quotes a backslash hides the next character.
  private func commands(_ script: String) -> String {
    var (commands, quote, isHidden) = ("", Unicode.Scalar?.none, false)
    for scalar in script.unicodeScalars {
      if let mark = quote {
        // A text that runs on would swallow commands.
        #expect(scalar != "\n")
        if mark == "\"" { #expect(scalar != "`") }
        if scalar == mark, !isHidden { quote = nil }
        isHidden = mark == "\"" && scalar == "\\" && !isHidden
      } else if scalar == "'" || scalar == "\"" {
        (quote, isHidden) = (scalar, false)
      } else {
        commands.unicodeScalars.append(scalar)
      }
    }
    #expect(quote == nil)
    return commands
  }

  @Test(arguments: Sample.allCases, names)
  func namesAreOnlyEverQuoted(sample: Sample, name: String) throws {
    let scripts = try scripts(of: sample, with: name)
    #expect(!scripts.isEmpty)
    for script in scripts {
      let commands = commands(script)
      for word in ["`", "@", "!", "system", "shell", "load", "call", "eval", "harm", "script>"] {
        #expect(!commands.contains(word), "\(word) in \(sample)")
      }
    }
  }

  @Test(.enabled(if: canDraw, "gnuplot is not installed"), arguments: Sample.allCases)
  func gnuplotRunsNoneOfThem(sample: Sample) async throws {
    for name in Self.names {
      let figure = try sample.figure {
        Self.renamed($0, ["teacher", "objective", "signal", "optimizer"], by: name)
      }
      let format: Canvas.Format = sample == .animation ? .gif : .svg
      _ = try await Gnuplot().picture(
        of: figure, on: Canvas(for: figure, format, size: (2400, 2400)))
    }
    #expect(!FileManager.default.fileExists(atPath: "harm"))
  }
}

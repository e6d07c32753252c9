// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Teachers of sequences.
@Suite struct WorldTests {
  /// The world of a specification, with its files.
  static func world(
    _ text: String, reader: any NumberReader = NoFiles(), seed: UInt64 = 1
  ) throws -> World {
    try SequenceCatalog.world(text, reader: reader).component.world(seed: seed).teacher
  }

  /// The words of the error of a specification that is refused.
  static func refusal(
    _ text: String, reader: any NumberReader = NoFiles()
  ) throws -> String {
    let error = #expect(throws: (any Error).self) { try world(text, reader: reader) }
    return "\(try #require(error))"
  }

  @Test func randomWorldsBelongToTheirSeed() throws {
    for text in ["tabular", "markov", "bandit", "markov:order=2:trap=2:size=3"] {
      let recipe = try SequenceCatalog.world(text).component
      #expect(recipe.family.isRandom)
      let first = try Self.world(text).logProbabilities
      #expect(try Self.world(text).logProbabilities == first)
      #expect(try Self.world(text, seed: 2).logProbabilities != first)
    }
    #expect(try Self.world("markov").vocabularySize == 4)
    #expect(try Self.world("markov:size=1000:order=0").vocabularySize == 1000)
    #expect(try Self.world("tabular:sigma=0").probabilities.allSatisfy { abs($0 - 1 / 3) < 1e-15 })
  }

  @Test func rowsOfATextAreItsEstimates() throws {
    let reader = LetterText()
    let text = reader.text(path: "t").map(String.init)
    let world = try Self.world("markov:path=t:unit=characters:size=9:k=0.5", reader: reader)
    // The letters by falling frequency.
    let counts = Dictionary(text.map { ($0, 1) }, uniquingKeysWith: +)
    let letters = counts.keys.sorted { (counts[$1] ?? 0, $0) < (counts[$0] ?? 0, $1) }
    #expect(world.vocabularySize == 9)
    for (row, first) in ([nil] + letters.map(Optional.some)).enumerated() {
      let followers = text.indices.filter { first == nil || $0 > 0 && text[$0 - 1] == first }
      for (token, letter) in letters.enumerated() {
        let count = Double(followers.count { text[$0] == letter })
        let expected = (count + 0.5) / (Double(followers.count) + 4.5)
        #expect(abs(world.probabilities[row * 9 + token] - expected) < 1e-14)
      }
    }
    // The others are one more token.
    let kept = try Self.world("markov:path=t:unit=characters", reader: reader)
    #expect(kept.vocabularySize == 5)
  }

  @Test(arguments: [
    ("markov:text=alice:path=t", "leave out path"), ("markov:text=file", "needs path"),
    ("markov:text=alice:sigma=2", "sigma"), ("markov:unit=characters", "text=alice"),
    ("markov:k=2", "goes with a text"),
    ("markov:path=t:unit=characters:size=9:order=3:k=0", "take k above 0"),
    ("markov:path=t:estimator=kneser-ney:k=1", "add-k"), ("markov:size=1", "size"),
    ("markov:size=1000:sigma=1e308", "smaller sigma"),
    ("tabular:size=1000:length=1:sigma=1e308", "smaller sigma"),
    ("markov:text=alice:order=8:size=100", "take a lower order"),
    ("tabular:path=t:sigma=2", "sigma"), ("tabular:size=10:length=12", "take a lower order"),
    ("markov:eos=4", "0…3"), ("markov:phrase=3", "goes with trap"),
    ("markov:trap=1", "higher order"), ("markov:order=2:size=2:trap=1:phrase=3", "shorter phrase"),
    ("markov:order=2:trap=1:eos=1", "at least 2"), ("tabular:length=2:trap=1", "greater length"),
    ("bandit:eos=1", "eos"), ("bandit:trap=1", "trap"), ("bandit:alpha=0.3", "divergence=alpha"),
    ("bandit:rewards=1/2:reference=1/2/3", "same number"),
    ("bandit:rewards=1/2:size=3", "same number"), ("bandit:rewards=1", "at least 2"),
    ("bandit:reference=0/1", "above 0"),
    ("bandit:rewards=1/2:reference=1/2:sigma=2", "sigma"),
  ])
  func whatDoesNotGoTogetherIsRefused(_ text: String, _ words: String) throws {
    let message = try Self.refusal(text, reader: LetterText())
    #expect(message.contains(words), "\(message)")
  }

  @Test func filesThatCannotBeReadAreNamed() throws {
    for text in ["markov:path=missing.txt", "tabular:path=missing.npy"] {
      #expect(try Self.refusal(text).contains("missing."))
    }
  }

  @Test func rowsOfAFileAreThoseOfThePrefixes() throws {
    let rows = [[0.5, 0.5], [0.25, 0.75], [1, 0]]
    let world = try Self.world("tabular:size=2:length=2:path=t", reader: RowsReader(rows: rows))
    #expect(worstGap(world.probabilities, rows.flatMap { $0 }) < 1e-15)
    #expect(world.logProbabilities[5] == -.infinity)
    for (rows, words) in [
      (Array(rows.dropLast()), "it has 2 rows of 2"),
      ([[0.5, 0.5], [0.5, 0.4], [1, 0]], "prefix [0]: the probabilities add up to 0.9"),
      ([[1.5, -0.5], [0.5, 0.5], [1, 0]], "prefix []: token 1 has -0.5"),
    ] {
      let message = try Self.refusal(
        "tabular:size=2:length=2:path=t", reader: RowsReader(rows: rows))
      #expect(message.contains(words), "\(message)")
    }
  }

  /// The odds of the next token of the phrase are e^trap times as large where the phrase has been written, in
  /// any rotation, and the same elsewhere.
  @Test(arguments: [
    ("markov:order=3:size=4", 2), ("markov:order=2:size=3", 1), ("tabular:length=5", 3),
  ])
  func trapRaisesTheOddsOfTheNextToken(_ text: String, _ phrase: Int) throws {
    let plain = try Self.world(text)
    let trapped = try Self.world(text + ":trap=1.5:phrase=\(phrase)")
    let size = plain.vocabularySize
    let cycle = (0..<3 * phrase).map { $0 % phrase }
    var found = 0
    for history in 0..<plain.histories.count {
      let tokens = plain.histories.tokens(of: history)
      let next = (0..<phrase).first { start in
        Array(tokens.suffix(phrase)) == Array(cycle[start..<start + phrase])
      }
      for token in 1..<size {
        func odds(_ world: World) -> Double {
          world.logProbabilities[history * size + token] - world.logProbabilities[history * size]
        }
        let bonus = next.map { token == $0 ? 1.5 : $0 == 0 ? -1.5 : 0 } ?? 0
        #expect(abs(odds(trapped) - odds(plain) - bonus) < 1e-12)
      }
      if next != nil { found += 1 }
    }
    // One history of each length for each rotation and each beginning.
    #expect(found > 0)
    #expect(trapped.period == phrase && plain.period == 1)
  }
}

/// Rows of numbers as if they were in a file.
private struct RowsReader: NumberReader {
  let rows: [[Double]]

  func numbers(_ source: NumberSource) -> [Double] { rows[0] }

  func table(path: String) -> NumberRows {
    NumberRows(count: rows.count, width: rows[0].count) { [rows] in rows[$0] }
  }
}

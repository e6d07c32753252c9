// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// Next-token distributions of texts, against counts taken the slow way.
@Suite struct NGramTeacherTests {
  private static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  private static let license = package.appending(path: "LICENSE").path(percentEncoded: false)

  private static func teacher(
    _ settings: String, path: String = license
  ) throws -> TeacherRecipe {
    let specification = "ngram:path=\"\(path)\"\(settings.isEmpty ? "" : ":" + settings)"
    return try Catalog.teacher(specification, reader: NumberFile()).component
  }

  private static func probabilities(
    _ recipe: TeacherRecipe, context: Int = 0
  ) throws -> [Double] {
    let teacher = try recipe.distribution(seed: 1, context: context)
    return teacher.byToken(teacher.probabilities)
  }

  private func probabilities(of text: String, _ settings: String) throws -> [Double] {
    let folder = try TemporaryFolder()
    return try Self.probabilities(
      Self.teacher(settings, path: folder.write(text, to: "text.txt")))
  }

  /// The words of a text, by another way: scalars that are no letter or digit made blank.
  private static func words(of path: String = license) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8).lowercased()
    let blanked = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { CharacterSet.alphanumerics.contains($0) ? $0 : " " }))
    return blanked.components(separatedBy: " ").filter { !$0.isEmpty }
  }

  /// The words by descending frequency, ties by their bytes.
  private static func vocabulary(_ words: [String]) -> [String] {
    let counts = Dictionary(words.map { ($0, 1) }, uniquingKeysWith: +)
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
  }

  @Test func wordsOfTheLicenceAreCounted() throws {
    let words = try Self.words()
    let vocabulary = Self.vocabulary(words)
    let p = try Self.probabilities(Self.teacher("order=1:size=5000:k=0"))
    #expect(p.count == vocabulary.count)
    for (token, word) in vocabulary.enumerated().prefix(200) {
      let count = words.count { $0 == word }
      #expect(gap(p[token], Double(count) / Double(words.count)) <= 1e-15, "\(word)")
    }
  }

  @Test func rareWordsAreOneToken() throws {
    let words = try Self.words()
    let p = try Self.probabilities(Self.teacher("order=1:size=10:k=0"))
    let all = try Self.probabilities(Self.teacher("order=1:size=5000:k=0"))
    #expect(p.count == 11)
    #expect(worstGap(Array(p.prefix(10)), Array(all.prefix(10))) <= 1e-15)
    let kept = Set(Self.vocabulary(words).prefix(10))
    let others = words.count { !kept.contains($0) }
    #expect(gap(p[10], Double(others) / Double(words.count)) <= 1e-15)
  }

  @Test(arguments: [0, 0.5, 10])
  func whatFollowsIsCounted(k: Double) throws {
    let words = try Self.words()
    let vocabulary = Self.vocabulary(words)
    let p = try Self.probabilities(Self.teacher("history=of the:order=3:size=5000:k=\(k)"))
    var counts = [Double](repeating: k, count: vocabulary.count)
    for place in words.indices.dropLast(2) where words[place...place + 1] == ["of", "the"] {
      counts[try #require(vocabulary.firstIndex(of: words[place + 2]))] += 1
    }
    let total = counts.reduce(0, +)
    #expect(worstGap(p, counts.map { $0 / total }) <= 1e-14)
  }

  @Test func contextsAreTheMostFrequentHistories() throws {
    let words = try Self.words()
    let recipe = try Self.teacher("histories=5:size=5000")
    // The last word of all has nothing after it.
    let counts = Dictionary(words.dropLast().map { ($0, 1) }, uniquingKeysWith: +)
    let top = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(5)
    #expect((0..<5).map { recipe.contexts.label($0) } == top.map(\.key))
    let total = Double(top.reduce(0) { $0 + $1.value })
    #expect(worstGap(recipe.contexts.weights, top.map { Double($0.value) / total }) <= 1e-15)
    let one = try Self.teacher("history=\(top[2].key):size=5000")
    #expect(
      try Self.probabilities(recipe, context: 2) == Self.probabilities(one))
  }

  /// "a b a c a b": worked by hand.
  @Test func smallTextsAreKnown() throws {
    let text = "a b a c a b"
    #expect(
      worstGap(try probabilities(of: text, "k=1"), [1.0 / 6, 1.0 / 2, 1.0 / 3]) <= 1e-15)
    // Before a stand b and c, before b and c only a: 2, 1, 1, discounted over 4, and 9/16 of 1/3.
    #expect(
      worstGap(
        try probabilities(of: text, "estimator=kneser-ney"), [0.25, 13.0 / 24, 5.0 / 24]) <= 1e-15)
    #expect(try probabilities(of: text, "order=1:k=0") == [1.0 / 2, 1.0 / 3, 1.0 / 6])
    #expect(try probabilities(of: "Ab aB\n\tab", "order=1:k=0") == [1])
    #expect(try probabilities(of: "Ab aB\n\tab", "order=1:k=0:keep-case=true").count == 3)
    let characters = try probabilities(of: "ab  \n a", "order=1:k=0:unit=characters")
    #expect(characters == [0.5, 0.25, 0.25])
  }

  /// Kneser–Ney with counts taken by looking through the whole text each time.
  private func kneserNey(
    _ history: [Int], _ text: [Int], size: Int, discount: Double, isTop: Bool = true
  ) -> [Double] {
    let lower =
      history.isEmpty
      ? [Double](repeating: 1 / Double(size), count: size)
      : kneserNey(
        Array(history.dropFirst()), text, size: size, discount: discount, isTop: false)
    let counts = (0..<size).map { token in
      let gram = history + [token]
      let starts = text.indices.filter { text[$0...].starts(with: gram) }
      return isTop ? starts.count : Set(starts.filter { $0 > 0 }.map { text[$0 - 1] }).count
    }
    let total = Double(counts.reduce(0, +))
    guard total > 0 else { return lower }
    let left = discount * Double(counts.count { $0 > 0 }) / total
    return (0..<size).map { max(Double(counts[$0]) - discount, 0) / total + left * lower[$0] }
  }

  @Test(arguments: [1, 2, 3, 4], [0, 0.3, 0.75, 1])
  func kneserNeyEqualsTheFormula(order: Int, discount: Double) throws {
    var generator = SplitMix64(seed: UInt64(order))
    let letters = (0..<120).map { _ in Int.random(in: 0...3, using: &generator) }
    let names = ["a", "b", "c", "d"]
    let text = letters.map { names[$0] }.joined(separator: " ")
    let ranked = Self.vocabulary(letters.map { names[$0] })
    let tokens = try letters.map { try #require(ranked.firstIndex(of: names[$0])) }
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "text.txt")
    let settings = "order=\(order):estimator=kneser-ney:discount=\(discount)"
    let recipe = try Self.teacher(
      settings + (order > 1 ? ":histories=4" : ""), path: path)
    for context in 0..<recipe.contexts.count {
      let history = try recipe.contexts.label(context).split(separator: " ").map {
        try #require(ranked.firstIndex(of: String($0)))
      }
      let expected = kneserNey(history, tokens, size: 4, discount: discount)
      #expect(
        worstGap(try Self.probabilities(recipe, context: context), expected) <= 1e-14,
        "after \(recipe.contexts.label(context))")
    }
  }

  @Test(arguments: [
    "", "order=3:histories=20", "estimator=kneser-ney:histories=50:size=200",
    "unit=characters:order=4:histories=30:estimator=kneser-ney",
    "order=8:histories=3:k=0.5",
  ])
  func licencesMakeDistributions(settings: String) throws {
    let recipe = try Self.teacher(settings)
    #expect(gap(recipe.contexts.weights.reduce(0, +), 1) <= 1e-14)
    for context in 0..<recipe.contexts.count {
      let p = try Self.probabilities(recipe, context: context)
      #expect(p.allSatisfy { $0 > 0 })
      #expect(gap(p.reduce(0, +), 1) <= 1e-13)
    }
  }

  @Test(arguments: [
    ("history=xyzzy", "nothing follows 'xyzzy'"),
    ("history=of the", "has 2 words; order=2 needs 1"),
    ("order=3:history=of", "order=3 needs 2"), ("histories=100000", "histories=100000"),
  ])
  func historiesThatAreNotThereAreRefused(settings: String, reason: String) throws {
    let error = #expect(throws: TeacherError.self) { try Self.teacher(settings) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    "k=1:estimator=kneser-ney", "discount=0.5", "history=the:histories=2", "order=1:histories=2",
    "order=1:history=the", "order=0", "order=9", "size=0", "unit=bytes", "contexts=2",
  ])
  func settingsThatDoNotGoTogetherAreRefused(settings: String) {
    #expect(throws: SpecificationError.self) { try Self.teacher(settings) }
  }

  @Test func textsThatAreTooShortAreRefused() throws {
    let folder = try TemporaryFolder()
    for (text, order) in [("", 1), ("... !", 1), ("one", 2)] {
      let path = try folder.write(text, to: "short.txt")
      let error = #expect(throws: TeacherError.self) {
        try Self.teacher("order=\(order)", path: path)
      }
      #expect(error?.description.contains("too few") == true)
    }
  }

  @Test(
    arguments: [
      ([0x61, 0x0A, 0x62, 0xE9, 0x0A], "line 2", "0xE9 at offset 3"),
      ([0xEF, 0xBB, 0xBF, 0x61, 0xFF], "line 1", "0xFF at offset 4"),
      ([0xC3], "line 1", "0xC3 at offset 0"),
      ([0x61, 0xE2, 0x82], "line 1", "0xE2 at offset 1"),
      ([0xED, 0xA0, 0x80], "line 1", "0xED at offset 0"),
    ] as [([UInt8], String, String)])
  func bytesThatAreNoTextAreFound(bytes: [UInt8], line: String, place: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "latin.txt")
    let error = #expect(throws: InputError.self) { try Self.teacher("order=1", path: path) }
    #expect(error?.description.contains(line) == true)
    #expect(error?.description.contains(place) == true, "\(String(describing: error))")
  }

  @Test func byteOrderMarksAreNoText() throws {
    let p = try probabilities(of: "\u{FEFF}a b a", "order=1:k=0:unit=characters")
    #expect(p.count == 3)
  }

  /// The text that comes along is the file that it was made of, and what Carroll wrote.
  @Test func aliceComesAlong() throws {
    let alice = Self.package.appending(path: "Sources/CKLSimTexts/alice.txt")
      .path(percentEncoded: false)
    let settings = "size=5000:history=said:k=0"
    let carried = try Catalog.teacher("ngram:text=alice:\(settings)").component
    #expect(
      try Self.probabilities(carried) == Self.probabilities(Self.teacher(settings, path: alice)))
    // "said the", as in "said the Caterpillar", and "said Alice" are most of what is said.
    let words = try Self.words(of: alice)
    let said = zip(words, words.dropFirst()).filter { $0.0 == "said" }.map(\.1)
    let expected = ["the", "alice"].map { name in
      Double(said.count { $0 == name }) / Double(said.count)
    }
    #expect(try Self.probabilities(carried).sorted(by: >).prefix(2) == expected[...])
    #expect(expected[1] > 0.2)
  }

  @Test(arguments: ["ngram", "ngram:order=1", "ngram:text=alice:path=LICENSE", "ngram:text=bob"])
  func oneTextIsAskedFor(specification: String) {
    #expect(throws: SpecificationError.self) { try Catalog.teacher(specification) }
  }
}

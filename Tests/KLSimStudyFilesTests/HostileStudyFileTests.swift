// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimStudyFiles
import Testing

/// Files that are made to take long, much memory or the stack: all are refused.
@Suite struct HostileStudyFileTests {
  private static func doubled(_ count: Int) -> String {
    "a0: &a0 x\n"
      + (1..<count).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
  }

  /// The largest file that is parsed.
  private static let size = 250_000

  static let files: [(name: String, text: String, says: String)] = [
    ("aliases that double", doubled(40), "anchors (&) and aliases (*) are not read"),
    (
      "a key that doubles", doubled(40) + "? *a39\n: 1\n",
      "anchors (&) and aliases (*) are not read"
    ),
    (
      "an alias beside a quoted key", "a: &a [b]\nc: {\"d\":*a}\n",
      "line 1, column 4: anchors (&) and aliases (*) are not read"
    ),
    (
      "anchors", (0..<20_000).map { "- &a\($0) a\n" }.joined(),
      "anchors (&) and aliases (*) are not read"
    ),
    ("lists in lists", String(repeating: "[", count: size), "nested too deeply"),
    ("lists in lists that end", nested(990, around: "a"), "nested too deeply"),
    ("a wide list that is deep", nested(990, around: wide), "nested too deeply"),
    ("maps in lists", String(repeating: "[{a: ", count: size / 5), "nested too deeply"),
    ("dashes", String(repeating: "- ", count: size / 2) + "a", "nested too deeply"),
    ("dashes that end", String(repeating: "- ", count: 990) + "a", "nested too deeply"),
    ("question marks", String(repeating: "? ", count: size / 2) + "a", "nested too deeply"),
    ("a long key", String(repeating: "k", count: size), "is no study"),
    ("a long quoted key", "? '\(String(repeating: "k", count: size))'\n: 1\n", "unknown key"),
    ("a long text", "epochs: \(String(repeating: "1", count: size))\n", "is not a whole number"),
    ("a wide list", "name: [\(wide)]", "a list stands where one value is expected"),
    ("many keys", (0..<20_000).map { "k\($0): 1\n" }.joined(), "k0: unknown key"),
    ("the same key", String(repeating: "a: 1\n", count: size / 5), "the key 'a' is given twice"),
    ("documents", String(repeating: "---\n", count: size / 4), "a second document"),
    ("too large a file", "#" + String(repeating: " ", count: 10 << 20), "more than 256 KiB"),
    ("too large a key", String(repeating: "k", count: 10 << 20) + ": 1\n", "more than 256 KiB"),
  ]

  private static let wide = String(repeating: "a,", count: size / 2 - 1000) + "a"

  private static func nested(_ depth: Int, around text: String) -> String {
    String(repeating: "[", count: depth) + text + String(repeating: "]", count: depth)
  }

  @Test(arguments: files.indices)
  func areRefusedInFewWords(place: Int) {
    let (name, text, says) = Self.files[place]
    let error = #expect(throws: StudyFileError.self) {
      try StudyFile(Array(text.utf8), path: "study.yaml")
    }
    let description = error?.description ?? ""
    #expect(description.contains(says), "\(name): \(description.prefix(500))")
    #expect(description.utf8.count < 1000, "\(name)")
  }
}

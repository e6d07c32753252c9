// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// How specifications are read, refused and written back.
@Suite struct SpecificationTests {
  @Test func settingsKeepTheirOrder() throws {
    let specification = try Specification(parsing: "zipf:size=32000:exponent=1.1")
    #expect(specification.name == "zipf")
    #expect(specification.settings.map(\.key) == ["size", "exponent"])
    #expect(specification.settings.map(\.value) == ["32000", "1.1"])
  }

  @Test(arguments: [
    ("a:k=v", "v"), ("a:k=", ""), ("a:k=x=y", "x=y"), (#"a:k="""#, ""), (#"a:k="x:y""#, "x:y"),
    (#"a:k="x,y""#, "x,y"), (#"a:k="x=y""#, "x=y"), (#"a:k="say ""so""""#, #"say "so""#),
    (#"a:k="""""#, #"""#), ("a:k= v ", " v "), (#"a:k="C:\dir\p, q.csv""#, #"C:\dir\p, q.csv"#),
  ])
  func valuesAreRead(text: String, value: String) throws {
    #expect(try Specification(parsing: text).settings.map(\.value) == [value])
  }

  @Test(arguments: [
    "", ":", "a:", ":k=v", "a::k=v", "a:k", "a:=v", "a:k=v:k=w", "a:k=v:", #"a:k="v"#,
    #"a:k=v"w""#, #"a:k="v"w"#, #"a:k="v"w"x""#, #"a:k=""v"#, #"""#,
  ])
  func malformedTextsAreRefused(text: String) {
    let error = #expect(throws: SpecificationError.self) { try Specification(parsing: text) }
    guard case .malformed(text, let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty)
    #expect(error?.description.hasPrefix("'\(text)': \(reason)") == true)
  }

  /// Values made of everything that means something in a specification.
  @Test(arguments: 1...200)
  func anyValueSurvivesWritingAndReading(seed: UInt64) throws {
    var generator = SplitMix64(seed: seed)
    let pieces = [":", ",", "=", "\"", "\"\"", "a", "/", "\\", " ", "é", "😀", "'", "\n", "."]
    let settings = (0..<Int.random(in: 0...3, using: &generator)).map { index in
      (
        key: "key-\(index)",
        value: (0..<Int.random(in: 0...8, using: &generator))
          .map { _ in pieces[Int.random(in: pieces.indices, using: &generator)] }.joined()
      )
    }
    let specification = Specification(
      name: "name", settings: settings.map { (key: $0.key, value: $0.value) })
    #expect(try Specification(parsing: specification.text) == specification)
    // In a list its commas are its own.
    let list = "first,\(specification.text),last"
    #expect(try Specification.list(list) == ["first", specification.text, "last"])
  }

  @Test func settingsWithoutAValueAreLeftOut() {
    let specification = Specification(name: "a", settings: [("k", nil), ("l", "1"), ("m", nil)])
    #expect(specification.text == "a:l=1")
  }

  @Test(arguments: [
    ("a", ["a"]), ("a,b", ["a", "b"]), ("a:k=1,b", ["a:k=1", "b"]),
    (#"a:k="x,y",b"#, [#"a:k="x,y""#, "b"]),
  ])
  func listsAreSplitAtCommas(text: String, items: [String]) throws {
    #expect(try Specification.list(text) == items)
  }

  @Test(arguments: ["", ",", "a,", ",a", "a,,b", #"a:k="x,b"#])
  func listsWithNothingInAnItemAreRefused(text: String) {
    #expect(throws: SpecificationError.self) { try Specification.list(text) }
  }

  /// Given in any order and spelling, the canonical form is one.
  @Test(arguments: [
    ("zipf", "zipf"), ("zipf:size=1000", "zipf"), ("zipf:exponent=1.10", "zipf"),
    ("zipf:exponent=2.0:size=0100", "zipf:size=100:exponent=2"),
    ("zipf:exponent=0x1p1", "zipf:exponent=2"), ("zipf:exponent=1e2", "zipf:exponent=100"),
    ("zipf:size=+5", "zipf:size=5"), ("zipf:smooth=0.1:size=7", "zipf:size=7:smooth=0.1"),
    ("mixture:centres=20/50/80", "mixture"), ("mixture:centres=1/2.50", "mixture:centres=1/2.5"),
    ("zipf:smooth=1e-7", "zipf:smooth=1e-07"),
  ])
  func teachersHaveOneCanonicalForm(text: String, canonical: String) throws {
    #expect(try Catalog.teacher(text).specification == canonical)
    #expect(try Catalog.teacher(canonical).specification == canonical)
  }

  @Test func canonicalFormsOfTheOtherKinds() throws {
    #expect(try Catalog.objective("akl:mu=0.50:reduction=sum").specification == "akl")
    #expect(
      try Catalog.objective("akl:reduction=mean:mu=1").specification == "akl:mu=1:reduction=mean")
    #expect(
      try Catalog.optimizer("sgd:nesterov=true:momentum=0.90").specification
        == "sgd:momentum=0.9:nesterov=true")
    #expect(try Catalog.optimizer("sgd:nesterov=false").specification == "sgd")
    #expect(
      try Catalog.initialization("torch-uniform:dtype=float32:skip=1").specification
        == "torch-uniform:skip=1")
    #expect(try Catalog.head("mass=0.50").specification == "mass=0.5")
    #expect(
      try Catalog.head("mass=0.5:rule=inclusive").specification == "mass=0.5:rule=inclusive")
    #expect(try Catalog.head("mass=0.5:rule=exclusive").specification == "mass=0.5")
    #expect(try Catalog.head("count=07").specification == "count=7")
    #expect(try Catalog.metric("js").specification == "js")
    #expect(try Catalog.student("softmax").specification == "softmax")
  }

  @Test(arguments: ["a:b.csv", "a,b.csv", #"a"b.csv"#, "a=b.csv", "/tmp/π p.csv", #"",:="#])
  func pathsAreQuotedInCanonicalForms(path: String) throws {
    let text = Specification(name: "file", settings: [("path", path), ("values", "counts")]).text
    let chosen = try Catalog.teacher(text, reader: FixedNumbers([1, 2]))
    #expect(chosen.specification == text)
    let again = try Catalog.teacher(chosen.specification, reader: FixedNumbers([1, 2]))
    #expect(again.specification == text)
    #expect(try Specification(parsing: text).settings.first?.value == path)
  }
}

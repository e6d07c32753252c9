// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimTestSupport
import Testing

@testable import KLSimFiles
@testable import KLSimReport

/// Names that would be read as HTML or JavaScript if they stood in the page as they are.
let hostileNames = [
  "</script><img src=x onerror=alert(1)>", "<!--<script>", "]]>", "\"'`\\", "&lt;&#60;&amp;",
  "\u{2028}\u{2029}", "\u{0}\u{1}\u{8}\n\r\t\u{1F}\u{7F}", "é\u{202E}😀\u{FEFF}", "${1+1}", "",
  "__proto__", "constructor",
]

@Suite struct ReportPageTests {
  private let template = ReportPage(title: "", version: "", command: "", parts: []).bytes

  @Test(arguments: hostileNames)
  func textsAreTextsWhateverTheySay(name: String) throws {
    let page = ReportPage(
      title: name, version: name, command: name,
      parts: [("names", .object([(name, .array([.string(name)]))]))]
    ).bytes
    let document = try PageDocument(page: page)
    #expect(try document.member("title") == name && document.member("command") == name)
    #expect(try document.member("names") == [name: [name]])
    let forbidden: Set<Unicode.Scalar> = ["<", ">", "&", "\u{2028}", "\u{2029}"]
    #expect(document.text.unicodeScalars.allSatisfy { !forbidden.contains($0) })
    #expect(document.text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    // Outside of the document nothing has changed.
    let around = { (bytes: [UInt8]) throws in
      String(decoding: bytes, as: UTF8.self)
        .replacing(try PageDocument(page: bytes).text, with: "", maxReplacements: 1)
    }
    #expect(try around(page) == around(template))
  }

  @Test(arguments: [nil, "Few seeds."]) func cautionsStandInTheDocument(caution: String?) throws {
    let page = ReportPage(title: "t", version: "1", command: "c", caution: caution, parts: [])
    let text = try PageDocument(page: page.bytes).text
    #expect(text.contains("caution") == (caution != nil))
    #expect(text.contains("Few seeds.") == (caution != nil))
  }

  /// The page needs nothing but itself, and takes no text for HTML or JavaScript.
  @Test func theTemplateLoadsAndParsesNothing() {
    let text = String(decoding: template, as: UTF8.self)
      .replacing("http://www.w3.org/2000/svg", with: "")
    let words = [
      "http:", "https:", "src=", "@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML",
      "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc",
      "javascript:", "DOMParser",
    ]
    for word in words { #expect(!text.contains(word), "\(word)") }
    #expect(text.contains("default-src 'none'"))
    #expect(text.hasPrefix("<!DOCTYPE html>") && text.hasSuffix("</html>\n"))
  }
}

@Suite struct PageTableTests {
  @Test(arguments: [
    ("0.25", ".25"), ("-0.5", "-.5"), ("2.0", "2"), ("-3.0", "-3"), ("1e-05", "1e-5"),
    ("1.5e+20", "1.5e+20"), ("0.0", "0"), ("nan", ""), ("", ""), ("inf", "inf"), ("12", "12"),
    ("10.01", "10.01"), ("4.5e-10", "4.5e-10"),
  ])
  func numbersInFewCharacters(text: String, short: String) {
    #expect(PageTable.short(text) == short)
    if !short.isEmpty { #expect(Double(short) == Double(text)) }
  }

  @Test func everyCellIsFoundAgain() throws {
    var stream = SplitMix64(seed: 3)
    func random(_ count: UInt64) -> UInt64 { stream.next() % count }
    let columns = [
      Column(key: "k", .text, "key"), Column(key: "n", .integer, "cyclic"),
      Column("a", .integer, "with b"), Column("x", .number, "listed"),
      Column("b", .text, "with a"),
    ]
    for count in [0, 1, 2, 3, 500] {
      let rows = (0..<count).map { row in
        [
          hostileNames[Int(random(UInt64(hostileNames.count)))], "\(row % 7)", "\(random(3))",
          random(4) == 0 ? "" : "\(random(999) + 1).5", "b\(random(2))",
        ]
      }
      let table = PageTable(columns, rows: rows, groups: [["a", "b", "absent"], ["absent"]])
      let json = try JSONSerialization.jsonObject(with: Data(table.json.line.utf8))
      let (names, found) = try PageDocument.rows(count == 0 ? emptyNumbers(json) : json)
      #expect(names == columns.map(\.name) && found == rows)
    }
  }

  /// Splitting nothing gives one empty text.
  private func emptyNumbers(_ json: Any) -> Any {
    var json = json as? [String: Any] ?? [:]
    json["numbers"] = [[String: Any]]()
    return json
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The texts of an SVG by gnuplot, and about where they are.
final class SVGTexts: NSObject, XMLParserDelegate {
  /// A text and its place in pixels, from the upper left.
  struct Box: CustomStringConvertible {
    let text: String
    let left: Double
    let right: Double
    let top: Double
    let bottom: Double

    func overlaps(_ other: Box) -> Bool {
      left < other.right && other.left < right && top < other.bottom && other.top < bottom
    }

    var description: String {
      "'\(text)' at \(Int(left))…\(Int(right)) × \(Int(top))…\(Int(bottom))"
    }
  }

  private(set) var boxes: [Box] = []
  private var groups: [[String: String]] = []
  private var text: String?

  init(_ bytes: [UInt8]) throws {
    super.init()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = self
    #expect(parser.parse())
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    if name == "g" { groups.append(attributes) }
    if name == "text" { text = "" }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text? += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    if name == "g" { groups.removeLast() }
    guard name == "text", let group = groups.last, let text else { return }
    self.text = nil
    let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if !words.isEmpty, let box = Self.box(words, group) { boxes.append(box) }
  }

  /// The box of a text by the size of its font: characters are half as wide as high on average.
  private static func box(_ text: String, _ group: [String: String]) -> Box? {
    let numbers = (group["transform"] ?? "").split { !"-.0123456789".contains($0) }.compactMap {
      Double($0)
    }
    guard numbers.count >= 2, let size = group["font-size"].flatMap(Double.init) else { return nil }
    let width = Double(text.count) * size * 0.5
    let anchors = ["end": -width, "middle": -width / 2]
    let shift = anchors[group["text-anchor"] ?? ""] ?? 0.0
    // The line of the text is at the foot of its characters.
    let (up, down) = (size * 0.75, size * 0.2)
    let (x, y) = (numbers[0], numbers[1])
    return numbers.count > 2 && numbers[2] != 0
      ? Box(text: text, left: x - up, right: x + down, top: y - shift - width, bottom: y - shift)
      : Box(text: text, left: x + shift, right: x + shift + width, top: y - up, bottom: y + down)
  }
}

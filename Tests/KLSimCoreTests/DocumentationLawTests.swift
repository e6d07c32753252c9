// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// What others can use is documented: every public declaration has a comment, one that throws says what,
/// and divergences say their unit.
@Suite struct DocumentationLawTests {
  /// A public declaration as the sources have it.
  struct Declaration: CustomStringConvertible {
    let place: String
    let name: String
    /// Up to the body.
    let signature: String
    let comment: String

    var description: String { "\(place): \(name)" }
  }

  /// Every Swift file of the package's modules, with its lines.
  static func sources() throws -> [(path: String, lines: [String])] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(atPath: root.path))
    return try files.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.map { path in
      let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
      return (path, text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }
  }

  /// The names that protocols require: a member of that name has the protocol's comment.
  static func requirements(_ sources: [(path: String, lines: [String])]) -> Set<String> {
    var names: Set = [
      "description", "category", "==", "hash", "encode", "startIndex", "endIndex", "subscript",
      "stringLiteral", "write", "_writeASCII",
    ]
    for (_, lines) in sources {
      var isInside = false
      for line in lines {
        if line.contains(#/^(public|package) protocol/#) { isInside = true }
        if line.hasPrefix("}") { isInside = false }
        guard isInside,
          let match = line.firstMatch(
            of: #/^\s+(?:static |mutating )*(func|var|init|subscript)\s*(\w*)/#)
        else { continue }
        names.insert(String(match.2.isEmpty ? match.1 : match.2))
      }
    }
    return names
  }

  static func declarations(_ path: String, _ lines: [String]) -> [Declaration] {
    let start =
      #/^\s*public (?:static |final |mutating |internal\(set\) |private\(set\) |package\(set\) )*(struct|enum|class|protocol|func|var|let|init|subscript|typealias)\b\s*([\w=<>-]*)/#
    return lines.indices.compactMap { index in
      guard let match = lines[index].firstMatch(of: start) else { return nil }
      let comment = lines[..<index].reversed().drop { $0.contains(#/^\s*@/#) }.prefix {
        $0.contains(#/^\s*\/\/\//#)
      }
      let rest = lines[index...].prefix(match.1 == "let" ? 1 : 12)
      let end =
        rest.firstIndex { $0.contains("{") || $0.isEmpty || $0.contains("///") } ?? rest.endIndex
        - 1
      return Declaration(
        place: "\(path), line \(index + 1)",
        name: String(match.2.isEmpty ? match.1 : match.2),
        signature: lines[index...end].joined(separator: " "),
        comment: comment.reversed().joined(separator: "\n"))
    }
  }

  @Test func everyPublicDeclarationIsDocumented() throws {
    let sources = try Self.sources()
    let requirements = Self.requirements(sources)
    let all = sources.flatMap(Self.declarations)
    #expect(all.count > 100)
    for declaration in all where !requirements.contains(declaration.name) {
      #expect(!declaration.comment.isEmpty, "\(declaration)")
    }
  }

  @Test func errorsAreDocumented() throws {
    for declaration in try Self.sources().flatMap(Self.declarations)
    where !declaration.comment.isEmpty {
      // The errors of its own, not those of a closure that it takes.
      let own = declaration.signature.replacing(#/\([^()]*\) (async )?throws ->/#, with: "")
      guard own.contains(#/\) (async )?throws|get throws/#) else { continue }
      #expect(declaration.comment.contains("- Throws:"), "\(declaration)")
    }
  }

  @Test func divergencesHaveAUnit() throws {
    let quantities: Set = ["loss", "forwardKL", "reverseKL", "entropy"]
    for declaration in try Self.sources().flatMap(Self.declarations)
    where quantities.contains(declaration.name) && !declaration.comment.isEmpty {
      #expect(declaration.comment.contains("nats"), "\(declaration)")
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation
internal import Synchronization
internal import Yams

/// Reads the YAML of a study file.
///
/// Aliases, tags and a second document are refused, and so is what takes long or much memory to read: a study
/// needs none of it.
struct YAMLReader {
  /// The largest file, in bytes: 256 KiB.
  static let maximumSize = 1 << 18
  /// How many lists and maps may stand in one another; a study has four.
  private static let maximumDepth = 8
  private static let tags = [Tag.Name.str, .seq, .map].map(\.rawValue)

  /// The name of the file, for errors.
  let path: String

  /// Reads a file.
  ///
  /// - Parameter bytes: its contents.
  /// - Returns: its value.
  /// - Throws: `StudyFileError`.
  func value(of bytes: [UInt8]) throws(StudyFileError) -> YAMLValue {
    guard bytes.count <= Self.maximumSize else {
      throw error(nil, "it has more than \(Self.maximumSize >> 10) KiB; a study needs less")
    }
    let text = try text(of: bytes)
    // The parser copies what an alias names as often as it is named, and aliases can name aliases. Without them
    // it shows whether what looks like anchors is one, or a text.
    if let plain = Self.withoutAliases(bytes) { _ = try parsed(self.text(of: plain)) }
    return try parsed(text)
  }

  private static let noAliases =
    "anchors (&) and aliases (*) are not read; write the values out"

  private func parsed(_ text: String) throws(StudyFileError) -> YAMLValue {
    try onLargeStack { () throws(StudyFileError) in try self.value(of: text) }
  }

  private func value(of text: String) throws(StudyFileError) -> YAMLValue {
    let node: Node?
    // Anchors live as long as the parser.
    let parser: Parser
    do {
      parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      node = try parser.singleRoot()
    } catch {
      throw explained(error, in: text)
    }
    defer { withExtendedLifetime(parser) {} }
    guard let node else {
      throw error(nil, "it is empty; a study such as 'objective: [fkl, rkl]' is expected")
    }
    return try value(of: node, depth: 1)
  }

  private func error(_ place: YAMLPlace?, _ reason: String) -> StudyFileError {
    StudyFileError(path: path, at: place, reason)
  }

  /// The text, without a byte order mark.
  private func text(of bytes: [UInt8]) throws(StudyFileError) -> String {
    var (parser, input) = (Unicode.UTF8.ForwardParser(), bytes.makeIterator())
    var (line, column) = (1, 0)
    var text = String.UnicodeScalarView()
    while true {
      switch parser.parseScalar(from: &input) {
      case .emptyInput: return String(text)
      case .error: throw error(YAMLPlace(line: line, column: column + 1), "it is not UTF-8")
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if scalar == "\u{FEFF}", text.isEmpty { continue }
        column += 1
        guard Self.isAllowed(scalar) else {
          throw error(
            YAMLPlace(line: line, column: column),
            "the character U+\(String(scalar.value, radix: 16, uppercase: true)) is not allowed")
        }
        text.append(scalar)
        if scalar == "\n" { (line, column) = (line + 1, 0) }
      }
    }
  }

  /// Whether a character may stand in YAML.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
    default: false
    }
  }

  /// The text with a point for the asterisk of all that may be an alias; nil if there is none.
  ///
  /// That is `*name` where `&name` stands, too, and either can start a value.
  private static func withoutAliases(_ bytes: [UInt8]) -> [UInt8]? {
    func isNamed(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    func names(_ sign: Unicode.Scalar) -> [(place: Int, name: ArraySlice<UInt8>)] {
      bytes.indices.filter { place in
        bytes[place] == UInt8(ascii: sign) && (place == 0 || !isNamed(bytes[place - 1]))
      }.map { ($0, bytes[($0 + 1)...].prefix(while: isNamed)) }.filter { !$0.name.isEmpty }
    }
    let anchors = Set(names("&").map(\.name))
    let aliases = anchors.isEmpty ? [] : names("*").filter { anchors.contains($0.name) }
    guard !aliases.isEmpty else { return nil }
    var plain = bytes
    for alias in aliases { plain[alias.place] = UInt8(ascii: ".") }
    return plain
  }

  /// The error of the parser, in words.
  private func explained(_ error: any Error, in text: String) -> StudyFileError {
    func at(_ mark: Mark, _ reason: String) -> StudyFileError {
      self.error(YAMLPlace(line: mark.line, column: mark.column), reason)
    }
    switch error {
    case YamlError.scanner(let context, let problem, let mark, _),
      YamlError.parser(let context, let problem, let mark, _),
      YamlError.composer(let context, let problem, let mark, _):
      if problem.contains("nesting") {
        return at(mark, "lists and maps are nested too deeply")
      }
      if problem.contains("another document") {
        return at(mark, "a second document starts here; a file holds one study")
      }
      let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      let indent = lines.dropFirst(mark.line - 1).first?.prefix { $0 == " " || $0 == "\t" }
      let isIndentedByTab = indent?.contains("\t") ?? false
      return at(
        mark,
        "it is not YAML: " + (context.map { "\($0.text), " } ?? "") + problem
          + (isIndentedByTab ? "; the line starts with a tab, indent it by spaces" : ""))
    case YamlError.duplicatedKeysInMapping(let names, let context):
      return at(context.mark, "the key \(quoted(names.first ?? "")) is given twice")
    default:
      return self.error(nil, "it is not YAML: \(error)")
    }
  }

  private func value(of node: Node, depth: Int) throws(StudyFileError) -> YAMLValue {
    let place = YAMLPlace(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    guard node.anchor == nil else {
      throw error(place, Self.noAliases)
    }
    guard Self.tags.contains(node.tag.description) else {
      throw error(place, "the tag \(quoted(node.tag.description)) is not read; leave it out")
    }
    guard depth <= Self.maximumDepth else {
      throw error(place, "lists and maps are nested too deeply")
    }
    switch node {
    case .scalar(let scalar): return YAMLValue(content: .text(scalar.string), place: place)
    case .sequence(let sequence):
      var values: [YAMLValue] = []
      for node in sequence { values.append(try value(of: node, depth: depth + 1)) }
      return YAMLValue(content: .list(values), place: place)
    case .mapping(let mapping):
      var pairs: [(key: YAMLKey, value: YAMLValue)] = []
      for (key, node) in mapping {
        let key = try value(of: key, depth: depth + 1)
        guard case .text(let name) = key.content else {
          throw error(key.place, "a key must be a name, and this is \(key.words)")
        }
        pairs.append(
          (YAMLKey(name: name, place: key.place), try value(of: node, depth: depth + 1)))
      }
      return YAMLValue(content: .map(pairs), place: place)
    case .alias:
      throw error(place, Self.noAliases)
    }
  }
}

/// Calls a function on a thread with a stack of 64 MiB: the parser calls itself for each of a thousand lists in
/// one another, and threads of tasks may have half a MiB.
private func onLargeStack<Result: Sendable, Failure: Error>(
  _ body: @escaping @Sendable () throws(Failure) -> Result
) throws(Failure) -> Result {
  let result = Mutex<Swift.Result<Result, Failure>?>(nil)
  let isDone = DispatchSemaphore(value: 0)
  let thread = Thread {
    let own = Swift.Result(catching: body)
    result.withLock { $0 = own }
    isDone.signal()
  }
  thread.stackSize = 64 << 20
  thread.start()
  isDone.wait()
  guard let result = result.withLock({ $0 }) else { preconditionFailure("the thread has ended") }
  return try result.get()
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads the YAML of a study file.
///
/// Anchors, tags and a second document are refused where they start, and so is what takes long or much memory to
/// read: a study needs none of it.
struct YAMLReader {
  /// The largest file, in bytes: 256 KiB.
  static let maximumSize = 1 << 18
  /// How many lists and maps may stand in one another; a study has four.
  private static let maximumDepth = 8
  private static let tags = ["!"] + ["str", "seq", "map"].map { "tag:yaml.org,2002:\($0)" }

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
    let events = YAMLEvents(try text(of: bytes))
    _ = try next(of: events)
    guard try next(of: events, until: .streamEnd) != nil else {
      throw error(nil, "it is empty; a study such as 'objective: [fkl, rkl]' is expected")
    }
    let value = try value(at: next(of: events), of: events, depth: 1)
    _ = try next(of: events)
    if let event = try next(of: events, until: .streamEnd) {
      throw error(event.place, "a second document starts here; a file holds one study")
    }
    return value
  }

  private func next(of events: YAMLEvents) throws(StudyFileError) -> YAMLEvent {
    do throws(YAMLSyntaxError) {
      return try events.next()
    } catch {
      throw self.error(
        error.place,
        "it is not YAML: \(error.reason)"
          + (error.isIndentedByTab
            ? "; the line starts with a tab, indent it by spaces" : ""))
    }
  }

  /// The next event, nil if it is the end.
  private func next(
    of events: YAMLEvents, until end: YAMLEvent.Content
  ) throws(StudyFileError) -> YAMLEvent? {
    let event = try next(of: events)
    return event.content == end ? nil : event
  }

  /// The value that starts at an event.
  private func value(
    at event: YAMLEvent, of events: YAMLEvents, depth: Int
  ) throws(StudyFileError) -> YAMLValue {
    guard !event.isAnchored else {
      throw error(
        event.place, "anchors (&) and aliases (*) are not read; write the values out")
    }
    if let tag = event.tag, !Self.tags.contains(tag) {
      throw error(event.place, "the tag \(quoted(tag)) is not read; leave it out")
    }
    guard depth <= Self.maximumDepth else {
      throw error(event.place, "lists and maps are nested too deeply")
    }
    let content: YAMLValue.Content
    switch event.content {
    case .text(let text): content = .text(text)
    case .listStart:
      var values: [YAMLValue] = []
      while let item = try next(of: events, until: .listEnd) {
        values.append(try value(at: item, of: events, depth: depth + 1))
      }
      content = .list(values)
    default:
      var pairs: [(key: YAMLKey, value: YAMLValue)] = []
      var places: [String: YAMLPlace] = [:]
      while let first = try next(of: events, until: .mapEnd) {
        let key = try value(at: first, of: events, depth: depth + 1)
        guard case .text(let name) = key.content else {
          throw error(key.place, "a key must be a name, and this is \(key.words)")
        }
        if let other = places.updateValue(key.place, forKey: name) {
          throw error(other, "the key \(quoted(name)) is given twice")
        }
        pairs.append(
          (
            YAMLKey(name: name, place: key.place),
            try value(at: next(of: events), of: events, depth: depth + 1)
          ))
      }
      content = .map(pairs)
    }
    return YAMLValue(content: content, place: event.place)
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
}

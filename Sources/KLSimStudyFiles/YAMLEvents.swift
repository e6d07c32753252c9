// SPDX-License-Identifier: GPL-3.0-or-later

internal import CYAML

/// What stands next in a YAML text.
struct YAMLEvent {
  let content: Content
  let place: YAMLPlace
  /// Whether it is an anchor's, or an alias.
  let isAnchored: Bool
  /// The tag in full, nil for none.
  let tag: String?

  /// Values are texts, lists and maps; an alias is none.
  enum Content: Equatable {
    case streamStart, streamEnd, documentStart, documentEnd
    case text(String), listStart, listEnd, mapStart, mapEnd, alias
  }
}

/// A text that is not YAML.
struct YAMLSyntaxError: Error {
  /// What libyaml says, from what it was reading to what it found.
  let reason: String
  let place: YAMLPlace
  /// Whether a tab is among the blanks at the start of the line.
  let isIndentedByTab: Bool
}

/// The events of a YAML text, as libyaml reads them: one at a time, and no further.
@safe final class YAMLEvents {
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  /// The text, which libyaml reads as it goes.
  private let text: UnsafeMutableBufferPointer<UInt8>

  /// - Parameter text: the text; every character of it is allowed in YAML.
  init(_ text: String) {
    unsafe self.text = .allocate(capacity: text.utf8.count)
    _ = unsafe self.text.initialize(fromContentsOf: text.utf8)
    precondition(unsafe yaml_parser_initialize(parser) == 1, "memory for libyaml")
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, self.text.baseAddress, self.text.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe text.deallocate()
  }

  /// The next event; the first is the start of the stream, the last its end.
  ///
  /// - Throws: `YAMLSyntaxError`.
  func next() throws(YAMLSyntaxError) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw syntaxError }
    defer { unsafe yaml_event_delete(&event) }
    let place = unsafe Self.place(event.start_mark)
    func content(
      _ content: YAMLEvent.Content, anchor: UnsafePointer<UInt8>? = nil,
      tag: UnsafePointer<UInt8>? = nil
    ) -> YAMLEvent {
      unsafe YAMLEvent(
        content: content, place: place, isAnchored: anchor != nil,
        tag: tag.map { unsafe String(cString: $0) })
    }
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return content(.streamStart)
    case YAML_STREAM_END_EVENT: return content(.streamEnd)
    case YAML_DOCUMENT_START_EVENT: return content(.documentStart)
    case YAML_DOCUMENT_END_EVENT: return content(.documentEnd)
    case YAML_SEQUENCE_END_EVENT: return content(.listEnd)
    case YAML_MAPPING_END_EVENT: return content(.mapEnd)
    case YAML_ALIAS_EVENT: return unsafe content(.alias, anchor: event.data.alias.anchor)
    case YAML_SEQUENCE_START_EVENT:
      let list = unsafe event.data.sequence_start
      return unsafe content(.listStart, anchor: list.anchor, tag: list.tag)
    case YAML_MAPPING_START_EVENT:
      let map = unsafe event.data.mapping_start
      return unsafe content(.mapStart, anchor: map.anchor, tag: map.tag)
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      let text = unsafe String(decoding: bytes, as: UTF8.self)
      return unsafe content(.text(text), anchor: scalar.anchor, tag: scalar.tag)
    default: preconditionFailure("an event that libyaml has not")
    }
  }

  private var syntaxError: YAMLSyntaxError {
    precondition(unsafe parser.pointee.error != YAML_MEMORY_ERROR, "memory for libyaml")
    let parts = unsafe [parser.pointee.context, parser.pointee.problem].compactMap { unsafe $0 }
    let place = unsafe Self.place(parser.pointee.problem_mark)
    let (space, tab) = (UInt8(ascii: " "), UInt8(ascii: "\t"))
    let lines = unsafe text.split(
      separator: UInt8(ascii: "\n"), maxSplits: place.line, omittingEmptySubsequences: false)
    let indent = unsafe lines.dropFirst(place.line - 1).first?.prefix { $0 == space || $0 == tab }
    return unsafe YAMLSyntaxError(
      reason: parts.map { unsafe String(cString: $0) }.joined(separator: ", "), place: place,
      isIndentedByTab: indent?.contains(tab) ?? false)
  }

  private static func place(_ mark: yaml_mark_t) -> YAMLPlace {
    YAMLPlace(line: mark.line + 1, column: mark.column + 1)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import CYAML

/// A value to be written as YAML.
enum YAMLNode {
  case text(String, Style = .any)
  case list([YAMLNode], isFlow: Bool = false)
  case map([(key: String, value: YAMLNode)])

  /// How a text is written: as it needs, in double quotes with escapes, or in lines of its own.
  enum Style {
    case any, escaped, literal
  }

  /// The value as a document of YAML, in lines as long as they are.
  var document: String { YAMLEmitter().document(self) }
}

/// Writes a document by libyaml.
@safe private final class YAMLEmitter {
  private let emitter = UnsafeMutablePointer<yaml_emitter_t>.allocate(capacity: 1)
  private var bytes: [UInt8] = []

  init() {
    precondition(unsafe yaml_emitter_initialize(emitter) == 1, "memory for libyaml")
    unsafe yaml_emitter_set_output(
      emitter,
      { owner, start, count in
        guard let owner = unsafe owner else { return 0 }
        let written = unsafe UnsafeBufferPointer(start: start, count: count)
        unsafe Unmanaged<YAMLEmitter>.fromOpaque(owner).takeUnretainedValue().bytes += written
        return 1
      }, Unmanaged.passUnretained(self).toOpaque())
    unsafe yaml_emitter_set_encoding(emitter, YAML_UTF8_ENCODING)
    unsafe yaml_emitter_set_indent(emitter, 2)
    unsafe yaml_emitter_set_width(emitter, -1)
    unsafe yaml_emitter_set_unicode(emitter, 1)
  }

  deinit {
    unsafe yaml_emitter_delete(emitter)
    unsafe emitter.deallocate()
  }

  func document(_ node: YAMLNode) -> String {
    emit { unsafe yaml_stream_start_event_initialize($0, YAML_UTF8_ENCODING) }
    emit { unsafe yaml_document_start_event_initialize($0, nil, nil, nil, 1) }
    write(node)
    emit { unsafe yaml_document_end_event_initialize($0, 1) }
    emit { unsafe yaml_stream_end_event_initialize($0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(_ node: YAMLNode) {
    switch node {
    case .text(var text, let style):
      let style =
        switch style {
        case .any: YAML_ANY_SCALAR_STYLE
        case .escaped: YAML_DOUBLE_QUOTED_SCALAR_STYLE
        case .literal: YAML_LITERAL_SCALAR_STYLE
        }
      text.withUTF8 { text in
        emit {
          unsafe yaml_scalar_event_initialize(
            $0, nil, nil, text.baseAddress, Int32(text.count), 1, 1, style)
        }
      }
    case .list(let nodes, let isFlow):
      let style = isFlow ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE
      emit { unsafe yaml_sequence_start_event_initialize($0, nil, nil, 1, style) }
      for node in nodes { write(node) }
      emit { unsafe yaml_sequence_end_event_initialize($0) }
    case .map(let pairs):
      emit { unsafe yaml_mapping_start_event_initialize($0, nil, nil, 1, YAML_BLOCK_MAPPING_STYLE) }
      for (key, node) in pairs {
        write(.text(key))
        write(node)
      }
      emit { unsafe yaml_mapping_end_event_initialize($0) }
    }
  }

  /// Hands an event over to libyaml, which frees it.
  @safe private func emit(_ initialize: (UnsafeMutablePointer<yaml_event_t>) -> Int32) {
    var event = unsafe yaml_event_t()
    // Of a document that is whole, nothing but memory can be missing.
    precondition(unsafe initialize(&event) == 1, "memory for libyaml")
    precondition(unsafe yaml_emitter_emit(emitter, &event) == 1, "memory for libyaml")
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// A value of a YAML file, with the place where it starts.
///
/// What a scalar means is up to its reader: its text is kept as it is written, without quotes.
struct YAMLValue: Sendable {
  let content: Content
  let place: YAMLPlace

  enum Content: Sendable {
    case text(String)
    case list([YAMLValue])
    case map([(key: YAMLKey, value: YAMLValue)])
  }

  /// What it is, for a message.
  var words: String {
    switch content {
    case .text(let text): text.isEmpty ? "nothing" : quoted(text)
    case .list: "a list"
    case .map: "a map of keys"
    }
  }
}

/// A key of a map.
struct YAMLKey: Sendable {
  let name: String
  let place: YAMLPlace

  /// The name in a message.
  var shown: String { name.count > 60 ? "\(name.prefix(60))…" : name }
}

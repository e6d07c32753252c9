// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The keys are `experiment`, which decides the others, `name`, `description`, the names of its axes and of
/// the options of its command, `zip` and `exclude`; missing ones are as in `Study()`.
extension Study: Codable {
  /// Reads a study.
  ///
  /// - Throws: `StudyError` for an unknown key, `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let experiment = try values.decodeIfPresent(
      Experiment.self, forKey: Key(stringValue: "experiment"))
    let fields = Self.fields(of: experiment ?? .fit)
    let known = fields.map(\.key.stringValue).sorted()
    let unknown = values.allKeys.map(\.stringValue).filter { !known.contains($0) }
    if let first = unknown.min() {
      throw StudyError("unknown key '\(first)'; known: \(known.joined(separator: ", "))")
    }
    self.init()
    for field in fields { try field.read(values, &self) }
  }

  /// Writes all of the study, including defaults.
  ///
  /// - Throws: an error of the encoder.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    for field in Self.fields(of: experiment) { try field.write(self, &values) }
  }

  private static func fields(of experiment: Experiment) -> [Field] {
    let common =
      [
        Field("experiment", \.experiment), Field("name", \.name),
        Field("description", \.description),
      ] + experiment.axes.map { Field($0.name, \.choices[$0.name]) } + [
        Field("epochs", \.epochs), Field("seed", \.seed), Field("seeds", \.seeds),
        Field("head", \.heads), Field("record", \.record), Field("aggregate", \.isAggregated),
        Field("zip", \.zips), Field("exclude", \.exclusions),
      ]
    return switch experiment {
    case .fit:
      common + [
        Field("metric", \.metrics), Field("snapshots", \.snapshots),
        Field("snapshot-tokens", \.snapshotTokens), Field("contexts", \.contexts),
      ]
    case .sequence: common + [Field("against", \.against)]
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// A property with its key.
  private struct Field {
    let key: Key
    let read: (KeyedDecodingContainer<Key>, inout Study) throws -> Void
    let write: (Study, inout KeyedEncodingContainer<Key>) throws -> Void

    init<Value: Codable>(_ name: String, _ path: WritableKeyPath<Study, Value>) {
      let key = Key(stringValue: name)
      self.key = key
      read = { values, study in
        guard let value = try values.decodeIfPresent(Value.self, forKey: key) else { return }
        study[keyPath: path] = value
      }
      write = { study, values in try values.encode(study[keyPath: path], forKey: key) }
    }

    init<Value: Codable>(_ name: String, _ path: WritableKeyPath<Study, Value?>) {
      let key = Key(stringValue: name)
      self.key = key
      read = { try $1[keyPath: path] = $0.decodeIfPresent(Value.self, forKey: key) }
      write = { try $1.encodeIfPresent($0[keyPath: path], forKey: key) }
    }
  }
}

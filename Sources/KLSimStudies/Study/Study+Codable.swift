// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The keys are the names of axes and of the options of `klsim run`; what is not there is as in
/// `Study()`.
extension Study: Codable {
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }

    static let (epochs, seed, seeds) = (Key("epochs"), Key("seed"), Key("seeds"))
    static let (head, metric, record) = (Key("head"), Key("metric"), Key("record"))
    static let (snapshots, aggregate) = (Key("snapshots"), Key("aggregate"))
    static let contexts = Key("contexts")
    static let fixed = [
      epochs, seed, seeds, head, metric, record, snapshots, aggregate, contexts,
    ]
  }

  /// Reads a study.
  ///
  /// - Throws: `StudyError` for a key that is none, `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let axes = Axes.all.map { $0.name }
    let known = Set(axes + Key.fixed.map(\.stringValue))
    if let stranger = values.allKeys.map(\.stringValue).sorted().first(where: {
      !known.contains($0)
    }) {
      throw StudyError(
        "unknown key '\(stranger)'; known: \(known.sorted().joined(separator: ", "))")
    }
    self.init()
    for axis in axes {
      choices[axis] = try values.decodeIfPresent([String].self, forKey: Key(axis))
    }
    epochs = try values.decodeIfPresent(Int.self, forKey: .epochs) ?? epochs
    seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? seed
    seeds = try values.decodeIfPresent(Int.self, forKey: .seeds) ?? seeds
    heads = try values.decodeIfPresent([String].self, forKey: .head) ?? heads
    metrics = try values.decodeIfPresent([String].self, forKey: .metric) ?? metrics
    record = try values.decodeIfPresent(String.self, forKey: .record) ?? record
    snapshots = try values.decodeIfPresent(String.self, forKey: .snapshots)
    isAggregated = try values.decodeIfPresent(Bool.self, forKey: .aggregate) ?? isAggregated
    contexts = try values.decodeIfPresent(ContextRows.self, forKey: .contexts)
  }

  /// Writes all of the study, defaults too.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    for axis in Axes.all {
      if let own = choices[axis.name] { try values.encode(own, forKey: Key(axis.name)) }
    }
    try values.encode(epochs, forKey: .epochs)
    try values.encode(seed, forKey: .seed)
    try values.encode(seeds, forKey: .seeds)
    try values.encode(heads, forKey: .head)
    try values.encode(metrics, forKey: .metric)
    try values.encode(record, forKey: .record)
    try values.encodeIfPresent(snapshots, forKey: .snapshots)
    try values.encode(isAggregated, forKey: .aggregate)
    try values.encodeIfPresent(contexts, forKey: .contexts)
  }
}

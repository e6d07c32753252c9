// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimSequences

extension ObjectiveStyle {
  /// The styles of the signals of a figure: those of `styles(of:)`, but signals that differ in one number
  /// have shades in its order, and others with parameters take colours that no other has, while there are
  /// some.
  ///
  /// - Parameter signals: canonical specifications.
  /// - Returns: a style each.
  /// - Throws: `FigureError` for more than can be told apart.
  static func signalStyles(of signals: [String]) throws(FigureError) -> [String: ObjectiveStyle] {
    var styles = try styles(of: signals)
    let shades = shades(of: signals)
    for (signal, shade) in shades { styles[signal]?.shade = shade }
    let others = styles.filter { shades[$0.key] == nil }.keys.sorted()
    var taken = Set(others.filter { namedSignals[$0] != nil }.compactMap { styles[$0]?.colour })
    for signal in others where namedSignals[signal] == nil {
      guard let style = styles[signal] else { continue }
      let free = parameterColours.filter { !taken.contains($0) }
      if taken.contains(style.colour), let colour = free.first { styles[signal]?.colour = colour }
      taken.insert(styles[signal]?.colour ?? style.colour)
    }
    return styles
  }

  /// The ends and the middle of shades, from low to high numbers: of the colours of viridis (van der Walt
  /// and Smith, 2015) those that are seen on white, and browns for a second group.
  private static let ramps = [
    ["#440154", "#414487", "#2A788E", "#22A884", "#7AD151"],
    ["#3D1400", "#8C3A00", "#E07B18", "#F5B971"],
  ]

  /// The shades of signals that differ in one number alone, in the order of the number.
  ///
  /// - Parameter signals: canonical specifications.
  /// - Returns: a colour for each signal of a group of at least three; of the first two groups.
  static func shades(of signals: [String]) -> [String: String] {
    var shades: [String: String] = [:]
    var unused = ramps[...]
    for group in groups(of: signals) {
      let members = group.filter { shades[$0.signal] == nil }
      let values = Set(members.map(\.value)).sorted()
      guard values.count >= 3, let ramp = unused.first else { continue }
      unused = unused.dropFirst()
      for member in members {
        let place = values.firstIndex(of: member.value) ?? 0
        shades[member.signal] = shade(Double(place) / Double(values.count - 1), of: ramp)
      }
    }
    return shades
  }

  /// Signals with the same settings but for one number, the largest groups first.
  private static func groups(of signals: [String]) -> [[(signal: String, value: Double)]] {
    var groups: [[String]: [(signal: String, value: Double)]] = [:]
    for signal in signals {
      guard let (name, settings) = settings(of: signal) else { continue }
      for (key, text) in settings {
        guard let value = Double(text) else { continue }
        let rest = settings.filter { $0.key != key }.map { "\($0.key)=\($0.value)" }.sorted()
        groups[[name, key] + rest, default: []].append((signal, value))
      }
    }
    return groups.sorted { ($1.value.count, $0.key.joined()) < ($0.value.count, $1.key.joined()) }
      .map(\.value)
  }

  /// The name of a signal, and all its settings, also those that have their default.
  private static func settings(of signal: String) -> (name: String, settings: [String: String])? {
    guard let specification = try? Specification(parsing: signal) else { return nil }
    let kinds: [any Kind] = [SequenceCatalog.estimator, SequenceCatalog.objective]
    let parameters = kinds.lazy.compactMap { kind in
      kind.components.first { $0.name == specification.name }.map { kind.parameters(of: $0) }
    }.first
    guard let parameters else { return nil }
    let defaults = parameters.compactMap { parameter in
      parameter.defaultText.map { (parameter.name, $0) }
    }
    return (
      specification.name,
      Dictionary(defaults + specification.settings.map { ($0.key, $0.value) }) { $1 }
    )
  }

  /// A colour at a share of a ramp.
  private static func shade(_ share: Double, of ramp: [String]) -> String {
    let place = share * Double(ramp.count - 1)
    let index = min(Int(place), ramp.count - 2)
    return Line.mixed(ramp[index], with: ramp[index + 1], share: place - Double(index))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

extension Specification {
  /// What is meant where a specification inside another lacks its quotes, as in
  /// `ensemble:of=zipf:size=80`, of which `size` is a key of `zipf`.
  ///
  /// A key that is not declared goes to the value before it, if that names a component with such a key. The
  /// key of that value may also be the name of its kind, if that is declared.
  ///
  /// - Parameter declared: the keys of the component.
  /// - Returns: the specification with quotes; nil if there is no such reading.
  func quotingNested(_ declared: [any ParameterDeclaration]) -> Specification? {
    let known = declared.map(\.name)
    var settings: [(key: String, value: Specification?, text: String)] = []
    var keys: [String] = []
    for setting in self.settings {
      if !known.contains(setting.key), keys.contains(setting.key), let last = settings.last {
        let inner = last.value ?? Specification(name: last.text)
        let own = inner.settings.map { ($0.key, Optional($0.value)) }
        settings[settings.count - 1].value = Specification(
          name: inner.name, settings: own + [(setting.key, setting.value)])
        continue
      }
      let kind = Catalog.kinds.first { kind in
        kind.components.contains { $0.name == setting.value }
          && (known.contains(setting.key) || known.contains(kind.singular))
      }
      keys =
        kind.map { kind in
          kind.components.filter { $0.name == setting.value }
            .flatMap { kind.parameters(of: $0).map(\.name) }
        } ?? []
      let key = known.contains(setting.key) ? setting.key : kind?.singular
      guard let key else { return nil }
      settings.append((key, nil, setting.value))
    }
    guard settings.contains(where: { $0.value != nil }) else { return nil }
    return Specification(
      name: name, settings: settings.map { ($0.key, Optional($0.value?.text ?? $0.text)) })
  }
}

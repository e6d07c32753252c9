// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles

extension Collection {
  /// The elements with equal keys together, in order of appearance.
  package func grouped<Key: Hashable>(by key: (Element) -> Key) -> [(key: Key, elements: [Element])]
  {
    let groups = Dictionary(grouping: self, by: key)
    return map(key).uniqued().map { ($0, groups[$0] ?? []) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

extension Student {
  /// The initialization that is used by default.
  package var defaultStart: Chosen<any Initialization> {
    get throws { try Catalog.initialization(Self.defaultInitialization) }
  }
}

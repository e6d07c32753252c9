// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimClaims
import KLSimCore

/// Adds the components of this module to the catalogs; call it once, first of all.
///
/// - Throws: `SpecificationError` if a name is taken.
public func registerMyComponents() throws {
  try Catalog.objectives.add(Bhattacharyya.self)
  try Catalog.optimizers.add(Lion.self)
  try Catalog.teachers.add(YuleSimon.self)
  try Catalog.metrics.add(TopOverlap.self)
  try ClaimCatalog.claims.add(BetweenTheKLs.self)
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFigures
import Testing

@testable import KLSimClaims
@testable import KLSimCommand

/// Every figure of a report can be drawn, and that is known before the work.
@Suite struct ReportFigureTests {
  @Test func everyFigureIsKnown() throws {
    let claims = ClaimCatalog.claims.flatMap { $0.init().figures }
    let exhibits = ExhibitCatalog.exhibits(seeds: 1..<2).flatMap { $0.figures }
    #expect(!claims.isEmpty && !exhibits.isEmpty)
    try ReproducePlan.checkFigures(claims + exhibits)
  }

  @Test func anUnknownFigureIsRefused() {
    let request = FigureRequest(name: "x", kind: "pie", title: "", selection: [])
    #expect(
      throws: SpecificationError.unknownName(
        kind: "figure", name: "pie", known: FigureCatalog.all.map { $0.name })
    ) { try ReproducePlan.checkFigures([request]) }
  }
}

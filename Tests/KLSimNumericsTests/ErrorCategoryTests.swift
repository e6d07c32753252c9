// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimNumerics

/// A failure of GSL is a fault of the program, not of its input.
@Suite struct ErrorCategoryTests {
  @Test(
    arguments: [
      GSLError(code: 1), GSLError(code: 8), StatisticsError(description: "no quantile"),
    ] as [any CategorizedError])
  func faultsAreInternal(error: any CategorizedError) {
    #expect(error.category == .internalFault)
    #expect(!error.description.isEmpty && !namesAnOption(error.description))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

@Suite struct RoundingTests {
  @Test func roundingIsNoDifference() {
    let pairs: [(Double, Double, Bool)] = [
      (1, 1 + 1e-10, false), (1, 1 + 1e-8, true), (0, 1e-15, false), (0, 1e-13, true),
      (1e-3, 1e-3 + 1e-14, false), (1e20, 1e20 * (1 + 1e-10), false), (.infinity, .infinity, false),
      (1, .infinity, true), (.nan, .nan, false), (.nan, 1, true), (-.infinity, .infinity, true),
    ]
    for (first, second, isDifferent) in pairs {
      #expect(Rounding.differ(first, second) == isDifferent, "\(first), \(second)")
      #expect(Rounding.differ(second, first) == isDifferent, "\(second), \(first)")
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KLSimStudies

/// Numbers for people.
@Suite struct DigitsTests {
  static let numbers: [(value: Double, text: String)] = [
    (0, "0"), (-0.0, "0"), (1, "1"), (12, "12"), (123456, "123500"), (0.000123456, "0.0001235"),
    (-2.34567, "-2.346"), (9999.6, "10000"), (0.99999, "1"), (0.1, "0.1"), (0.001, "0.001"),
    (1000, "1000"), (6.02214e23, "6.022e+23"), (1.23456e-300, "1.235e-300"),
    (2.2250738585072014e-308, "2.225e-308"), (1.23456e300, "1.235e+300"), (.infinity, "inf"),
    (-.infinity, "-inf"), (.nan, "nan"), (.leastNonzeroMagnitude, "5e-324"),
  ]

  @Test(arguments: numbers)
  func numbersHaveFourDigits(value: Double, expected: String) {
    #expect(digits(value, 4) == expected)
  }

  /// A difference that decides is one that shows.
  @Test func digitsTellTheLeader() {
    #expect(digits([0.5, 0.25], telling: 0) == ["0.5", "0.25"])
    #expect(digits([0.123456, 0.123457], telling: 1) == ["0.123456", "0.123457"])
    #expect(digits([0.123456, 0.123457], telling: nil) == ["0.1235", "0.1235"])
    #expect(digits([1, 1], telling: 0) == ["1", "1"])
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// A number rounded to so many significant digits, for people and for statistics that mean no more.
package func rounded(_ value: Double, _ count: Int = 6) -> Double {
  guard value.isNormal else { return value == 0 ? 0 : value }
  let exponent = Int(Double.log10(abs(value)).rounded(.down)) - count + 1
  let mantissa = exponent < -300 ? value * 1e300 : value
  let scale = Double.pow(10, exponent < -300 ? exponent + 300 : exponent)
  let rounded = Double("\(Int((mantissa / scale).rounded()))e\(exponent)")
  return rounded.flatMap { $0.isFinite ? $0 : nil } ?? value
}

/// The rounded number as a text.
package func digits(_ value: Double, _ count: Int = 6) -> String {
  let text = rounded(value, count).description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// A share as a percentage to four digits.
package func percent(_ share: Double) -> String { digits(100 * share, 4) + " %" }

// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// A number to four significant digits, for people.
func fourDigits(_ value: Double) -> String {
  guard value.isNormal else { return value == 0 ? "0" : value.description }
  let exponent = Int(Double.log10(abs(value)).rounded(.down)) - 3
  let mantissa = exponent < -300 ? value * 1e300 : value
  let scale = Double.pow(10, exponent < -300 ? exponent + 300 : exponent)
  let digits = Int((mantissa / scale).rounded())
  let text = Double("\(digits)e\(exponent)")?.description ?? value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

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

/// Numbers as texts of four digits, or of as many more as tell one from all others that differ.
///
/// - Parameters:
///   - values: the numbers.
///   - place: the index of the one to tell; nil for none.
/// - Returns: the texts.
func digits(_ values: [Double], telling place: Int?) -> [String] {
  let count = (4...12).first { count in
    guard let place else { return true }
    let text = digits(values[place], count)
    return values.allSatisfy { $0 == values[place] || digits($0, count) != text }
  }
  return values.map { digits($0, count ?? 12) }
}

/// A number of bytes to two digits: `52 kB`, `1.2 GB`.
package func words(bytes: Double) -> String {
  let units = ["B", "kB", "MB", "GB", "TB"]
  var (value, unit) = (bytes, 0)
  while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
  return "\(digits(value, 2)) \(units[unit])"
}

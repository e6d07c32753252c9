// SPDX-License-Identifier: GPL-3.0-or-later

/// The largest `|actual − expected|`.
///
/// Infinite where the lengths differ or where one of a pair alone is not finite, so that no
/// tolerance lets it pass; two that are the same, infinite or not, are 0 apart.
public func worstGap(_ actual: [Double], _ expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  return zip(actual, expected).reduce(0) { max($0, gap($1.0, $1.1)) }
}

/// The largest `|actual − expected|` of values that may not exist; infinite where one of a pair alone
/// does.
public func worstGap(_ actual: [Double?], _ expected: [Double?]) -> Double {
  guard actual.map({ $0 == nil }) == expected.map({ $0 == nil }) else { return .infinity }
  return worstGap(actual.compactMap(\.self), expected.compactMap(\.self))
}

/// `|actual − expected|`, infinite where one of them alone is not finite or either is NaN.
public func gap(_ actual: Double, _ expected: Double) -> Double {
  guard actual != expected else { return 0 }
  let difference = abs(actual - expected)
  return difference.isFinite ? difference : .infinity
}

/// The largest absolute value, 0 of none.
public func largest(_ values: [Double]) -> Double {
  values.reduce(0) { max($0, abs($1)) }
}

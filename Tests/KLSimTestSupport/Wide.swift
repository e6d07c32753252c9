// SPDX-License-Identifier: GPL-3.0-or-later

internal import Foundation

#if arch(x86_64)
  /// The widest floating-point type of the machine; references are worked out in it.
  public typealias Wide = Float80
#else
  /// The widest floating-point type of the machine; references are worked out in it.
  public typealias Wide = Double
#endif

/// A sum by Neumaier's method: as if rounded once, whatever the order of the terms.
public func compensatedSum(_ terms: [Wide]) -> Wide {
  var sum: Wide = 0
  var correction: Wide = 0
  for term in terms {
    let next = sum + term
    // An infinite sum has no correction, and ∞ − ∞ would spoil it.
    if next.isFinite {
      correction += abs(sum) >= abs(term) ? (sum - next) + term : (term - next) + sum
    }
    sum = next
  }
  return sum + correction
}

/// `xᵢ − log Σ exp xⱼ`: the logarithms of a distribution given up to a factor.
public func logNormalized(_ logarithms: [Wide]) -> [Wide] {
  let top = logarithms.reduce(-.infinity, max)
  let logSum = Foundation.log(compensatedSum(logarithms.map { Foundation.exp($0 - top) }))
  return logarithms.map { $0 - top - logSum }
}

/// The exponential of each.
public func exponentials(_ logarithms: [Wide]) -> [Wide] {
  logarithms.map { Foundation.exp($0) }
}

/// The natural logarithm of each.
public func logarithms(_ values: [Double]) -> [Wide] {
  values.map { Foundation.log(Wide($0)) }
}

/// `eˣ − 1`.
public func exponentialMinusOne(_ x: Wide) -> Wide { Foundation.expm1(x) }

/// `log(1 + x)`.
public func logarithmOfOnePlus(_ x: Wide) -> Wide { Foundation.log1p(x) }

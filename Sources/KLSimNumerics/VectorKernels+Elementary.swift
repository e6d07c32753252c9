// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels
internal import RealModule

extension VectorKernels {
  /// `exp x` of every element, within 1.2 ulp: the same bits on every processor but for the plain
  /// loops, which call the system's library.
  ///
  /// - Parameter values: x.
  /// - Returns: as many values.
  public func exponentials(_ values: [Double]) -> [Double] {
    guard let table = unsafe table else { return values.map { .exp($0) } }
    var results = values
    unsafe table.pointee.exp(values.count, values, &results)
    return results
  }

  /// `log x` of every element, within 1 ulp: the same bits as for `exponentials(_:)`.
  ///
  /// - Parameter values: x; −∞ is returned for 0, NaN below.
  /// - Returns: as many values.
  public func logarithms(_ values: [Double]) -> [Double] {
    guard let table = unsafe table else { return values.map { .log($0) } }
    var results = values
    unsafe table.pointee.log(values.count, values, &results)
    return results
  }

  /// `log(1 + x)` of every element for x > −1, within 2 ulp.
  ///
  /// - Parameter values: x.
  /// - Returns: as many values.
  public func logarithms(onePlus values: [Double]) -> [Double] {
    guard level != nil else { return values.map { .log(onePlus: $0) } }
    let sums = values.map { 1 + $0 }
    return zip(zip(values, sums), logarithms(sums)).map { pair, log in
      log + (pair.0 - (pair.1 - 1)) / pair.1
    }
  }

  /// `log(1 + x)`, as `logarithms(onePlus:)`.
  public func logarithm(onePlus x: Double) -> Double { logarithms(onePlus: [x])[0] }
}

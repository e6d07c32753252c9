// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A matrix inside an array of doubles.
public struct MatrixLayout: Equatable, Sendable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The index of the first element.
  let offset: Int
  /// The distance from a row to the next one.
  let rowStride: Int
  /// The distance from a column to the next one.
  let columnStride: Int

  private init(rows: Int, columns: Int, offset: Int, rowStride: Int, columnStride: Int) {
    (self.rows, self.columns, self.offset) = (rows, columns, offset)
    (self.rowStride, self.columnStride) = (rowStride, columnStride)
  }

  /// A matrix whose rows follow each other.
  ///
  /// - Parameters:
  ///   - rows: the number of rows.
  ///   - columns: the number of columns.
  ///   - offset: the index of the first element.
  public init(rows: Int, columns: Int, at offset: Int = 0) {
    self.init(
      rows: rows, columns: columns, offset: offset, rowStride: columns, columnStride: 1)
  }

  /// The same elements with rows and columns exchanged.
  public var transposed: MatrixLayout {
    MatrixLayout(
      rows: columns, columns: rows, offset: offset, rowStride: columnStride,
      columnStride: rowStride)
  }

  /// Some of the columns.
  func columns(_ range: Range<Int>) -> MatrixLayout {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    return MatrixLayout(
      rows: rows, columns: range.count, offset: offset + range.lowerBound * columnStride,
      rowStride: rowStride, columnStride: columnStride)
  }

  /// Whether an array has all elements.
  func fits(_ count: Int) -> Bool {
    rows == 0 || columns == 0
      || offset + (rows - 1) * rowStride + (columns - 1) * columnStride < count
  }
}

/// Products of matrices.
extension VectorKernels {
  /// `C = A B`, or `C + A B`.
  ///
  /// Every element is a chain of fused multiply-adds in the order of the inner index, so that all
  /// instruction sets, and the plain loops, give the same bits.
  ///
  /// - Parameters:
  ///   - a: holds A, m × k.
  ///   - aLayout: where.
  ///   - b: holds B, k × n.
  ///   - bLayout: where.
  ///   - c: holds C, m × n.
  ///   - cLayout: where; its rows must not be transposed.
  ///   - adds: whether the product is added.
  public func multiply(
    _ a: [Double], _ aLayout: MatrixLayout, by b: [Double], _ bLayout: MatrixLayout,
    into c: inout [Double], _ cLayout: MatrixLayout, adds: Bool = false
  ) {
    precondition(
      aLayout.columns == bLayout.rows && aLayout.rows == cLayout.rows
        && bLayout.columns == cLayout.columns && cLayout.columnStride == 1, "shapes that match")
    precondition(
      aLayout.fits(a.count) && bLayout.fits(b.count) && cLayout.fits(c.count), "arrays that fit")
    guard let table = unsafe table else {
      for i in 0..<cLayout.rows {
        for j in 0..<cLayout.columns {
          let place = cLayout.offset + i * cLayout.rowStride + j
          var sum = adds ? c[place] : 0
          for k in 0..<aLayout.columns {
            sum.addProduct(
              a[aLayout.offset + i * aLayout.rowStride + k * aLayout.columnStride],
              b[bLayout.offset + k * bLayout.rowStride + j * bLayout.columnStride])
          }
          c[place] = sum
        }
      }
      return
    }
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        unsafe c.withUnsafeMutableBufferPointer { c in
          guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
          unsafe table.pointee.product(
            cLayout.rows, cLayout.columns, aLayout.columns, a + aLayout.offset, aLayout.rowStride,
            aLayout.columnStride, b + bLayout.offset, bLayout.rowStride, bLayout.columnStride,
            c + cLayout.offset, cLayout.rowStride, adds)
        }
      }
    }
  }
}

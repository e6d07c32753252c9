// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Two modes that run into each other.
package struct OverlappingTeacher: PaperMixtureTeacher {
  package static let name = "overlapping"
  package static let summary = "two overlapping Gaussian modes, at 25 and 74, width 15"
  static let centres = (25.0, 74.0)
  static let width = 15.0

  let size: Int
  let kernels: VectorKernels

  package init(_ values: Parameters) {
    size = values[Self.sizeParameter]
    kernels = values.kernels
  }
}

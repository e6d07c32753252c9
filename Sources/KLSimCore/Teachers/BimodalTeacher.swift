// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Two modes with a valley between them.
package struct BimodalTeacher: PaperMixtureTeacher {
  package static let name = "bimodal"
  package static let summary = "two separate Gaussian modes, at 25 and 75, width 10"
  static let centres = (25.0, 75.0)
  static let width = 10.0

  let size: Int
  let kernels: VectorKernels

  package init(_ values: Parameters) {
    size = values[Self.sizeParameter]
    kernels = values.kernels
  }
}

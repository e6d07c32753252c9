// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Both components on one centre.
package struct UnimodalTeacher: PaperMixtureTeacher {
  package static let name = "unimodal"
  package static let summary = "one Gaussian mode at 50, width 15"
  static let centres = (50.0, 50.0)
  static let width = 15.0

  let size: Int
  let kernels: VectorKernels

  package init(_ values: Parameters) {
    size = values[Self.sizeParameter]
    kernels = values.kernels
  }
}

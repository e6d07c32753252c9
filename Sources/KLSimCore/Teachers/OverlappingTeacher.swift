// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Two modes that run into each other.
public struct OverlappingTeacher: PaperMixtureTeacher {
  public static let name = "overlapping"
  public static let summary = "two overlapping Gaussian modes, at 25 and 74, width 15"
  static let centres = (25.0, 74.0)
  static let width = 15.0

  let size: Int
  let kernels: VectorKernels

  public init(_ values: Parameters) {
    size = values[Self.sizeParameter]
    kernels = values.kernels
  }
}

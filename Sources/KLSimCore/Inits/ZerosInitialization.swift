// SPDX-License-Identifier: GPL-3.0-or-later

/// Every logit 0: the uniform student.
public struct ZerosInitialization: Initialization {
  public static let name = "zeros"
  public static let summary = "every logit 0, the uniform student"

  public init(_ values: Parameters) {}

  public func logits(for teacher: TeacherDistribution, seed: UInt64) -> [Double] {
    [Double](repeating: 0, count: teacher.size)
  }
}

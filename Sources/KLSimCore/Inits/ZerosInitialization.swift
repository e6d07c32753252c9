// SPDX-License-Identifier: GPL-3.0-or-later

/// Every logit 0: the uniform student.
package struct ZerosInitialization: Initialization {
  package static let name = "zeros"
  package static let summary = "every logit 0: the uniform student"

  package init(_ values: Parameters) {}

  package func logits(for teacher: TeacherDistribution, seed: UInt64) -> [Double] {
    [Double](repeating: 0, count: teacher.size)
  }
}

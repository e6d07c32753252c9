// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The teacher p.
package enum TeacherAxis: Axis {
  package static let name = "teacher"
  package static let column = Column(key: "teacher", .text, "specification of the teacher p")
  package static let help =
    "Teacher: longtail, zipf:size=32000, … (default: longtail)"
  package static let decidesStart = true

  package static func defaults(after setup: Setup) -> [String] { [LongTailTeacher.name] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<TeacherRecipe> {
    try Catalog.teacher(text, reader: reader, kernels: kernels)
  }
}

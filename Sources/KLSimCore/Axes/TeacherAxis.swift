// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// The teacher p.
public enum TeacherAxis: Axis {
  public static let name = "teacher"
  public static let column = Column(key: "teacher", .text, "specification of the teacher p")
  public static let help =
    "Teacher: longtail, zipf:size=32000, … (default: longtail)"
  public static let decidesStart = true

  public static func defaults(after setup: Setup) -> [String] { [LongTailTeacher.name] }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<TeacherRecipe> {
    try Catalog.teacher(text, reader: reader, kernels: kernels)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The teacher p.
public enum TeacherAxis: Axis {
  public static let name = "teacher"
  public static let column = Column(key: "teacher", .text, "specification of the teacher p")
  public static let help =
    "Teacher: longtail, zipf:size=32000, … (default: longtail)"
  public static let decidesStart = true

  public static func defaults(after setup: Setup) -> [String] { [LongTailTeacher.name] }

  public static func choose(
    _ text: String, reader: any NumberReader
  ) throws -> Chosen<TeacherRecipe> {
    try Catalog.teacher(text, reader: reader)
  }
}

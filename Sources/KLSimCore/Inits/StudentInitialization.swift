// SPDX-License-Identifier: GPL-3.0-or-later

/// The start that a student of few parameters has of its own, told in the student's specification.
package struct StudentInitialization: Initialization {
  package static let name = "student"
  package static let summary = "the student's own start, which its specification tells"

  package init(_ values: Parameters) {}

  init() {}

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(InitializationError) -> [Double] {
    throw InitializationError(
      description: "the init \(Self.name) is for students without free logits; choose another"
        + " one, e.g. \(TorchUniformInitialization.name)")
  }

  /// Refuses initial logits for a student that has no free ones.
  static func check(
    _ initialization: any Initialization, of student: String
  ) throws(InitializationError) {
    guard initialization is StudentInitialization else {
      throw InitializationError(
        description: "the init \(type(of: initialization).name) gives one logit a token, and the"
          + " parameters of \(student) are not logits; choose the init \(Self.name), and set the"
          + " start in the student's specification")
    }
  }
}

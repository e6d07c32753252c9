// SPDX-License-Identifier: GPL-3.0-or-later

/// The start that a student of few parameters has of its own, told in the student's specification.
public struct StudentInitialization: Initialization {
  public static let name = "student"
  public static let summary = "the student's own start, which its specification tells"

  public init(_ values: Parameters) {}

  init() {}

  public func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(InitializationError) -> [Double] {
    throw InitializationError(
      description: "--init \(Self.name): free logits have no start of their own; say where they"
        + " start, e.g. --init \(TorchUniformInitialization.name)")
  }

  /// Refuses initial logits for a student that has no free ones.
  static func check(
    _ initialization: any Initialization, of student: String
  ) throws(InitializationError) {
    guard initialization is StudentInitialization else {
      throw InitializationError(
        description: "--init \(type(of: initialization).name) gives logits, which \(student) does"
          + " not have one a token; leave --init out and say the start in the student's"
          + " specification")
    }
  }
}

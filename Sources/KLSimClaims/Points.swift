// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Initial students of a condition, for claims about objectives at single points.
struct Points: Sendable {
  private let setup: Setup
  private let teacher: SeedTeacher

  /// The points of a condition; its optimizer does not matter.
  ///
  /// - Throws: `SpecificationError`, or `TeacherError`.
  init(_ condition: Condition) throws {
    setup = try condition.setup(objective: ForwardKL.name, epochs: 0)
    teacher = try SeedTeacher(setup.teacher)
  }

  /// The student of a seed before any update.
  func state(seed: UInt64, _ kernels: VectorKernels) throws -> FitState {
    let teacher = try teacher.distribution(seed: seed)
    let logits = try setup.initialization.component.logits(for: teacher, seed: seed)
    return FitState(teacher: teacher, logits: teacher.byRank(logits), kernels: kernels)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The teacher of each seed, made once where all seeds have the same.
struct SeedTeacher: Sendable {
  private let chosen: Chosen<TeacherRecipe>
  /// That of all seeds; nil where every seed has its own.
  let shared: TeacherDistribution?

  /// The teachers of seeds.
  ///
  /// - Throws: `TeacherError`.
  init(_ chosen: Chosen<TeacherRecipe>) throws {
    self.chosen = chosen
    shared = chosen.component.isRandom ? nil : try chosen.distribution(seed: 1)
  }

  /// The teacher of one seed.
  ///
  /// - Throws: `TeacherError`.
  func distribution(seed: UInt64) throws -> TeacherDistribution {
    try shared ?? chosen.distribution(seed: seed)
  }

  /// The teacher of one seed, one a context.
  ///
  /// - Throws: `TeacherError`.
  func distributions(seed: UInt64) throws -> [TeacherDistribution] {
    try shared.map { [$0] } ?? chosen.distributions(seed: seed)
  }
}

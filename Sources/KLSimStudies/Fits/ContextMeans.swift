// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// Gathers the trajectories of a teacher's contexts, as a grid hands them over, into their means.
package struct ContextMeans: Sendable {
  private var means: [UInt64: ContextMean] = [:]

  /// No trajectories yet.
  package init() {}

  /// Adds trajectories of one setup.
  ///
  /// - Parameters:
  ///   - trajectories: of some seeds, and of one context or of all.
  ///   - setup: the setup.
  /// - Returns: the means that are now complete, in the order of their seeds; none where there is
  ///   but one context.
  package mutating func add(_ trajectories: [Trajectory], of setup: Setup) -> [Trajectory] {
    let contexts = setup.teacher.component.contexts
    var complete: [Trajectory] = []
    for trajectory in trajectories {
      guard case .one(let context) = trajectory.context else { continue }
      means[trajectory.seed, default: ContextMean(of: contexts)].add(trajectory)
      if context == contexts.count - 1, let mean = means.removeValue(forKey: trajectory.seed) {
        complete += mean.trajectory.map { [$0] } ?? []
      }
    }
    return complete
  }
}

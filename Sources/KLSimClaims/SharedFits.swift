// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import Synchronization

/// Keeps the fits that several claims ask for, from the first of these claims to the last.
///
/// Two claims that ask for the same fit under the same condition get one computation.
package final class SharedFits: Sendable {
  private struct State {
    /// How many of the claims that are not finished ask for a condition.
    var askers: [Condition: Int] = [:]
    var fits: [Condition: [ItemIdentity: [SeedFit]]] = [:]
  }

  @TaskLocal private static var current: SharedFits?

  private let state = Mutex(State())

  /// Keeps nothing yet.
  ///
  /// - Parameter runners: the claims that will be put to the test, each once.
  package init(for runners: [ClaimRunner]) {
    state.withLock { state in
      for condition in runners.flatMap(\.conditions) { state.askers[condition, default: 0] += 1 }
    }
  }

  /// Puts a claim to the test; otherwise as `ClaimRunner.finding(progress:)`.
  package func finding(
    of runner: ClaimRunner, progress: (_ pieces: Int) -> Void
  ) async throws -> Finding {
    defer {
      state.withLock { state in
        for condition in runner.conditions {
          state.askers[condition, default: 1] -= 1
          if state.askers[condition] == 0 { state.fits[condition] = nil }
        }
      }
    }
    return try await Self.$current.withValue(self) { try await runner.finding(progress: progress) }
  }

  /// The fits of some words, which determine them, under a condition.
  static func fits(
    _ words: [String], under condition: Condition, make: () throws -> [SeedFit]
  ) rethrows -> [SeedFit] {
    guard let current,
      current.state.withLock({ $0.askers[condition, default: 0] > 1 || $0.fits[condition] != nil })
    else { return try make() }
    let identity = ItemIdentity(of: words)
    if let known = current.state.withLock({ $0.fits[condition]?[identity] }) { return known }
    let fits = try make()
    current.state.withLock {
      if $0.askers[condition, default: 0] > 1 { $0.fits[condition, default: [:]][identity] = fits }
    }
    return fits
  }
}

/// One student of a seed.
struct SeedFit: Sendable {
  let fit: Fit
  /// The same beside a student from a start that differs in the last digit; nil if it was not probed.
  let probed: ProbedFit?

  init(fit: Fit) {
    self.fit = fit
    probed = nil
  }

  /// Compares two students; of the others' distributions only those of `snapshots` are kept.
  init(
    probing fit: Fit, beside other: Fit, at epochs: Set<Double>, keeping snapshots: Set<Double>
  ) {
    let distances = Dictionary(
      uniqueKeysWithValues: epochs.map { ($0, fit.distance(to: other, epoch: $0)) })
    self.fit = fit.keeping(snapshots)
    probed = ProbedFit(fit: self.fit, other: other.keeping(snapshots), distances: distances)
  }
}

/// A student, and another one whose start differs in the last digit.
struct ProbedFit: Sendable {
  let fit: Fit
  let other: Fit
  /// The TVD between the two by epoch.
  let distances: [Double: Double]
}

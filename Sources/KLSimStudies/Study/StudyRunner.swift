// SPDX-License-Identifier: GPL-3.0-or-later

/// Runs the items of a study in parallel and hands over the results in order.
///
/// Memory is bounded by the number of jobs, not by the number of items.
public struct StudyRunner: Sendable {
  private let jobs: Int

  /// A runner.
  ///
  /// - Parameter jobs: how many items at a time, at least 1.
  public init(jobs: Int) {
    precondition(jobs > 0, "at least one job")
    self.jobs = jobs
  }

  /// Runs a study.
  ///
  /// - Parameters:
  ///   - study: the study.
  ///   - digest: turns a result into what is handed over; runs in parallel.
  ///   - consume: takes the digests one at a time, in the order of the items.
  /// - Throws: the first error in the order of the items, or what `consume` throws.
  public func run<Kind: StudyKind, Digest: Sendable>(
    _ study: Kind, digest: @escaping @Sendable (Kind.Result) throws -> Digest,
    consume: (Digest) throws -> Void
  ) async throws {
    // More jobs than items would have nothing to do.
    try await orderedMap(
      count: study.itemCount, jobs: max(1, min(jobs, study.itemCount)),
      work: { try digest(study.run(study.item($0))) }, consume: consume)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
package import KLSimNumerics
internal import KLSimStudies

/// Runs that reproduce a published figure, without a verdict.
package struct Exhibit: Sendable {
  /// The name that users type, and that of its files.
  package let name: String
  package let summary: String
  package let source: String
  package let figures: [FigureRequest]
  /// The studies whose rows make up its table: either all with snapshots, or none.
  let studies: [Study]

  /// Runs its studies.
  ///
  /// - Parameters:
  ///   - jobs: the number of runs at a time.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: its table as CSV, with the columns.
  /// - Throws: the error of a study or a run.
  package func table(
    jobs: Int, kernels: VectorKernels = .best
  ) async throws -> (columns: [Column], bytes: [UInt8]) {
    let fits = try studies.map { try FitStudy($0, kernels: kernels) }
    let isolated = try FitTables(of: fits[0], and: Array(fits.dropFirst()))
    let showsSnapshots = studies[0].snapshots != nil
    var tables = isolated
    var bytes = showsSnapshots ? tables.snapshotHeader : tables.header
    for study in fits {
      try await StudyRunner(jobs: jobs).run(study, digest: isolated.digest) { digest in
        let rows = tables.add(digest)
        bytes += showsSnapshots ? rows.snapshots : rows.records
      }
    }
    return showsSnapshots
      ? (tables.snapshotColumns, bytes) : (tables.columns, bytes + tables.finish())
  }
}

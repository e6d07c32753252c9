// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
package import KLSimNumerics
internal import KLSimStudies

/// Runs that are shown as they are, without a verdict: what figures of the literature show.
package struct Exhibit: Sendable {
  /// What the user types and the files are called.
  package let name: String
  package let summary: String
  package let source: String
  package let figures: [FigureRequest]
  /// The studies whose rows are shown in one table: all snapshots, or all statistics over seeds.
  let studies: [Study]

  /// The columns of its table.
  ///
  /// - Throws: what is wrong with a study.
  package var columns: [Column] {
    get throws {
      let tables = try FitTables(of: FitStudy(studies[0]))
      return showsSnapshots ? tables.snapshotColumns : tables.columns
    }
  }

  private var showsSnapshots: Bool { studies[0].snapshots != nil }

  /// Runs it.
  ///
  /// - Parameters:
  ///   - jobs: how many runs at a time.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: its table as CSV.
  /// - Throws: what a run throws.
  package func table(jobs: Int, kernels: VectorKernels = .best) async throws -> [UInt8] {
    let fits = try studies.map { try FitStudy($0, kernels: kernels) }
    let isolated = try FitTables(of: fits[0], and: Array(fits.dropFirst()))
    var tables = isolated
    var bytes = showsSnapshots ? tables.snapshotHeader : tables.header
    for study in fits {
      try await StudyRunner(jobs: jobs).run(study, digest: isolated.digest) { digest in
        let rows = tables.add(digest)
        bytes += showsSnapshots ? rows.snapshots : rows.records
      }
    }
    return bytes + (showsSnapshots ? [] : tables.finish())
  }
}

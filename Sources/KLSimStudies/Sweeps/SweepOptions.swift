// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// How a sweep is run; none of it changes the tables but for the format.
package struct SweepOptions: Sendable {
  /// The number of items at a time.
  package var jobs: Int
  /// The chunks to work on.
  package var shard: Shard
  /// The format of tables.
  package var format: RowFormat
  /// Whether they are packed by gzip.
  package var isPacked: Bool
  /// Whether a table is put into one file however large it is.
  package var isOneFile: Bool

  package init(
    jobs: Int, shard: Shard = .all, format: RowFormat = .csv, isPacked: Bool = false,
    isOneFile: Bool = false
  ) {
    (self.jobs, self.shard, self.format) = (jobs, shard, format)
    (self.isPacked, self.isOneFile) = (isPacked, isOneFile)
  }

  /// How the files of tables end.
  var ending: String { format.name + (isPacked ? RowFormat.packedEnding : "") }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimStudies
import KLSimTestSupport

/// A folder with a sweep of many small chunks.
struct SweptFolder {
  let folder: TemporaryFolder
  let study: Study

  init(_ study: Study) throws {
    (folder, self.study) = (try TemporaryFolder(), study)
  }

  /// A study of fits, cut into chunks of a few seeds.
  static var fits: Study {
    var study = Study(
      ["objective": ["fkl", "rkl"], "teacher": ["longtail:size=12", "dirichlet:size=8"]], epochs: 4,
      seeds: 3..<200)
    study.heads = ["mass=0.5", "count=2"]
    return study
  }

  /// Starts or goes on with the sweep.
  ///
  /// - Returns: whether it is complete, and the notes.
  @discardableResult
  func sweep(
    _ study: Study? = nil, work: Double = 2000, jobs: Int = 2, shard: Shard = .all,
    format: RowFormat = .csv, isPacked: Bool = false, inputs: [String] = []
  ) async throws -> (isComplete: Bool, notes: [String]) {
    let study = study ?? self.study
    let options = SweepOptions(jobs: jobs, shard: shard, format: format, isPacked: isPacked)
    return study.experiment == .fit
      ? try await sweep(FitStudy(study), study, work, options, inputs)
      : try await sweep(SequenceStudy(study), study, work, options, inputs)
  }

  private func sweep<Kind: DividedStudy>(
    _ kind: Kind, _ study: Study, _ work: Double, _ options: SweepOptions, _ inputs: [String]
  ) async throws -> (isComplete: Bool, notes: [String]) {
    var notes: [String] = []
    func tell<Other: DividedStudy>(_ event: SweepRunner<Other>.Event) {
      if case .note(let text) = event { notes.append(text) }
    }
    var runner = try SweepRunner(
      SweepPlan(kind, maximumWork: work), text: "\(study)\n",
      in: SweepFolder(creating: folder.path),
      options: options, version: "1.0", inputs: inputs, tell: { tell($0) })
    let isComplete = try await runner.run { tell($0) }
    return (isComplete, notes)
  }

  /// The text of a table.
  func table(_ name: String = "records.csv") throws -> String { try folder.text(of: name) }

  /// The tables that one process writes without chunks.
  static func whole(_ study: Study, _ format: RowFormat = .csv) async throws -> [String] {
    study.experiment == .fit
      ? try await whole(FitStudy(study), format) : try await whole(SequenceStudy(study), format)
  }

  private static func whole<Kind: DividedStudy>(
    _ kind: Kind, _ format: RowFormat
  ) async throws -> [String] {
    let empty = try kind.tables(format)
    var tables = empty
    var texts = empty.outputs.map { format.table($0.columns, rows: []) }
    func add(_ rows: [[UInt8]]) { for (place, own) in rows.enumerated() { texts[place] += own } }
    try await StudyRunner(jobs: 1).run(kind, digest: empty.digest) { add(tables.rows(adding: $0)) }
    add(tables.lastRows())
    return texts.map { String(decoding: $0, as: UTF8.self) }
  }

  /// The files of finished chunks, from the folder.
  func parts() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder("parts")).sorted().map {
      "parts/\($0)"
    }
  }
}

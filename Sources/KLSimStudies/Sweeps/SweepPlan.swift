// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// How large chunks of sweeps are, unless one seed is larger.
package enum SweepChunks {
  /// So many rows at most.
  package static let maximumRows = 50_000.0
  /// So much work at most, about a second.
  package static let maximumWork = 1e9
  /// About how much memory it takes to know that a chunk is finished, in bytes.
  static let memory = 1000.0
}

/// A study cut into chunks, which depend on the study alone: the same on every machine.
///
/// A chunk is some setups with all their seeds, or some seeds of one setup. The tables of the chunks, one
/// after the other, are those of the study.
package struct SweepPlan<Kind: DividedStudy>: Sendable {
  /// The study.
  package let study: Kind
  /// The number of chunks, at least 1.
  package let chunkCount: Int
  /// The number of runs of all chunks.
  package let runCount: Int
  /// Every setup in order, with the size of a run.
  let sizes: [(setup: Kind.Setup, size: RunSize)]
  private let seeds: Range<UInt64>
  private let pieces: [Piece]
  /// The axes on which setups differ.
  private let axes: [any Axis.Type]

  /// Setups whose chunks have the same number of seeds.
  private struct Piece: Sendable {
    let setups: Range<Int>
    /// The number of seeds of a chunk.
    let width: Int
    let firstChunk: Int
    /// The runs of a seed.
    let runs: Int
  }

  /// A chunk.
  package struct Chunk: Sendable {
    /// Its place, from 0.
    package let index: Int
    /// The number of its runs.
    package let runs: Int
    /// What it is of, in words.
    package let label: String
    fileprivate let setups: Range<Int>
    fileprivate let seeds: Range<UInt64>
  }

  /// Seeds are fitted in vectors of up to so many.
  private static var seedStride: Int { 64 }

  /// Cuts a study.
  ///
  /// - Parameters:
  ///   - study: the study.
  ///   - maximumWork: the work of a chunk unless one seed has more.
  ///   - maximumRows: the rows of a chunk unless one seed has more.
  /// - Throws: `StudyError`, or `SpecificationError`.
  package init(
    _ study: Kind, maximumWork: Double = SweepChunks.maximumWork,
    maximumRows: Double = SweepChunks.maximumRows
  ) throws {
    self.study = study
    let seeds = try study.study.seedRange
    let sizes = try study.runSizes
    let isAggregated = study.study.isAggregated
    var pieces: [Piece] = []
    var chunks = 0
    var first = 0
    while first < sizes.count {
      let size = sizes[first].size
      let parts = max(size.work / maximumWork, size.rows / maximumRows)
      let possible = parts > 0 ? Int(min(1 / parts, Double(seeds.count))) : seeds.count
      let width =
        isAggregated || possible >= seeds.count
        ? seeds.count
        : max(
          1, possible >= Self.seedStride ? possible / Self.seedStride * Self.seedStride : possible)
      var end = first + 1
      var (work, rows) = (size.work, size.rows)
      // Further setups with all their seeds, as long as the chunk stays small.
      while width == seeds.count, end < sizes.count {
        let next = sizes[end].size
        guard (work + next.work) * Double(seeds.count) <= maximumWork,
          (rows + next.rows) * Double(seeds.count) <= maximumRows
        else { break }
        (work, rows) = (work + next.work, rows + next.rows)
        end += 1
      }
      pieces.append(
        Piece(
          setups: first..<end, width: width, firstChunk: chunks,
          runs: sizes[first..<end].reduce(0) { $0 + $1.size.runs }))
      chunks += (seeds.count - 1) / width + 1
      first = end
    }
    (self.seeds, self.sizes, self.pieces, chunkCount) = (seeds, sizes, pieces, chunks)
    runCount = pieces.reduce(0) { $0 + $1.runs } * seeds.count
    axes = Kind.axes.filter { axis in
      let all = sizes.lazy.map { study.choices(of: $0.setup).specification(on: axis) }
      return all.contains { $0 != all[0] }
    }
  }

  /// About how much memory it takes.
  package var memory: MemoryNeed {
    get throws {
      var need = try study.memory
      need.shared += [.chunks: SweepChunks.memory * Double(chunkCount)]
      return need
    }
  }

  /// A chunk.
  ///
  /// - Parameter index: in 0..<chunkCount.
  /// - Returns: the chunk.
  package func chunk(_ index: Int) -> Chunk {
    let piece = pieces[pieces.firstIndex(bisecting: { $0.firstChunk > index }) - 1]
    let own = seeds.dropFirst((index - piece.firstChunk) * piece.width).prefix(piece.width)
    return Chunk(
      index: index, runs: piece.runs * own.count, label: label(of: piece.setups, own),
      setups: piece.setups, seeds: own)
  }

  private func label(of setups: Range<Int>, _ seeds: Range<UInt64>) -> String {
    func words(_ index: Int) -> [String] {
      let choices = study.choices(of: sizes[index].setup)
      return axes.map { "\($0.column.name) \(choices.specification(on: $0))" }
    }
    let (first, last) = (words(setups.lowerBound), words(setups.upperBound - 1))
    let own =
      first == last ? first : [first.joined(separator: ", ") + " … " + last.joined(separator: ", ")]
    let range =
      seeds.count == 1
      ? "seed \(seeds.lowerBound)" : "seeds \(seeds.lowerBound)–\(seeds.upperBound - 1)"
    return (own + [range]).joined(separator: ", ")
  }

  /// Runs a chunk.
  ///
  /// - Parameters:
  ///   - chunk: the chunk.
  ///   - tables: the tables of the study, empty.
  ///   - runner: runs its items.
  ///   - write: takes the rows of each table, piece by piece.
  /// - Throws: an error of a run, or of `write`.
  func run(
    _ chunk: Chunk, _ tables: Kind.Tables, by runner: StudyRunner, write: ([[UInt8]]) throws -> Void
  ) async throws {
    let part = try study.part(sizes[chunk.setups].map(\.setup), seeds: chunk.seeds)
    var growing = tables
    try await runner.run(part, digest: tables.digest) { try write(growing.rows(adding: $0)) }
    try write(growing.lastRows())
  }
}

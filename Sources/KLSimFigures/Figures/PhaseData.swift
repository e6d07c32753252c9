// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The share of seeds in which one objective is ahead of another, by cut and epoch.
struct PhaseData {
  /// A share at a cut and an epoch.
  struct Cell: Equatable {
    let cut: Double
    let epoch: Double
    /// NaN if there is no seed to count.
    let share: Double
    /// Whether the two differ by no more than rounding for every seed, as they do at the start.
    var isTied = false
  }

  /// The quantity in which the cut is measured.
  let cutName: String
  /// Ordered by cut, then by epoch.
  let cells: [Cell]
  /// What the share means.
  let meaning: String
  /// The objective that is ahead where the share is 1, and that where it is 0; nil if unknown.
  let pair: [String]?
  /// The number of seeds; nil if it varies.
  let seedCount: Int?
  let condition: KeySummary

  /// Takes the shares from evidence, or computes them from records.
  init(_ table: Table, _ options: FigureOptions) throws {
    self =
      try table.kind == .evidence
      ? Self(evidence: table, options) : Self(records: table, options)
    guard cells.contains(where: { $0.share.isFinite || $0.isTied }) else {
      throw table.malformed("no finite number to show in the share of seeds")
    }
  }

  private init(evidence table: Table, _ options: FigureOptions) throws {
    try table.require(["head_count", "vocabulary", "epoch", "share"], for: PhaseFigure.self)
    condition = try KeySummary(of: table, apartFrom: ["head_count", "epoch"])
    try condition.requireOne()
    try table.requireSingles(table.groups(by: ["head_count", "epoch"]), point: "cut and epoch")
    let (counts, epochs) = try (table.numbers("head_count"), table.epochs())
    let shares = try table.numbers("share")
    let seeds = table.has("seeds") ? Set(try table.numbers("seeds")) : []
    cutName = "tokens in the head"
    pair = options.objectives?.count == 2 ? options.objectives : nil
    meaning = "share of seeds" + (pair.map { " in which \($0[0]) has the smaller error" } ?? "")
    seedCount = seeds.count == 1 ? seeds.first.flatMap { Int(exactly: $0) } : nil
    cells = Self.sorted(
      (0..<table.rowCount).map { Cell(cut: counts[$0], epoch: epochs[$0], share: shares[$0]) })
  }

  private init(records table: Table, _ options: FigureOptions) throws {
    let part = options.error ?? .tail
    let error = Measure(part, in: table).column
    try table.require(["objective", "seed", "head", "epoch", error], for: PhaseFigure.self)
    let (table, contexts) = try table.choosing(options).poolingContexts(facet: nil)
    let run = ["seed"] + contexts
    let known = try table.labels("objective").texts
    let pair = options.objectives ?? known
    guard pair.count == 2 else {
      throw FigureError(
        description: "the figure 'phase' compares two objectives, and here"
          + " \(pair.count == 1 ? "is" : "are") \(Table.list(pair)): choose two",
        remedy: .chooseObjectives(pair.count > 2 ? Array(pair.prefix(2)) : ["fkl", "rkl"]))
    }
    condition = try KeySummary(of: table, apartFrom: Set(["objective", "head", "epoch"] + run))
    try condition.requireOne()
    try table.requireSingles(
      table.groups(by: ["objective", "head", "epoch"] + run),
      point: "objective, seed, head and epoch")
    self.pair = pair
    let (rule, cuts) = try Self.cuts(table)
    cutName = rule
    meaning = "share of seeds in which \(pair[0]) has the smaller \(part.rawValue) error"
    seedCount = try table.labels("seed").texts.count
    cells = Self.sorted(try Self.shares(table, run: run, cuts: cuts, of: pair, error: error))
  }

  /// The shares of the runs that differ; a pair without a finite number does not count.
  private static func shares(
    _ table: Table, run: [String], cuts: [Double], of pair: [String], error: String
  ) throws -> [Cell] {
    let (objective, head) = try (table.labels("objective"), table.labels("head"))
    let (epochs, errors) = try (table.epochs(), table.numbers(error))
    let pairs = try table.groups(by: run + ["head", "epoch"])
    let places = try table.groups(by: ["head", "epoch"])
    var values = [[Double]](repeating: [.nan, .nan], count: pairs.count)
    var partners = [Int](repeating: 0, count: pairs.count)
    for row in 0..<table.rowCount {
      let isFirst = objective.texts[Int(objective.codes[row])] == pair[0]
      // NaN counts as worse than any number.
      values[pairs.ofRow[row]][isFirst ? 0 : 1] = errors[row].isNaN ? .infinity : errors[row]
      partners[pairs.ofRow[row]] += 1
    }
    if let single = partners.firstIndex(of: 1) {
      let row = pairs.firstRows[single]
      let seed = try table.labels("seed")
      throw table.malformed(
        row,
        "seed \(seed.texts[Int(seed.codes[row])]) has no partner at epoch \(RunLength.words(epoch: epochs[row]));"
          + " both objectives need the same seeds and epochs")
    }
    var hits = [Int](repeating: 0, count: places.count)
    var (counts, ties) = (hits, hits)
    for (pair, row) in zip(values, pairs.firstRows) where pair.contains(where: { $0.isFinite }) {
      let place = places.ofRow[row]
      if !Rounding.differ(pair[0], pair[1]) {
        ties[place] += 1
      } else {
        hits[place] += pair[0] < pair[1] ? 1 : 0
        counts[place] += 1
      }
    }
    return places.firstRows.enumerated().map { place, row in
      Cell(
        cut: cuts[Int(head.codes[row])], epoch: epochs[row],
        share: counts[place] > 0 ? Double(hits[place]) / Double(counts[place]) : .nan,
        isTied: counts[place] == 0 && ties[place] > 0)
    }
  }

  /// The numbers in head rules of one kind, and their meaning.
  private static func cuts(_ table: Table) throws -> (name: String, cuts: [Double]) {
    let heads = try table.labels("head").texts
    let names = ["mass": "teacher mass in the head", "rank": "share of tokens in the head"]
    var kinds: [String] = []
    var cuts: [Double] = []
    for head in heads {
      let items = head.split(separator: ":", maxSplits: 1)
      let parts = items.first?.split(separator: "=") ?? []
      guard parts.count == 2, let cut = Double(parts[1]) else {
        throw table.malformed("head is '\(head)', not a rule such as mass=0.5, rank=0.1 or count=8")
      }
      kinds.append(([parts[0]] + items.dropFirst()).joined(separator: ":"))
      cuts.append(cut)
    }
    guard Set(kinds).count == 1 else {
      func count(_ kind: String) -> Int { kinds.count { $0 == kind } }
      let commonest = kinds.uniqued().max { count($0) < count($1) }
      throw FigureError(
        description: "the heads \(Table.list(heads)) are of several kinds and have no common"
          + " scale: select those of one kind, each by its own selection",
        remedy: .selectRows(
          zip(heads, kinds).filter { $1 == commonest }.map { .init(column: "head", value: $0.0) }))
    }
    let kind = String(heads[0].prefix { $0 != "=" })
    return (names[kind] ?? "tokens in the head", cuts)
  }

  private static func sorted(_ cells: [Cell]) -> [Cell] {
    cells.sorted { ($0.cut, $0.epoch) < ($1.cut, $1.epoch) }
  }

  /// All cuts, ascending.
  var cuts: [Double] { Set(cells.map(\.cut)).sorted() }
  /// All epochs, ascending.
  var epochs: [Double] { Set(cells.map(\.epoch)).sorted() }
}

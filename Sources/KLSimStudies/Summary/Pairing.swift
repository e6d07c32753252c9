// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
internal import KLSimNumerics

/// What counts as one pair of a comparison.
///
/// Runs are paired by seed and context. A pair must be a draw of its own:
/// - where there are several contexts, each fitted by itself, a context is one pair, and its value is the
///   median over its seeds: a further seed is no further context. Contexts that are drawn anew by every seed
///   are one pair each. Contexts that share parameters are one run, whose value is their mean;
/// - seeds that give the same values in all runs are copies, as where neither start nor teacher is
///   random, and count once, unless no value is a number, which is no sign of a copy.
struct Pairing: Sendable {
  /// A run's seed and context, as any numbers that tell them apart.
  struct Unit: Hashable, Sendable {
    let seed: Int
    let context: Int
  }

  /// The units of each pair.
  private let groups: [[Int]]
  /// What the pairs are, such as `8 seeds`.
  let words: String
  /// What there is to be warned of: copies, or runs without a number; nil if there is nothing.
  let warning: String?

  /// The number of pairs.
  var count: Int { groups.count }

  /// Pairs of so many units, each a draw of its own.
  init(count: Int) {
    groups = (0..<count).map { [$0] }
    words = Self.count(count, "seed")
    warning = nil
  }

  /// Sorts out units.
  ///
  /// - Parameters:
  ///   - units: the seed and context of each.
  ///   - areDrawn: whether each seed draws contexts of its own.
  ///   - areMeans: whether values are means over contexts, which the words say.
  ///   - values: all values of a unit; nil if there is no run of it.
  init(
    _ units: [Unit], areDrawn: Bool, areMeans: Bool = false, values: (_ unit: Int) -> [Double?]?
  ) {
    let known = units.indices.compactMap { unit in values(unit).map { (unit, $0) } }
    let diverged = Set(known.filter { Self.isDiverged($0.1) }.map(\.0))
    let seedCount = Set(known.map { units[$0.0].seed }).count
    let allDiverged = !known.isEmpty && diverged.count == known.count
    let end = allDiverged ? ", all runs diverged" : ""
    let divergence: String? =
      diverged.isEmpty
      ? nil
      : "all runs\(allDiverged ? "" : " of \(diverged.count) of \(seedCount) seeds") diverged: their"
        + " values are not numbers"
    let contexts = known.map { units[$0.0].context }.uniqued()
    guard contexts.count < 2 else {
      let (seeds, contexts) = (
        Self.count(seedCount, "seed"), Self.count(contexts.count, "context")
      )
      groups =
        areDrawn
        ? known.map { [$0.0] } : known.map(\.0).grouped { units[$0].context }.map(\.elements)
      words =
        (seedCount == 1
          ? contexts
          : areDrawn ? "\(seeds) × \(contexts)" : "\(contexts), each the median of \(seeds)") + end
      warning = allDiverged ? divergence : nil
      return
    }
    // Diverged runs are alike without being copies.
    groups = known.grouped { unit, values in
      values.map { $0?.bitPattern } + (diverged.contains(unit) ? [UInt64(unit)] : [])
    }.map { $0.elements.map(\.0) }
    let means = areMeans ? ", \(seedCount == 1 ? "the" : "each the") mean over contexts" : ""
    guard groups.count < known.count else {
      words = Self.count(seedCount, "seed") + means + end
      warning = divergence
      return
    }
    words = "\(groups.count) distinct of \(seedCount) seeds" + means
    warning =
      "the \(seedCount) seeds give \(groups.count == 1 ? "one result" : "\(groups.count) results"), bit"
      + " for bit, as neither start nor teacher depends on them: copies count once"
  }

  /// One value a pair: the median over its units, nil where none has a value.
  func medians(of values: [Double?]) -> [Double?] {
    groups.map { units in
      units.count == 1
        ? values[units[0]] : Statistics.quantile(0.5, of: units.compactMap { values[$0] })
    }
  }

  /// Whether no value is a number, apart from counts that are then 0.
  private static func isDiverged(_ values: [Double?]) -> Bool {
    let known = values.lazy.compactMap { $0 }
    return known.contains(where: \.isNaN) && known.allSatisfy { $0.isNaN || $0 == 0 }
  }

  private static func count(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }
}

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
///   random, and count once.
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
  /// What there is to be warned of; nil if every seed is a draw of its own.
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
  ///   - values: all values of a unit, in bits; nil if there is no run of it.
  init(
    _ units: [Unit], areDrawn: Bool, areMeans: Bool = false, values: (_ unit: Int) -> [UInt64]?
  ) {
    let known = units.indices.compactMap { unit in values(unit).map { (unit, $0) } }
    let seedCount = Set(known.map { units[$0.0].seed }).count
    let contexts = known.map { units[$0.0].context }.uniqued()
    guard contexts.count < 2 else {
      let (seeds, contexts) = (
        Self.count(seedCount, "seed"), Self.count(contexts.count, "context")
      )
      groups =
        areDrawn
        ? known.map { [$0.0] } : known.map(\.0).grouped { units[$0].context }.map(\.elements)
      words =
        seedCount == 1
        ? contexts
        : areDrawn ? "\(seeds) × \(contexts)" : "\(contexts), each the median of \(seeds)"
      warning = nil
      return
    }
    groups = known.grouped(by: \.1).map { $0.elements.map(\.0) }
    let means = areMeans ? ", \(seedCount == 1 ? "the" : "each the") mean over contexts" : ""
    guard groups.count < known.count else {
      words = Self.count(seedCount, "seed") + means
      warning = nil
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

  private static func count(_ count: Int, _ word: String) -> String {
    "\(count) \(word)\(count == 1 ? "" : "s")"
  }
}

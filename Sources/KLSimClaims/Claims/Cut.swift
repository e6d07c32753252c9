// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// A boundary between head and tail, for claims that try many.
struct Cut: Hashable, Sendable {
  /// The number of head ranks.
  let headCount: Int
  /// The number of tokens.
  let vocabularySize: Int
  /// The teacher's mass on the tail.
  let tailMass: Double

  /// The columns that a cut fills.
  static let columns = [
    Column(key: "head_count", .integer, "number of head tokens"),
    Column(key: "vocabulary", .integer, "number of tokens"),
    Column("tail_mass", .number, "the teacher's mass on the tail, to six digits"),
  ]

  /// The values of those columns.
  var values: [Value] { [Value(headCount), Value(vocabularySize), .number(rounded(tailMass))] }

  var head: Range<Int> { 0..<headCount }
  var tail: Range<Int> { headCount..<vocabularySize }

  /// Whether the tail is that of the paper's figure: tokens 47 to 79 of 80.
  var isPublished: Bool {
    headCount == Self.enlarged.headCount && vocabularySize == Self.enlarged.vocabularySize
  }

  private static let enlarged = (headCount: 47, vocabularySize: 80)
  private static let masses = [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999,
  ]

  /// All cuts of a small vocabulary; of a large one those at head masses of 0.1 … 0.9999 and at ranks in
  /// steps of about 15 %.
  static func all(of teacher: TeacherDistribution) -> [Cut] {
    let last = teacher.size - 1
    guard last > 100 else { return cuts(Array(1...last), of: teacher) }
    let ranks = sequence(first: 1) { max($0 + 1, $0 * 115 / 100) }.prefix { $0 <= last }
    return cuts(masses.map { MassHead(mass: $0).headCount(of: teacher) } + ranks, of: teacher)
  }

  /// Three cuts: the tail of the paper's figure (the last 33 of 80 ranks), and heads of 50 % and 90 % of the
  /// mass.
  static func few(of teacher: TeacherDistribution) -> [Cut] {
    let published = publishedHeadCount(size: teacher.size)
    return cuts(
      [0.5, 0.9].map { MassHead(mass: $0).headCount(of: teacher) } + [published], of: teacher)
  }

  /// The number of ranks before the tail of the paper's figure: 47 of 80, in proportion.
  static func publishedHeadCount(size: Int) -> Int {
    size * enlarged.headCount / enlarged.vocabularySize
  }

  /// Those of `few`, and every tenth of the ranks.
  static func some(of teacher: TeacherDistribution) -> [Cut] {
    let tenths = (1...9).map { max(1, teacher.size * $0 / 10) }
    return cuts(few(of: teacher).map(\.headCount) + tenths, of: teacher)
  }

  private static func cuts(_ headCounts: [Int], of teacher: TeacherDistribution) -> [Cut] {
    // Summed from the last token on: the mass may be far below a rounding of 1.
    var tails = [0.0]
    for probability in teacher.probabilities.reversed() {
      tails.append(tails[tails.count - 1] + probability)
    }
    return Set(headCounts).filter { $0 < teacher.size }.sorted().map {
      Cut(headCount: $0, vocabularySize: teacher.size, tailMass: tails[teacher.size - $0])
    }
  }
}

/// A side of a cut.
enum Side: String, Sendable {
  case head, tail

  /// Its ranks.
  func ranks(_ cut: Cut) -> Range<Int> { self == .head ? cut.head : cut.tail }

  /// The sum of |p − q| over it.
  func error(_ error: HeadTailError) -> Double { self == .head ? error.head : error.tail }

  var other: Side { self == .head ? .tail : .head }

  /// The side at the cut of the paper's figure, in a sentence.
  var published: String { self == .head ? "the head before token 47" : "the tail from token 47 on" }
}

/// A cut, an epoch and what is compared there.
struct CutCell<Measure: CutMeasure>: ClaimCell {
  let cut: Cut
  let epoch: Int
  let measure: Measure

  static var columns: [Column] {
    Cut.columns + [Column.epoch, Column(key: "measure", .text, Measure.summary)]
  }
  var values: [Value] { cut.values + [Value(epoch), .text(measure.rawValue)] }
}

protocol CutMeasure: RawRepresentable<String>, Hashable, Sendable {
  static var summary: String { get }
}

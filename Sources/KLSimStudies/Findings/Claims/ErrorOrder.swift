// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A claim about which of two objectives has the smaller error beyond or before a cut.
///
/// Every cut is looked at: all head counts of small vocabularies, and of large ones those of the
/// head masses 0.1 … 0.9999 and of rank fractions in steps of about 15 %.
protocol ErrorOrder: Claim {
  /// The objective that is said to be ahead, and the other one.
  static var order: (leader: String, follower: String) { get }
  /// The error they are compared by.
  static func error(_ error: HeadTailError) -> Double
  static var part: String { get }
}

extension ErrorOrder {
  public static var cellColumns: [Column] {
    [
      Column("head_count", .integer, "number of head tokens"),
      Column("vocabulary", .integer, "number of tokens"),
      Column("tail_mass", .number, "the teacher's mass on the tail, to six digits"),
      Column.epoch,
    ]
  }

  public static var quantity: String {
    "\(part) error of \(order.leader) minus \(part) error of \(order.follower)"
  }

  public func trials() throws -> [Trial] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers + ["zipf"],
      optimizers: [
        ("adam", 0.05), ("adam", 0.2), ("adam", 1), ("sgd", 1), ("sgd", 3), ("sgd", 10),
      ]
    ).map { condition in
      let teacher = try Catalog.teacher(condition.teacher).distribution(seed: 1)
      let cuts = ErrorOrderCells.cuts(of: teacher)
      let runs = try PairedRuns(
        condition, objectives: [Self.order.leader, Self.order.follower],
        epochs: PaperSettings.epochs, heads: cuts.map { "count=\($0)" },
        recorded: ErrorOrderCells.epochs)
      let tails = ErrorOrderCells.tailMasses(of: teacher)
      let cells = ErrorOrderCells.epochs.flatMap { epoch in
        cuts.map { cut in
          [
            cut.description, teacher.size.description, digits(tails[cut]), epoch.description,
          ]
        }
      }
      return Trial(condition: condition, cells: cells) {
        try runs($0, $1).map { pair in
          zip(pair[0].records, pair[1].records).flatMap { leader, follower in
            zip(leader.heads, follower.heads).map {
              Outcome.smaller(Self.error($0), than: Self.error($1))
            }
          }
        }
      }
    }
  }

  /// The early epochs, of which the claim speaks.
  public func covers(_ evidence: Evidence) -> Bool {
    ErrorOrderCells.early.contains(ErrorOrderCells.epoch(evidence))
  }

  public func isHeadline(_ evidence: Evidence) -> Bool {
    covers(evidence) && evidence.condition == PaperSettings.longTail
      && ErrorOrderCells.cut(evidence) == ErrorOrderCells.publishedCut
  }

  public func boundaries(_ evidence: [Evidence]) -> [String] {
    evidence.publishedFirst(by: \.self).map { ErrorOrderCells.boundary($0.evidence) }
  }

  public var figures: [FigureRequest] {
    let shown: [(teacher: String, optimizer: String, learningRate: Double)] = [
      ("longtail", "adam", 0.2), ("longtail", "sgd", 1), ("bimodal", "adam", 0.2),
      ("zipf", "adam", 0.2),
    ]
    return shown.map { teacher, optimizer, learningRate in
      FigureRequest(
        name: "\(Self.name)-\(teacher)-\(optimizer)", kind: "phase",
        title: "Share of seeds in which \(Self.order.leader) has the smaller \(Self.part) error"
          + " than \(Self.order.follower): \(teacher), \(optimizer) at \(learningRate)",
        selection: [
          ("teacher", teacher), ("optimizer", optimizer),
          ("learning_rate", learningRate.description),
        ], objectives: [Self.order.leader, Self.order.follower])
    }
  }
}

/// The cut × epoch cells of such a claim.
enum ErrorOrderCells {
  /// Rank 8 of the long tail: mass 0.5 by the authors' rule.
  static let publishedCut = 8
  static let early = 1...10
  static let epochs = [
    1, 2, 3, 5, 7, 10, 14, 17, 20, 25, 30, 50, 100, 200,
  ]
  private static let masses = [
    0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999,
  ]

  /// The head counts to try; the whole vocabulary has no tail.
  static func cuts(of teacher: TeacherDistribution) -> [Int] {
    let last = teacher.size - 1
    guard last > 100 else { return Array(1...last) }
    let ranks = sequence(first: 1) { max($0 + 1, $0 * 115 / 100) }.prefix { $0 <= last }
    return Set(masses.map { MassHead(mass: $0).headCount(of: teacher) } + ranks).sorted()
      .filter { $0 <= last }
  }

  /// The mass beyond every cut, summed from the last token on: it may be far below a rounding of 1.
  static func tailMasses(of teacher: TeacherDistribution) -> [Double] {
    var sum = 0.0
    return
      ([0]
      + teacher.probabilities.reversed().map { probability in
        sum += probability
        return sum
      }).reversed()
  }

  static func cut(_ evidence: Evidence) -> Int { Int(evidence.cell[0]) ?? 0 }
  static func epoch(_ evidence: Evidence) -> Int { Int(evidence.cell[3]) ?? 0 }

  /// The cuts at which a claim holds throughout the early epochs, and for how long it does.
  static func boundary(_ evidence: [Evidence]) -> String {
    let place = evidence[0].condition.place
    let holding = Dictionary(grouping: evidence.filter { $0.verdict == .holds }, by: cut)
      .mapValues { Set($0.map(epoch)) }
    let earlyEpochs = epochs.filter(early.contains)
    let cuts = holding.filter { $0.value.isSuperset(of: earlyEpochs) }.keys
    guard !cuts.isEmpty else {
      return "\(place): at no cut throughout epochs \(span(early.upperBound))"
    }
    let last =
      epochs.prefix { epoch in cuts.allSatisfy { holding[$0]?.contains(epoch) ?? false } }
      .last ?? early.upperBound
    let vocabulary = evidence[0].cell[1]
    let ends = evidence.filter { cuts.contains(cut($0)) }
    let masses = [ends[0], ends[ends.count - 1]].prefix(cuts.count).map { $0.cell[2] }
    let stretches = Words.stretches(of: cuts, among: evidence.map(cut))
    return "\(place): for heads of \(stretches) of \(vocabulary) tokens"
      + " (tail mass \(masses.joined(separator: "–"))) at epochs \(span(last))"
  }

  private static func span(_ last: Int) -> String { "\(early.lowerBound)–\(last)" }
}

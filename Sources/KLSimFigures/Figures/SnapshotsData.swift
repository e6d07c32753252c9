// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// Teacher and students token by token at some epochs of one seed.
struct SnapshotsData {
  /// In the order of the rows.
  let objectives: [String]
  /// Ascending.
  let epochs: [Double]
  /// Whether tokens are shown in bins, on logarithmic scales.
  let isBinned: Bool
  /// Whether tokens stand by index or by rank.
  let order: FigureOptions.Order
  /// The indices or ranks of the tokens that the table has, ascending.
  let places: [Int]
  /// The teacher, by place.
  let teacher: [Double]
  /// The students: by epoch, by objective, by place.
  let students: [[[Double]]]
  let condition: KeySummary

  /// How many tokens are shown one by one; more are shown in bins.
  static let maximumTokens = 400

  /// Collects snapshots.
  ///
  /// - Parameters:
  ///   - table: the rows, of all tokens or of the same ones at all epochs.
  ///   - options: which epochs, which order.
  ///   - defaultCount: how many epochs are chosen if the options do not choose them.
  ///   - figure: the figure, for errors.
  /// - Throws: `InputError` for rows that are missing or contradict each other, `FigureError` for
  ///   rows of several conditions.
  init(
    _ table: Table, _ options: FigureOptions, defaultCount: Int, for figure: any Figure.Type
  ) throws {
    try table.require(["objective", "epoch", "token", "p", "q"], for: figure)
    var table = try table.choosing(options)
    let known = Set(try table.epochs()).sorted()
    epochs = options.epochs == nil ? Self.spread(known, maximum: defaultCount) : known
    table = try table.selecting(
      epochs.map { Table.Selection(column: "epoch", value: $0.description) })
    condition = try KeySummary(of: table, apartFrom: ["objective", "epoch", "token", "rank"])
    try condition.requireOne()
    objectives = try table.labels("objective").texts
    isBinned = try !Self.isSmallAndWhole(table)
    order = options.order ?? (isBinned && table.has("rank") ? .rank : .token)
    try table.require([order.rawValue], for: figure)
    (places, teacher, students) = try Self.distributions(
      table, objectives: objectives, epochs: epochs, order: order.rawValue)
    guard (teacher + students.joined().joined()).contains(where: \.isFinite) else {
      throw table.malformed("no finite number to show in p, q")
    }
  }

  /// Whether a vocabulary is small and none of its tokens is missing.
  private static func isSmallAndWhole(_ table: Table) throws -> Bool {
    let (tokens, p) = try (table.integers("token"), table.numbers("p"))
    var seen = Set<Int>()
    var mass = 0.0
    for (token, p) in zip(tokens, p) where seen.insert(token).inserted { mass += p }
    let isWhole = seen.max() == seen.count - 1 && !(abs(mass - 1) > 1e-6)
    return isWhole && seen.count <= maximumTokens
  }

  /// At most `maximum` epochs, about evenly spread on a logarithmic scale, with the first and the last.
  static func spread(_ epochs: [Double], maximum: Int) -> [Double] {
    guard epochs.count > maximum, maximum > 1 else { return epochs }
    // Greedy: the epoch that is closest to its neighbours, by ratio, is removed first.
    var kept = epochs
    while kept.count > maximum {
      let inner = kept.indices.dropFirst().dropLast()
      let closest = inner.min { ratio(kept, $0) < ratio(kept, $1) }
      kept.remove(at: closest ?? 1)
    }
    return kept
  }

  private static func ratio(_ epochs: [Double], _ index: Int) -> Double {
    (epochs[index + 1] + 1) / (epochs[index - 1] + 1)
  }

  private static func distributions(
    _ table: Table, objectives: [String], epochs: [Double], order: String
  ) throws -> (places: [Int], teacher: [Double], students: [[[Double]]]) {
    let objective = try table.labels("objective")
    let (epoch, place) = try (table.epochs(), table.integers(order))
    let (p, q) = try (table.numbers("p"), table.numbers("q"))
    guard place.allSatisfy({ $0 >= 0 }) else {
      throw table.malformed("\(order) is not 0, 1, … for every objective and epoch")
    }
    let places = Set(place).sorted()
    let indices = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
    let epochPlaces = Dictionary(uniqueKeysWithValues: zip(epochs, epochs.indices))
    var teacher = [Double?](repeating: nil, count: places.count)
    var students = epochs.map { _ in
      objectives.map { _ in [Double?](repeating: nil, count: places.count) }
    }
    for row in 0..<table.rowCount {
      guard let epochPlace = epochPlaces[epoch[row]], let index = indices[place[row]] else {
        continue
      }
      let code = Int(objective.codes[row])
      guard students[epochPlace][code][index] == nil else {
        throw table.malformed(
          row,
          "\(order) \(place[row]) comes twice for \(objectives[code]) at epoch \(RunLength.words(epoch: epoch[row]))"
        )
      }
      students[epochPlace][code][index] = q[row]
      let known = teacher[index] ?? p[row]
      guard known == p[row] || known.isNaN && p[row].isNaN else {
        throw table.malformed(
          row, "p of \(order) \(place[row]) is \(p[row]), and \(known) further up")
      }
      teacher[index] = p[row]
    }
    for (epochPlace, byObjective) in students.enumerated() {
      for (code, student) in byObjective.enumerated() {
        let count = student.count { $0 != nil }
        guard count == places.count else {
          throw table.malformed(
            "\(count) of \(places.count) tokens for \(objectives[code]) at epoch"
              + " \(RunLength.words(epoch: epochs[epochPlace])); is the file cut short?")
        }
      }
    }
    return (
      places, teacher.map { $0 ?? .nan }, students.map { $0.map { $0.map { $0 ?? .nan } } }
    )
  }

  /// Whether no token is more probable than the one before it, so that the tail is on the right.
  var isOrdered: Bool { zip(teacher, teacher.dropFirst()).allSatisfy { $0 >= $1 } }

  /// The first index of the tail: of the tokens after those that hold a share of the teacher's mass.
  func tailStart(after share: Double) -> Int {
    var mass = 0.0
    let index = teacher.firstIndex { probability in
      mass += probability
      return mass >= share
    }
    return min((index ?? 0) + 1, teacher.count - 1)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimFigures

@Suite struct SnapshotsDataTests {
  private let teacher = [0.5, 0.25, 0.125, 0.0625, 0.0625]

  private func data(
    _ table: Table, _ change: (inout FigureOptions) -> Void = { _ in }
  ) throws -> SnapshotsData {
    var options = FigureOptions()
    change(&options)
    return try SnapshotsData(table, options, defaultCount: 4, for: SnapshotsFigure.self)
  }

  @Test func distributionsAreThoseOfTheRows() throws {
    let data = try data(snapshots(teacher, epochs: [3, 1]))
    #expect(data.epochs == [1, 3])
    #expect(data.teacher == teacher)
    #expect(data.students[1][0] == teacher)
    #expect(data.students[1][1] == [Double](repeating: 0.2, count: 5))
  }

  @Test func tokensCanStandByRank() throws {
    let data = try data(snapshots(teacher, epochs: [1])) { $0.order = .rank }
    #expect(data.teacher == teacher.reversed())
    #expect(data.students[0][0] == teacher.reversed())
  }

  @Test func someTokensAreEnough() throws {
    let whole = snapshots([Double](repeating: 0.1, count: 10), epochs: [1, 2])
    let ranks = try whole.numbers("rank")
    let some = whole.rows((0..<whole.rowCount).filter { [0, 1, 9].contains(ranks[$0]) })
    let data = try data(some)
    #expect(data.order == .rank && data.places == [0, 1, 9] && data.isBinned)
    #expect(data.students[0][1] == [0.1, 0.1, 0.1])
    let all = try self.data(whole)
    #expect(all.order == .token && !all.isBinned)
    let cut = some.rows(Array(0..<(some.rowCount - 1)))
    #expect(throws: InputError.self) { try self.data(cut) }
  }

  @Test func binsHoldEveryTokenOnce() {
    for places in [Array(0..<5000), [0, 1, 2, 5, 10, 100, 99_999], [7]] {
      let bins = BinnedPanel.bins(places, count: 40)
      #expect(bins.count <= 40)
      #expect(bins.flatMap { Array($0.tokens) } == Array(places.indices))
      for bin in bins {
        let (first, last) = (places[bin.tokens.lowerBound], places[bin.tokens.upperBound - 1])
        #expect(Double(first + 1) <= bin.centre + 1e-9 && bin.centre <= Double(last + 1) + 1e-9)
      }
    }
    // Every rank by itself at the head.
    #expect(
      BinnedPanel.bins(Array(0..<5000), count: 40).prefix(4).map(\.tokens.count) == [1, 1, 1, 1])
  }

  @Test func theTailIsWhatIsLeftOfTheMass() throws {
    let data = try data(snapshots(teacher, epochs: [1]))
    #expect(data.isOrdered)
    #expect(data.tailStart(after: 0.5) == 1)
    #expect(data.tailStart(after: 0.6) == 2)
    #expect(data.tailStart(after: 0.875) == 3)
    #expect(data.tailStart(after: 1) == 4)
    #expect(try !self.data(snapshots(teacher.reversed(), epochs: [1])).isOrdered)
  }

  @Test func epochsAreSpread() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<50 {
      let epochs = Set((0..<60).map { _ in Double(Int.random(in: 0...500, using: &random)) / 2 })
        .sorted()
      let most = Int.random(in: 2...70, using: &random)
      let spread = SnapshotsData.spread(epochs, maximum: most)
      #expect(spread.count == min(most, epochs.count))
      #expect(spread.first == epochs.first && spread.last == epochs.last)
      #expect(spread == spread.sorted() && Set(spread).isSubset(of: epochs))
    }
    // Even on a logarithmic scale.
    #expect(SnapshotsData.spread((0...255).map { Double($0) }, maximum: 3) == [0, 15, 255])
  }

  @Test func whatIsMissingOrContradictoryIsRefused() throws {
    let whole = snapshots(teacher, epochs: [1, 2])
    let cut = whole.rows(Array(0..<(whole.rowCount - 1)))
    #expect(throws: InputError.self) { try data(cut) }
    #expect(throws: InputError.self) { try data(whole.rows([0] + Array(0..<whole.rowCount))) }
    let missing = #expect(throws: InputError.self) { try data(whole) { $0.epochs = [1, 3] } }
    #expect(missing?.description.contains("no epoch 3; there is 1, 2") == true)
    #expect(throws: InputError.self) {
      try data(snapshots([.nan, .nan], epochs: [1]).rows([0, 1]))
    }
  }

  @Test func severalSeedsAreRefused() throws {
    let rows = [1, 2, 2]
    let table = Table(
      source: "seeds",
      columns: [
        "objective": .texts(["fkl", "fkl", "fkl"]), "seed": .numbers(rows.map(Double.init)),
        "epoch": .numbers([0, 0, 0]), "token": .numbers([0, 0, 1]), "p": .numbers([1, 0.5, 0.5]),
        "q": .numbers([1, 0.5, 0.5]),
      ])
    let error = #expect(throws: FigureError.self) { try data(table) }
    #expect(error?.remedy == .selectRows([.init(column: "seed", value: "1")]))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimFigures

@Suite struct DrawingTests {
  @Test func wrappedLinesFitAndKeepTheText() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<100 {
      let words = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        String(repeating: "x", count: Int.random(in: 1...30, using: &random))
      }
      let width = Int.random(in: 1...40, using: &random)
      let lines = Script.wrapped(words.joined(separator: " "), width: width)
      #expect(lines.allSatisfy { $0.count <= width && !$0.isEmpty })
      #expect(lines.joined().filter { $0 != " " } == words.joined())
    }
  }

  @Test(arguments: ["", " ", "   "])
  func anEmptyTextHasNoLines(text: String) {
    #expect(Script.wrapped(text, width: 10).isEmpty)
  }

  @Test func axesHoldTheirData() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<100 {
      let scale = Double.random(in: 1e-9...1e4, using: &random)
      let values = (0..<20).map { _ in
        scale * Double.random(in: Bool.random(using: &random) ? 0.9...1 : 1e-4...1, using: &random)
      }
      let axis = try #require(Axis(values + [.nan, .infinity]))
      #expect(values.allSatisfy { axis.low <= $0 && $0 <= axis.high })
      #expect(!axis.isLogarithmic || axis.low > 0)
    }
    #expect(Axis([.nan, .infinity]) == nil)
    #expect(try #require(Axis([0, 0])).high > 0)
  }

  /// However narrow or wide an axis is, it has at least three tics, on it and apart.
  @Test func axesHaveThreeTicsOrMore() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let low = Double.random(in: 1e-6...1e3, using: &random)
      let high = low * (1 + pow(10, Double.random(in: -3...1.9, using: &random)))
      for isLogarithmic in [true, false] {
        let axis = Axis(low, high, isLogarithmic: isLogarithmic)
        for room in [3, 6, 14, 20] {
          let tics = axis.tics(room: room)
          #expect(tics.count >= 3 && tics.allSatisfy { low <= $0 && $0 <= high }, "\(low) \(high)")
          // Three may be closer on a logarithmic axis where there is little room.
          let gap = zip(tics, tics.dropFirst()).map { axis.share($1) - axis.share($0) }.min() ?? 0
          #expect(gap > (room >= 14 ? 1 / Double(room) - 1e-9 : 0), "\(axis) \(room)")
        }
      }
    }
  }

  @Test func ticsAreRoundNumbers() {
    #expect(Axis(0.92, 2.04, isLogarithmic: true).tics(room: 8) == [1, 1.2, 1.4, 1.6, 1.8, 2])
    #expect(Axis(0.018, 0.22, isLogarithmic: true).tics(room: 6) == [0.02, 0.05, 0.1, 0.2])
    #expect(Axis(0, 0.45).tics(room: 5) == [0, 0.1, 0.2, 0.3, 0.4])
  }

  /// The axis of close numbers is near them, that of others and of equal ones starts at 0.
  @Test func anAxisOfCloseNumbersDoesNotStartAtZero() throws {
    let close = try #require(Axis([1.1, 1.7]))
    #expect(abs(close.low - 1.07) < 1e-12 && abs(close.high - 1.73) < 1e-12)
    for values in [[0.8, 1.7], [1, 1 + 1e-9], [1, 1]] {
      #expect(try #require(Axis(values)).low == 0)
    }
    #expect(try #require(Axis([-1.0, 1])).low < -1)
  }

  @Test(arguments: [[1, 2, 3, 4], [0, 10, 100, 1000], [1, 10, 100, 1000], [0.5, 0.9, 0.99]])
  func cellsTouchAndHoldTheirNumbers(centres: [Double]) {
    let edges = CellAxis(centres).edges
    #expect(edges.count == centres.count)
    for (centre, edge) in zip(centres, edges) { #expect(edge.low < centre && centre < edge.high) }
    for (left, right) in zip(edges, edges.dropFirst()) { #expect(left.high == right.low) }
  }

  @Test func anAxisIsTurnedAroundByItself() throws {
    for axis in [Axis(-1, 4), Axis(1e-6, 20, isLogarithmic: true)] {
      #expect(axis.share(axis.low) == 0 && axis.share(axis.high) == 1)
      for share in [0, 0.25, 0.7, 1] {
        #expect(abs(axis.share(axis.number(at: share)) - share) < 1e-12)
      }
    }
    #expect(Axis([0.0, -1], scale: .log) == nil)
    #expect(try #require(Axis([0.0, 2, 3], scale: .log)).isLogarithmic)
    #expect(!(try #require(Axis([1e-6, 3], scale: .linear)).isLogarithmic))
  }

  @Test func labelsAtTheEndsOfLinesAreApart() throws {
    func apart(_ shares: [Double]) -> [LinePanels.EndLabel]? {
      LinePanels.apart(
        shares.enumerated().map { .init(entry: $0, share: $1) }, line: 0.1)
    }
    #expect(apart([0.2, 0.5])?.map(\.share) == [0.2, 0.5])
    let close = try #require(apart([0.5, 0.52, 0.9]))
    #expect(close.map(\.entry) == [0, 1, 2])
    #expect(abs(close[0].share - 0.46) < 1e-12 && abs(close[1].share - 0.56) < 1e-12)
    #expect(apart([0.5, 0.5, 0.5, 0.5]) == nil)
    var random = SplitMix64(seed: 6)
    for _ in 0..<200 {
      let shares = (0..<Int.random(in: 1...9, using: &random)).map { _ in
        Double.random(in: 0...1, using: &random)
      }
      guard let labels = apart(shares) else { continue }
      for (below, above) in zip(labels, labels.dropFirst()) {
        #expect(above.share - below.share > 0.1 - 1e-9)
      }
      for label in labels { #expect(abs(label.share - shares[label.entry]) <= 0.1) }
    }
  }

  /// Each cell shows one of its lines, and each line gets its share of the cells that all have.
  @Test func linesInATerminalTakeTurns() {
    func cells(_ columns: Range<Int>, row: Int = 0) -> Set<CharacterGrid.Cell> {
      Set(columns.map { CharacterGrid.Cell(column: $0, row: row) })
    }
    let lines = [cells(0..<60), cells(0..<60), cells(0..<60), cells(0..<9, row: 2), []]
    let seen = CharacterGrid.seen(lines)
    #expect(seen.map(\.count) == [20, 20, 20, 9, 0])
    #expect(Set(seen.joined()) == Set(lines.joined()))
    for (line, cells) in zip(lines, seen) { #expect(line.isSuperset(of: cells)) }
    #expect(seen[0].map(\.column) == Array(stride(from: 0, to: 60, by: 3)))
  }

  @Test func aLineInATerminalHasNoGaps() throws {
    let canvas = Canvas(columns: 80, rows: 40, isColoured: false)
    let grid = CharacterGrid(
      CharacterGrid.aligned(
        Rectangle(left: 0.1, right: 0.9, bottom: 0.1, top: 0.9), on: canvas), on: canvas)
    #expect(grid.columns == 64 && grid.rows == 32)
    let corners = [[0, 0], [1, 1], [2, 0.25], [3, .nan], [4, 1], [4, 0], [9, 9]]
    let cells = grid.cells(corners, Axis(0, 4), Axis(0, 1))
    let columns = Set(cells.map(\.column))
    #expect(columns == Set(0...32).union([64]))
    #expect(Set(cells.filter { $0.column == 64 }.map(\.row)) == Set(0...32))
    #expect(cells.allSatisfy { (0...64).contains($0.column) && (0...32).contains($0.row) })
  }

  /// What is nowhere finite is not said to be equal.
  @Test func divergedLinesDoNotCountAsEqual() throws {
    func key(_ values: [Double]) throws -> [String] {
      let records = ["fkl", "rkl"].flatMap { objective in
        values.enumerated().map {
          Record(objective: objective, epoch: Double($0), value: $1)
        }
      }
      return try CurvesFigure(table(records), .init()).panels.entries.map(\.text)
    }
    #expect(try key([1, 0.5, 0.2]) == ["fkl", "rkl (equals fkl)"])
    #expect(
      try key([1, .nan, .infinity])
        == ["fkl (not finite from epoch 1)", "rkl (not finite from epoch 1)"])
    #expect(
      try key([1, 0.5, .nan])
        == ["fkl (not finite at epoch 2)", "rkl (equals fkl) (not finite at epoch 2)"])
    #expect(
      try key([1, .nan, 0.5, 0.2, .nan])[0] == "fkl (in part not finite from epoch 1)")
  }

  /// Lines that differ by rounding are equal, in whatever panel; others and empty ones are not.
  @Test func equalLinesAreFound() {
    let line = [[[0, 1], [1, 0.5]], [[0, 2.0]]]
    let near = [[[0, 1], [1, 0.5 + 1e-13]], [[0, 2.0]]]
    let far = [[[0, 1], [1, 0.5]], [[0, 2.1]]]
    let short = [[[0.0, 1]], [[0, 2.0]]]
    #expect(
      LinePanels.equals([line, far, near, line, short, [[], []], [[], []]])
        == [nil, nil, 0, 0, nil, nil, nil])
  }

  /// Of a path in steps of a thousandth of a pixel those of a pixel or more are left, and its ends.
  @Test func pathsAreThinnedBelowAPixelOnly() {
    let (x, y) = (Axis(0, 1), Axis(1e-6, 1, isLogarithmic: true))
    let coarse = (0...100).map { [Double($0) / 100, 0.5] }
    #expect(ParetoFigure.thinned(coarse, x, y) == coarse)
    let fine = (0...100_000).map { [Double($0) / 100_000, 0.5] }
    let thinned = ParetoFigure.thinned(fine, x, y)
    #expect((900...1002).contains(thinned.count))
    #expect(thinned.first == fine.first && thinned.last == fine.last)
    for (left, right) in zip(thinned, thinned.dropFirst()) { #expect(right[0] - left[0] < 1.1e-3) }
  }

  /// Specifications are broken between settings, and conditions between each other.
  @Test func textsAreBrokenWhereTheyCanBeRead() {
    #expect(
      Script.wrapped("minillm:form=code:gamma=0.9", width: 20) == [
        "minillm:form=code:", "gamma=0.9",
      ])
    #expect(
      Script.wrappedAtCommas("teacher tabular, student markov, against seq-rkl", width: 33)
        == ["teacher tabular, student markov,", "against seq-rkl"])
    #expect(
      Script.wrappedAtCommas("teacher tabular, student markov", width: 26)
        == ["teacher tabular,", "student markov"])
  }

  /// No setting of a long specification is left out in the key.
  @Test func theKeyHasWholeSpecifications() throws {
    let rows = [(Sample.longSignal, 0.5), ("seqkd", 0.2)].map { Estimate(signal: $0, bias: $1) }
    let figure = try ErrorBySamplesFigure(table(rows), .init())
    let script = try Script(figure, on: Canvas(for: figure, .svg)).text
    let key = script.split(separator: "\n").filter { $0.contains("keyentry") }
    #expect(key.count == 3)
    #expect(key[1].contains("nodraw"))
    let texts = key.compactMap { $0.split(separator: "title '").last?.split(separator: "'").first }
    #expect(texts.prefix(2).joined() == Sample.longSignal)
  }

  @Test func cutTextsFitAndKeepTheirEnds() {
    #expect(Script.cut("abcdefghij", width: 10) == "abcdefghij")
    #expect(Script.cut("abcdefghij", width: 6) == "abc…ij")
  }

  /// Snapshots of the smallest vocabularies are drawn like any others.
  @Test(arguments: 1...12)
  func vocabulariesOfFewTokensAreDrawn(size: Int) throws {
    let teacher = [Double](repeating: 1 / Double(size), count: size)
    let figure = try SnapshotsFigure(snapshots(teacher, epochs: [0, 1]), .init())
    for format in [Canvas.Format.svg, .text] {
      #expect(try !Script(figure, on: Canvas(for: figure, format)).text.isEmpty)
    }
  }

  @Test func aPDFLosesItsDate() {
    let dated = Array("%PDF /CreationDate (D:20260102030405Z) rest".utf8)
    let undated = Gnuplot.undated(dated)
    #expect(
      String(decoding: undated, as: UTF8.self) == "%PDF /CreationDate (D:19700101000000Z) rest")
    #expect(Gnuplot.undated(Array("%PDF".utf8)) == Array("%PDF".utf8))
  }

  @Test(arguments: [("\u{C} a  \n\n b \n  \n\n", " a\n\n b\n"), ("a", "a\n"), (" \n", "")])
  func aTextLosesItsMargin(text: String, expected: String) {
    #expect(String(decoding: Gnuplot.trimmed(Array(text.utf8)), as: UTF8.self) == expected)
  }
}

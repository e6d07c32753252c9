// SPDX-License-Identifier: GPL-3.0-or-later

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
      #expect(!Script(figure, on: Canvas(for: figure, format)).text.isEmpty)
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

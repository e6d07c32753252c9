// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimFigures

/// Figures of sequences and of the gradients of signals, by worked values.
@Suite struct SequenceFigureTests {
  private func isClose(_ value: Double, _ expected: Double) -> Bool {
    abs(value - expected) <= 1e-12 * max(1, abs(expected))
  }

  /// A standard deviation of 3, and a bias of 0.5 in the second signal.
  private let pair = [
    Estimate(signal: "policy-gradient", bias: 1e-17, variance: 9),
    Estimate(signal: "seqkd", bias: 0.5, variance: 4),
  ]

  @Test func barsAreBiasAndDeviation() throws {
    let figure = try EstimatorsFigure(table(pair), .init())
    #expect(figure.panels.panels.count == 1)
    let panel = figure.panels.panels[0]
    let heights = panel.series.map { $0.rows.map { $0[1] } }
    #expect(heights == [[0, 3], [0.5, 2]])
    // Two groups around 0 and 1, in the order of the key.
    let places = panel.series.map { $0.rows.map { $0[0] } }
    #expect(places[0][0] < 0 && places[1][0] > 0 && places[0][1] < 1 && places[1][1] > 1)
    #expect(isClose(places[0][1] - places[0][0], 1))
    // Lengths are compared from 0 on.
    #expect(panel.style == .bars(width: 0.34))
    #expect(panel.y?.low == 0 && panel.y?.isLogarithmic == false)
    let rule = try #require(panel.rule)
    #expect(rule.y == 1)
    #expect(
      figure.panels.entries.map(\.text) == ["policy-gradient (no bias seen)", "seqkd"])
  }

  /// A logarithmic axis has no 0 from which bars could start: points, and a place for what is 0.
  @Test(arguments: [1e4, 9]) func pointsStandOnALogarithmicAxis(variance: Double) throws {
    var options = FigureOptions()
    if variance == 9 { options.scale = .log }
    let rows = [pair[0], Estimate(signal: "seqkd", bias: 0.5, variance: variance)]
    let figure = try EstimatorsFigure(table(rows), options)
    let panel = figure.panels.panels[0]
    let y = try #require(panel.y)
    #expect(panel.style == .points)
    #expect(y.isLogarithmic && y.showsZero && y.low > 0 && y.low < 0.5 / 1.2)
    #expect(panel.series[0].rows[0][1] == 0)
    #expect(panel.rows(0, y)[0][1] == y.low)
    #expect(panel.rows(1, y)[0][1] == 0.5)
    #expect(figure.panels.fullTitle(nil).contains("points: bias"))
  }

  /// Whoever sees the picture knows the world, the student, the samples and what is drawn.
  @Test func theTitleSaysWhatIsShown() throws {
    let seeds = (1...3).map { Estimate(seed: $0, bias: 0.5, standardError: 0.021) }
    #expect(
      try EstimatorsFigure(table(seeds), .init()).panels.fullTitle(nil)
        == "teacher tabular · student markov · 100 samples a step · epoch 0 · against seq-rkl"
        + " · 3 seeds: median and 5–95 % error bars · bars: bias ‖E g − ∇L‖ of a step's gradient g,"
        + " and sample sd, the standard deviation of one sample's gradient"
        + " · sampled expectations: standard error of a bias at most 0.03")
    #expect(
      try ErrorBySamplesFigure(table(pair), .init()).panels.fullTitle(nil)
        == "teacher tabular · student markov · epoch 0 · against seq-rkl · one seed"
        + " · circle: variance = bias² · exact expectations")
    var options = FigureOptions()
    options.title = "mine"
    #expect(try EstimatorsFigure(table(seeds), options).panels.fullTitle(nil) == "mine")
  }

  /// Where samples depend on each other there is no deviation of one.
  @Test func aMissingDeviationIsSaid() throws {
    let rows = [pair[1], Estimate(signal: "minillm", bias: 0.5, variance: .nan)]
    let figure = try EstimatorsFigure(table(rows), .init())
    #expect(figure.panels.panels[0].series.map { $0.rows.map { $0[1] } } == [[0.5, 2], [0.5]])
    #expect(
      figure.panels.entries.map(\.text)
        == ["seqkd", "minillm (samples are not independent: no sd)"])
  }

  /// What samples alone explain is no bias.
  @Test(arguments: [0.2, 0.25])
  func aBiasWithinTwoStandardErrorsIsNotSeen(standardError: Double) throws {
    let row = Estimate(bias: 0.4, standardError: standardError)
    let figure = try EstimatorsFigure(table([row]), .init())
    #expect(figure.panels.panels[0].series[0].rows[0][1] == 0)
    #expect(figure.panels.entries[0].detail == " (no bias seen)")
    let seen = try EstimatorsFigure(
      table([Estimate(bias: 0.4, standardError: 0.19)]), .init())
    #expect(seen.panels.panels[0].series[0].rows[0][1] == 0.4)
  }

  @Test func everyStudentIsAPanelOfBars() throws {
    let figure = try EstimatorsFigure(
      table(
        ["markov", "tabular"].flatMap { student in
          pair.map { row in
            var row = row
            (row.student, row.norm) = (student, student == "markov" ? 1 : 2)
            return row
          }
        }), .init())
    #expect(figure.panels.panels.map(\.title.text) == ["student markov", "student tabular"])
    #expect(figure.panels.panels.map { $0.rule?.y } == [1, 2])
  }

  @Test func everyExactLossIsAPanelOfErrors() throws {
    let rows = ["seq-rkl", "seq-fkl"].flatMap { against in
      pair.map { row in
        var row = row
        row.against = against
        return row
      }
    }
    let panels = try ErrorBySamplesFigure(table(rows), .init()).panels
    #expect(panels.panels.map(\.title.text) == ["against seq-rkl", "against seq-fkl"])
    #expect(panels.entries.map(\.label) == ["policy-gradient", "seqkd"])
  }

  /// bias² + variance / n, and the circle where both are equal.
  @Test func theErrorFallsToTheSquaredBias() throws {
    let figure = try ErrorBySamplesFigure(table(pair), .init())
    let panel = figure.panels.panels[0]
    for (series, row) in zip(panel.series, [(0.0, 9.0), (0.25, 4)]) {
      #expect(series.rows[0][0] == 1)
      #expect(series.rows.last?[0] == 10_000)
      for point in series.rows {
        #expect(isClose(point[1], row.0 + row.1 / point[0]), "\(point)")
      }
    }
    #expect(panel.marks.count == 1)
    let mark = try #require(panel.marks.first)
    #expect(mark.entry == 1)
    #expect(isClose(mark.x, 16) && isClose(mark.y, 0.5))
    #expect(panel.x.isLogarithmic && panel.y?.isLogarithmic == true)
  }

  /// The axis ends ten times beyond the circle, at a power of ten.
  @Test func theAxisHoldsTheCircle() throws {
    let figure = try ErrorBySamplesFigure(table([Estimate(bias: 0.001, variance: 0.3)]), .init())
    let panel = figure.panels.panels[0]
    #expect(isClose(try #require(panel.marks.first).x, 300_000))
    #expect(isClose(panel.x.high, 1e7))
  }

  @Test func severalNumbersOfSamplesAreShownAsTheyAre() throws {
    let rows = [10.0, 40, 1000].map { Estimate(samples: $0, bias: 0.1, variance: 2) }
    let panel = try ErrorBySamplesFigure(table(rows), .init()).panels.panels[0]
    #expect(panel.series[0].rows.map { $0[0] } == [10, 40, 1000])
    for (point, expected) in zip(panel.series[0].rows, [0.21, 0.06, 0.012]) {
      #expect(isClose(point[1], expected))
    }
    #expect(panel.marks.isEmpty)
  }

  /// Without the variance of one sample there is no formula: the recorded point alone.
  @Test func dependentSamplesAreShownWhereTheyWereRecorded() throws {
    let dependent = Estimate(
      signal: "minillm:form=code", samples: 100, bias: 0.5, variance: .nan, error: 0.3)
    let figure = try ErrorBySamplesFigure(table(pair + [dependent]), .init())
    let panel = figure.panels.panels[0]
    #expect(panel.series[2].rows.map { Array($0.prefix(2)) } == [[100, 0.3]])
    #expect(panel.series[0].rows.count > 1)
    #expect(panel.marks.map(\.entry) == [1])
    #expect(figure.panels.entries[2].text == "minillm:form=code (as recorded)")
  }

  @Test func studentsStandInTheOrderOfTheirBounds() throws {
    let scale = try StudentScale(["tabular", "markov:order=3", "markov", "markov:order=0"])
    #expect(scale.key == "order")
    #expect(scale.places == [3, 2, 1, 0])
    #expect(Set(scale.families) == ["markov:order=…"])
    #expect(scale.tics.map(\.text) == ["0", "1", "3", "tabular"])
    let ranks = try StudentScale(["low-rank:rank=2", "low-rank", "low-rank:order=2:rank=2"])
    #expect(ranks.key == "rank")
    #expect(ranks.places == [0, 1, 0])
    #expect(
      ranks.families == ["low-rank:rank=…", "low-rank:rank=…", "low-rank:order=2:rank=…"])
  }

  @Test func studentsOfOneOrderOrOfTwoKindsAreRefused() {
    #expect {
      try StudentScale(["markov"])
    } throws: {
      ($0 as? FigureError)?.remedy
        == .recordStudents(["markov:order=0", "markov:order=1", "markov:order=2"])
    }
    #expect(throws: FigureError.self) { try StudentScale(["tabular"]) }
    #expect {
      try StudentScale(["markov", "low-rank", "low-rank:rank=2"])
    } throws: {
      ($0 as? FigureError)?.remedy == .selectRows([.init(column: "student", value: "markov")])
    }
  }

  /// Medians of the last epoch, by the order of the student; heads do not count twice.
  @Test func capacityShowsTheLastEpoch() throws {
    let rows = ["markov:order=0", "markov", "tabular"].enumerated().flatMap { order, student in
      ["mass=0.5", "count=2"].flatMap { head in
        (1...3).flatMap { seed in
          [0.0, 20].map { epoch in
            SequenceRow(
              student: student, seed: seed, head: head, epoch: epoch,
              value: epoch == 0 ? 9 : Double(order + seed))
          }
        }
      }
    }
    let figure = try CapacityFigure(table(rows), .init())
    #expect(
      figure.panels.panels.map(\.title.text)
        == ["void mass", "entropy", "sequence KL(p‖q)", "sequence KL(q‖p)"])
    for panel in figure.panels.panels {
      #expect(panel.series.count == 1)
      #expect(panel.series[0].rows.map { [$0[0], $0[1]] } == [[0, 2], [1, 3], [2, 4]])
      #expect(panel.style == .linesWithErrorBars)
    }
    #expect(
      figure.panels.fullTitle(nil)
        == "teacher markov · student markov:order=… · 100 samples a step · adam · epoch 20"
        + " · 3 seeds: median and 5–95 % error bars")
  }

  /// A row of panels for each teacher, with one axis a measure; signals stand side by side.
  @Test func everyTeacherIsARowOfCapacities() throws {
    let rows = ["markov", "tabular"].flatMap { teacher in
      ["markov:order=0", "markov"].flatMap { student in
        ["seq-fkl", "seq-rkl"].map { signal in
          SequenceRow(
            teacher: teacher, student: student, signal: signal,
            value: teacher == "markov" ? 1 : 3)
        }
      }
    }
    let panels = try CapacityFigure(table(rows), .init()).panels.panels
    #expect(
      panels.map(\.condition)
        == ["markov", "tabular"].flatMap { Array(repeating: "teacher \($0)", count: 4) })
    #expect(panels[0].title == panels[4].title && panels[0].y == panels[4].y)
    let places = panels[0].series.map { $0.rows[0][0] }
    #expect(places[0] < 0 && places[1] > 0 && isClose(places[0], -places[1]))
  }

  /// Zeros stand at the foot of a logarithmic axis.
  @Test func aVoidMassOfZeroIsShown() throws {
    let masses = [0.1, 1e-5, 0]
    let rows = masses.enumerated().map {
      SequenceRow(student: "markov:order=\($0)", value: $1)
    }
    let panels = try CapacityFigure(table(rows), .init()).panels.panels
    let y = try #require(panels[0].y)
    #expect(y.isLogarithmic && y.showsZero)
    #expect(panels[0].rows(0, y).map { $0[1] } == [0.1, 1e-5, y.low])
    #expect(panels[1].y?.showsZero == false)
    let script = y.commands("y", on: Canvas(columns: 80, rows: 40, isColoured: false), room: 9)
    #expect(script.contains("set ytics add ('0' \(y.low))"))
  }

  @Test func curvesOfSequencesAreTheirOwnMeasures() throws {
    let rows = [0.0, 1].flatMap { epoch in
      ["seq-fkl", "seq-rkl"].map { SequenceRow(signal: $0, epoch: epoch, value: 2 - epoch) }
    }
    let titles = { (figure: CurvesFigure) in figure.panels.panels.map(\.title.text) }
    #expect(
      try titles(CurvesFigure(table(rows), .init()))
        == ["head error", "tail error", "sequence KL(p‖q)", "sequence KL(q‖p)", "void mass"])
    var options = FigureOptions()
    options.error = .total
    let total = try CurvesFigure(table(rows), options)
    #expect(titles(total) == ["total error"])
    #expect(total.panels.panels[0].series[0].rows.map { $0[1] } == [4, 2])
    options.error = nil
    // Signals play the part of objectives.
    for facet in ["objective", "signal"] {
      options.facet = facet
      #expect(try titles(CurvesFigure(table(rows), options)) == ["seq-fkl", "seq-rkl"])
    }
    options.facet = nil
    options.objectives = ["seq-rkl"]
    #expect(try CurvesFigure(table(rows), options).panels.entries.map(\.label) == ["seq-rkl"])
  }

  /// A figure that does not suit a table says which ones do.
  @Test func tablesOfOtherKindsAreRefused() {
    func message(_ body: () throws -> some Any) -> String {
      do { _ = try body() } catch { return "\(error)" }
      return ""
    }
    let (sequences, estimates) = (table([SequenceRow()]), table(pair))
    let ofSequences =
      "records of sequences, which are shown by curves, rates, pareto, capacity, not by"
    #expect(message { try PhaseFigure(sequences, .init()) }.hasSuffix("\(ofSequences) phase"))
    #expect(message { try SurvivalFigure(sequences, .init()) }.hasSuffix("\(ofSequences) survival"))
    #expect(
      message { try EstimatorsFigure(sequences, .init()) }.hasSuffix("\(ofSequences) estimators"))
    let ofEstimates = "estimates of gradients, which are shown by estimators, mse, not by"
    #expect(message { try CurvesFigure(estimates, .init()) }.hasSuffix("\(ofEstimates) curves"))
    #expect(message { try CapacityFigure(estimates, .init()) }.hasSuffix("\(ofEstimates) capacity"))
    #expect(
      message { try CapacityFigure(table([Record()]), .init()) }.hasSuffix(
        "records, which are shown by curves, rates, pareto, phase, survival, not by capacity"))
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import KLSimTestSupport
import Testing

@testable import KLSimFigures

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Whether gnuplot is installed; in CI it must be.
let canDraw: Bool = {
  let environment = ProcessInfo.processInfo.environment
  let folders = environment["PATH"]?.split(separator: ":") ?? []
  return environment["CI"] != nil
    || folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot") }
}()

/// What gnuplot makes of the figures.
@Suite(.enabled(if: canDraw, "gnuplot is not installed")) struct PictureTests {
  static let combinations = Sample.allCases.flatMap { sample in
    (sample == .animation ? [.gif] : [Canvas.Format.svg, .png, .pdf]).map { (sample, $0) }
  }

  private func picture(_ figure: any Figure, _ format: Canvas.Format) async throws -> [UInt8] {
    try await Gnuplot().picture(of: figure, on: Canvas(for: figure, format))
  }

  @Test(arguments: combinations)
  func everyFigureIsAFileOfItsFormat(sample: Sample, format: Canvas.Format) async throws {
    let bytes = try await picture(sample.figure(), format)
    #expect(bytes.count > 2000)
    switch format {
    case .svg:
      let parser = XMLParser(data: Data(bytes))
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      #expect(String(decoding: bytes, as: UTF8.self).contains("<svg"))
    case .png: #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    case .pdf:
      #expect(bytes.starts(with: Array("%PDF-".utf8)))
      #expect(String(decoding: bytes.suffix(8), as: UTF8.self).contains("%%EOF"))
    case .gif:
      #expect(bytes.starts(with: Array("GIF89a".utf8)))
      #expect(bytes.last == UInt8(ascii: ";"))
    case .text: Issue.record("not a file")
    }
  }

  @Test(arguments: combinations)
  func theSameFigureIsTheSameBytes(sample: Sample, format: Canvas.Format) async throws {
    let first = try await picture(sample.figure(), format)
    let second = try await picture(sample.figure(), format)
    // From version 1.18 on cairo hides the date of a PDF in a compressed stream.
    if format == .pdf, !first.contains(Array("/CreationDate".utf8)) { return }
    #expect(first == second)
  }

  @Test(arguments: Sample.allCases.filter { $0 != .animation }, [true, false])
  func inATerminalItIsText(sample: Sample, isColoured: Bool) async throws {
    let canvas = Canvas(columns: 100, rows: 60, isColoured: isColoured)
    let bytes = try await Gnuplot().picture(of: sample.figure(), on: canvas)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("fkl"))
    #expect(text.contains("\u{1B}") == isColoured)
    if !isColoured {
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    }
  }

  /// A figure, and the number of objectives, of conditions and of tokens in it.
  struct Crowd: CustomTestStringConvertible {
    let sample: Sample
    let objectives: Int
    let conditions: Int
    let size: Int
    var testDescription: String { "\(sample), \(objectives) × \(conditions), \(size)" }
  }

  static var crowds: [Crowd] {
    Sample.allCases.flatMap { sample -> [Crowd] in
      // Phase compares two objectives; snapshots are of one condition, and of any vocabulary.
      let objectives = sample == .phase ? [2] : [1, 2, 8, 20]
      let isOfTokens = [.snapshots, .animation].contains(sample)
      let conditions = sample == .phase || isOfTokens ? [] : [2, 8, 20]
      return (isOfTokens ? [80, 151_936] : [40]).flatMap { size in
        objectives.map { Crowd(sample: sample, objectives: $0, conditions: 1, size: size) }
      } + conditions.map { Crowd(sample: sample, objectives: 2, conditions: $0, size: 40) }
    }
  }

  /// However many objectives, conditions and tokens there are, texts do not overlap, and none is cut off,
  /// in the default size and in the least one.
  @Test(arguments: crowds)
  func textsDoNotOverlap(crowd: Crowd) async throws {
    try await expectTextsApart(
      crowd.sample.figure(
        objectives: crowd.objectives, conditions: crowd.conditions, size: crowd.size))
  }

  /// Long specifications are broken, those of panels and of the key.
  @Test func longNamesDoNotOverlap() async throws {
    let signals = [Sample.longSignal, "seqkd", "policy-gradient"]
    let students = ["markov:order=3", "low-rank:order=2:rank=2", "tabular", "markov", "low-rank"]
    let estimates = signals.flatMap { signal in
      students.flatMap { student in
        ["seq-rkl", "gkd:lambda=0.25:objective=rkl"].map {
          Estimate(student: student, signal: signal, bias: 0.3, against: $0)
        }
      }
    }
    try await expectTextsApart(EstimatorsFigure(table(estimates), .init()))
    try await expectTextsApart(ErrorBySamplesFigure(table(estimates), .init()))
    let alone = estimates.filter { $0.student == "markov" && $0.against == "seq-rkl" }
    try await expectTextsApart(ErrorBySamplesFigure(table(alone), .init()))
    for count in [1, 2, 5] {
      let rows = signals.flatMap { signal in
        students.prefix(count).flatMap { student in
          [0.0, 1].map {
            SequenceRow(
              teacher: "markov:order=2:text=alice:unit=characters:length=32:eos=0",
              student: student,
              signal: signal, epoch: $0, value: 1 / (2 + $0))
          }
        }
      }
      try await expectTextsApart(CurvesFigure(table(rows), .init()))
    }
  }

  /// Looks at the default size and at the least one.
  private func expectTextsApart(_ figure: any Figure) async throws {
    var sizes = [figure.size]
    let tooSmall = Canvas(for: figure, .svg, size: (200, 200))
    do { _ = try Script(figure, on: tooSmall) } catch let error as FigureError {
      guard case .enlarge(let width, let height) = error.remedy else { throw error }
      sizes.append((width, height))
    }
    for size in sizes {
      let canvas = Canvas(for: figure, .svg, size: size)
      // An animation is a document a frame.
      let documents = try await Gnuplot().picture(of: figure, on: canvas)
      for document in String(decoding: documents, as: UTF8.self).components(
        separatedBy: "<?xml"
      ).dropFirst().prefix(3) {
        let texts = try SVGTexts(Array("<?xml\(document)".utf8)).boxes
        #expect(texts.count > 5)
        for (index, text) in texts.enumerated() {
          #expect(
            text.left > -4 && text.right < Double(size.width) + 4 && text.top > -4
              && text.bottom < Double(size.height) + 4, "\(text) of \(size)")
          for other in texts[..<index] where text.overlaps(other) {
            Issue.record("\(text) overlaps \(other) of \(size)")
          }
        }
      }
    }
  }

  @Test func largeVocabulariesAreSmallPictures() async throws {
    let figure = try Sample.snapshots.figure(objectives: 8, size: 3000)
    #expect(try await picture(figure, .svg).count < 1_000_000)
  }

  @Test(arguments: Sample.allCases.filter { $0 != .animation }, [2, 20])
  func inASmallTerminalEveryLineFits(sample: Sample, objectives: Int) async throws {
    let canvas = Canvas(columns: 80, rows: 24, isColoured: false)
    let bytes = try await Gnuplot().picture(of: sample.figure(objectives: objectives), on: canvas)
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).dropLast()
    #expect((12...24).contains(lines.count))
    #expect(lines.allSatisfy { $0.count <= 80 })
    // No stripe of blank lines.
    #expect(!zip(lines, lines.dropFirst()).contains { $0.isEmpty && $1.isEmpty })
  }

  /// Every character between the axes is that of a cell.
  @Test(arguments: [
    (80, 24), (80, 40), (60, 20), (81, 25), (97, 31), (120, 50), (43, 18), (200, 60),
  ])
  func phaseInATerminalHasNoGaps(width: Int, height: Int) async throws {
    let canvas = Canvas(columns: width, rows: height, isColoured: false)
    let bytes = try await Gnuplot().picture(of: Sample.phase.figure(), on: canvas)
    let lines = String(decoding: bytes, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    let rows = lines.indices.filter { lines[$0].contains("|") }
    let (first, last) = try (#require(rows.first), #require(rows.last))
    #expect(rows == Array(first...last))
    let inside = rows.map { lines[$0].drop { $0 != "|" }.dropFirst() }
    #expect(Set(inside.map(\.count)).count == 1)
    #expect(inside.allSatisfy { !$0.contains(" ") })
  }

  @Test func theSizeIsTheOneAskedFor() async throws {
    let figure = try Sample.survival.figure()
    let bytes = try await Gnuplot().picture(
      of: figure, on: Canvas(for: figure, .png, size: (700, 500)))
    // The header of a PNG holds width and height, high byte first: 0x2BC is 700, 0x1F4 is 500.
    #expect(bytes[16..<24].elementsEqual([0, 0, 0x02, 0xBC, 0, 0, 0x01, 0xF4]))
  }

  @Test(
    arguments: [
      "`touch harm`", "$(touch harm)", "it's \"quoted\"", "'x'", "''", "a_{b}^c@d&e~f",
      "100 % %d %s", "\\\\",
      "#c;exit", "line\nbreak\u{7}", "<svg>&amp;",
    ])
  func anyTitleIsShownAsItIs(title: String) async throws {
    var options = FigureOptions()
    options.title = title
    let records = table([Record(epoch: 0), Record(epoch: 1, value: 0.5)])
    let bytes = try await picture(CurvesFigure(records, options), .svg)
    let reader = TextReader()
    let parser = XMLParser(data: Data(bytes))
    parser.delegate = reader
    #expect(parser.parse())
    let expected = title.filter { $0 != " " && $0 != "\n" && $0 != "\u{7}" }
    #expect(reader.text.filter { $0 != " " && $0 != "\n" }.contains(expected))
    #expect(!FileManager.default.fileExists(atPath: "harm"))
  }

  @Test func aProgramThatIsMissingOrFailsIsAnError() async throws {
    let figure = try Sample.phase.figure()
    let canvas = Canvas(for: figure, .svg)
    for program in ["no-such-gnuplot", "/no/such/gnuplot"] {
      await #expect(throws: GnuplotError.missing(program: program)) {
        try await Gnuplot(program: program).picture(of: figure, on: canvas)
      }
    }
    for program in ["false", "true"] {
      await #expect(throws: GnuplotError.self) {
        try await Gnuplot(program: program).picture(of: figure, on: canvas)
      }
    }
  }
}

/// Collects the text of a document.
private final class TextReader: NSObject, XMLParserDelegate {
  var text = ""

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

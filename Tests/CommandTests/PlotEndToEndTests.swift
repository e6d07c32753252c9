// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

/// Figures of what runs have recorded.
@Suite struct PlotEndToEndTests {
  let klsim: CommandUnderTest

  init() async throws {
    klsim = try CommandUnderTest()
    let outcome = try await klsim(
      "--epochs 6 --seeds 3 --head count=8,count=37 --snapshots 0,2,6 --quiet"
        + " --snapshot-output q.csv --output r.csv")
    #expect(outcome.end == .exit(0))
  }

  @Test(
    .enabled(if: canDraw, "gnuplot is not installed"),
    arguments: [
      "r.csv --figure curves", "r.csv --figure curves --where head=count=8 --objectives rkl",
      "r.csv --figure curves --epochs 1..4 --scale linear --facet head --error tail",
      "r.csv --figure pareto --epochs 0,2,6",
      "r.csv --figure phase --error head --size 400x340",
      "r.csv --figure survival --threshold 0.4 --title 'x'",
      "q.csv --figure snapshots --epochs 0,6 --where seed=2 --order rank",
    ])
  func everyFigureIsDrawnInEveryForm(line: String) async throws {
    for ending in ["svg", "png", "PDF"] {
      let outcome = try await klsim("plot \(line) --output f.\(ending)")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
      #expect(outcome.output.isEmpty && outcome.errors.isEmpty, "\(outcome.errors)")
    }
    #expect(try klsim.folder.names() == ["f.PDF", "f.png", "f.svg", "q.csv", "r.csv"])
    let size = line.contains("--size") ? "" : " --size 90x40"
    let text = try await klsim("plot \(line.replacing(" --size 400x340", with: ""))\(size)")
    #expect(text.end == .exit(0) && text.errors.isEmpty, "\(text.errors)")
    #expect(text.output.contains("kl") && !text.output.contains("\u{1B}"))
  }

  @Test(.enabled(if: canDraw, "gnuplot is not installed"), arguments: ["log", "linear"])
  func ratesUpToTheLargestDoubleAreDrawn(scale: String) async throws {
    let runs = try await klsim(
      "--objective fkl,brier --optimizer sgd --lr 1e-300,0.1,1e308 --epochs 3 --output e.csv")
    #expect(runs.end == .exit(0))
    for option in ["", " --output f.svg"] {
      let outcome = try await klsim("plot e.csv --figure rates --scale \(scale)\(option)")
      #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    }
  }

  /// A point far outside of the axes, which stands alone.
  @Test(.enabled(if: canDraw, "gnuplot is not installed"))
  func aRateOfItsOwnMayBeTheLargestDouble() async throws {
    let line = "--teacher zipf:size=9 --objective fkl --epochs 2 --quiet"
    for options in ["--lr 0.1,0.2 --output a.csv", "--optimizer sgd --lr 1e308 --output b.csv"] {
      #expect(try await klsim("\(line) \(options)").end == .exit(0))
    }
    for option in ["", " --output f.svg", " --output f.png"] {
      let outcome = try await klsim("plot a.csv b.csv --figure rates\(option)")
      #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    }
  }

  /// Several files are one table, also where one lacks a column that klsim writes if need be.
  @Test(.enabled(if: canDraw, "gnuplot is not installed"))
  func severalFilesAreOneTable() async throws {
    for (name, options) in [
      ("a", "--objective fkl,rkl"), ("b", "--objective akl"),
      ("c", "--objective js --schedule linear"),
    ] {
      let outcome = try await klsim("\(options) --epochs 6 --seeds 3 --quiet --output \(name).csv")
      #expect(outcome.end == .exit(0), "\(outcome.errors)")
    }
    let outcome = try await klsim("plot a.csv b.csv --figure curves --output ab.svg")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let picture = try klsim.folder.text(of: "ab.svg")
    for name in ["fkl", "rkl", "akl"] { #expect(picture.contains(">\(name)<"), "\(name)") }
    #expect(try await klsim("plot a.csv c.csv --figure curves --output ac.svg").end == .exit(0))
    try await klsim.expectRefusal(
      Refusal("plot a.csv a.csv --figure curves", says: "several rows have the same"), code: 65)
    try await klsim.expectRefusal(
      Refusal("plot a.csv q.csv --figure curves", says: "q.csv", "no column"), code: 65)
  }

  /// What `run` writes of a large vocabulary can be drawn.
  @Test(
    .enabled(if: canDraw, "gnuplot is not installed"),
    arguments: ["all", "top=100", "log=40"])
  func snapshotsOfSomeTokensAreDrawn(tokens: String) async throws {
    let run = try await klsim(
      "--teacher zipf:size=3000 --epochs 5 --snapshots 0,1,5 --snapshot-tokens \(tokens) --quiet"
        + " --snapshot-output z.csv --output /dev/null")
    #expect(run.end == .exit(0), "\(run.errors)")
    for (figure, file) in [("snapshots", "z.svg"), ("animation", "z.gif")] {
      let outcome = try await klsim("plot z.csv --figure \(figure) --output \(file)")
      #expect(outcome.end == .exit(0) && outcome.errors.isEmpty, "\(outcome.errors)")
    }
    let picture = try klsim.folder.text(of: "z.svg")
    #expect(picture.utf8.count < 1_000_000 && picture.contains("rank, counted from 1"))
  }

  @Test(.enabled(if: canDraw, "gnuplot is not installed"))
  func anAnimationMoves() async throws {
    let outcome = try await klsim("plot q.csv --figure animation --where seed=1 --output f.gif")
    #expect(outcome.end == .exit(0), "\(outcome.errors)")
    let bytes = try Data(contentsOf: URL(filePath: klsim.folder("f.gif")))
    #expect(bytes.starts(with: Array("GIF89a".utf8)))
    // A graphic control extension before each frame: three epochs, the last of them held.
    let frames = bytes.indices.dropLast(3).count {
      bytes[$0] == 0x21 && bytes[$0 + 1] == 0xF9 && bytes[$0 + 2] == 0x04
    }
    #expect(frames > 3)
  }

  @Test(
    arguments: [
      Refusal("r.csv --figure pie", says: "unknown figure 'pie'", "known: curves", "animation"),
      Refusal("r.csv", says: "--figure"),
      Refusal("r.csv --figure curves --output f.gif", says: "f.gif", ".svg, .png, .pdf"),
      Refusal("r.csv --figure curves --output f", says: "--output f:", ".svg, .png, .pdf"),
      Refusal("r.csv --figure curves --output f.text", says: "f.text", ".svg"),
      Refusal("q.csv --figure animation", says: "not for a terminal", ".gif"),
      Refusal("q.csv --figure animation --output f.svg", says: "f.svg", ".gif"),
      Refusal("r.csv --figure curves --threshold 1", says: "--threshold means nothing", "'curves'"),
      Refusal("r.csv --figure curves --epochs 5..1", says: "--epochs 5..1", "0..20"),
      Refusal("r.csv --figure curves --facet x", says: "'x' cannot be split", "head"),
      Refusal("r.csv --figure curves --facet optimiser", says: "did you mean optimizer?"),
      Refusal("r.csv --figure curves --scale x", says: "--scale x", "log or linear"),
      Refusal(
        "r.csv --figure rates", says: "there is one only",
        "klsim --learning-rate 0.02,0.05,0.1,0.2"),
      Refusal("r.csv --figure curves --size 10", says: "--size 10", "WIDTHxHEIGHT"),
      Refusal("r.csv --figure curves --size 0x9 --output f.svg", says: "200 to 10000 pixels"),
      Refusal(
        "r.csv --figure curves --where head=count=8 --size 200x200 --output f.svg",
        says: "200x200 pixels are too few for 5 panels", "--size"),
      Refusal("r.csv --figure curves --where head", says: "--where head: column=value"),
      Refusal("r.csv --figure phase --error body", says: "--error body", "head or tail or total"),
      Refusal("r.csv --figure phase --error tails", says: "is needed; did you mean tail?"),
      Refusal("r.csv --figure phase --objectives fkl", says: "compares two objectives"),
      Refusal("r.csv --figure phase --objectives fkl,foo", says: "unknown objective 'foo'"),
      Refusal("r.csv --figure phase --objectives fkl,fkl", says: "fkl is given twice"),
      Refusal(
        "r.csv --figure phase --where head=count=8", says: "there is one only", "--head mass="),
      Refusal("r.csv --figure survival --threshold 0", says: "--threshold 0", "above 0"),
      Refusal("q.csv --figure snapshots", says: "differ in seed: 1, 2, 3", "--where 'seed=1'"),
      Refusal("q.csv --figure snapshots --epochs 1,x", says: "--epochs 1,x", "1,5,10"),
      Refusal("r.csv --figure curves --where teacher=x", says: "no row has teacher=x", "longtail"),
      Refusal("r.csv --figure curves --where x=1", says: "no column 'x'", "teacher, student"),
      Refusal("r.csv --figure curves --objectives akl", says: "objective=akl; there is fkl, rkl"),
    ])
  func badUsageIsRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(Refusal("plot \(refusal.line)", refusal.says), code: 64)
  }

  @Test(
    arguments: [
      Refusal("q.csv --figure curves", says: "q.csv", "snapshots, which are shown by snapshots"),
      Refusal("r.csv --figure snapshots", says: "r.csv", "columns token, p, q"),
      Refusal("r.csv --figure curves --epochs 2..7", says: "no epoch 7; the last one is 6"),
      Refusal("r.csv --figure curves --epochs 8..9", says: "no epoch from 8 to 9; there is 0, 1"),
      Refusal("q.csv --figure snapshots --epochs 1 --where seed=1", says: "no epoch 1"),
    ])
  func dataThatDoesNotFitIsRefused(refusal: Refusal) async throws {
    try await klsim.expectRefusal(Refusal("plot \(refusal.line)", refusal.says), code: 65)
  }

  @Test func filesThatAreBrokenAreRefused() async throws {
    let records = try klsim.folder.text(of: "r.csv")
    try klsim.folder.write("", to: "empty.csv")
    try klsim.folder.write(String(records.prefix(records.count - 30)), to: "cut.csv")
    try klsim.folder.write("\(records.split(separator: "\n")[0])\n", to: "header.csv")
    for (name, reason) in [
      ("empty.csv", "the file is empty"), ("header.csv", "no row below the header"),
      ("cut.csv", "line 85: "),
    ] {
      let line = "plot \(name) --figure curves --output f.svg"
      try await klsim.expectRefusal(Refusal(line, says: name, reason), code: 65)
    }
    try await klsim.expectRefusal(
      Refusal("plot no.csv --figure curves --output f.svg", says: "no.csv: no such file"), code: 66)
  }

  @Test func withoutGnuplotNothingIsWritten() async throws {
    try klsim.folder.write("before", to: "f.svg")
    let before = try klsim.folder.names()
    for (program, status, message) in [
      ("no-gnuplot", 69, "apt install gnuplot-nox"), ("false", 70, "gnuplot failed"),
    ] {
      let outcome = try await klsim.shell(
        "KLSIM_GNUPLOT=\(program) \"$klsim\" plot r.csv --figure curves --output f.svg")
      #expect(outcome.end == .exit(Int32(status)))
      #expect(outcome.errors.contains(message))
    }
    #expect(try klsim.folder.text(of: "f.svg") == "before")
    #expect(try klsim.folder.names() == before)
    let elsewhere = try await klsim("plot r.csv --figure curves --output no/f.svg")
    #expect(elsewhere.end == .exit(73), "\(elsewhere.errors)")
  }
}

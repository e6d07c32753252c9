// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Teachers of which some tokens are listed, and teachers in other scales than probabilities.
@Suite struct ListedTokensTests {
  /// Lists as if they were in a file.
  struct Lists: NumberReader {
    let lists: TokenLists
    var rows: [[Double]] = []
    var rounding = 0.0

    func numbers(_ source: NumberSource) -> [Double] { rows[0] }
    func lists(_ source: NumberSource) -> TokenLists { lists }
    func contexts(_ source: NumberSource) -> NumberRows {
      NumberRows(count: rows.count, width: rows[0].count, name: lists.name, rounding: rounding) {
        [rows] in
        rows[$0]
      }
    }
  }

  static let mass = [0.5, 0.2, 0.1]

  /// p by token of the tokens 4, 0 and 2 with these masses.
  private func p(
    _ specification: String, name: String = "logprob", values: [Double] = mass.map { log($0) }
  ) throws -> [Double] {
    let list = TokenLists.List(tokens: [4, 0, 2], values: values)
    let teacher = try Catalog.teacher(
      "file:path=t:\(specification)", reader: Lists(lists: TokenLists(lists: [list], name: name)))
    let distribution = try teacher.distribution(seed: 1)
    return distribution.byToken(distribution.probabilities)
  }

  private func expect(_ p: [Double], _ expected: [Double]) {
    #expect(p.count == expected.count)
    #expect(worstGap(p, expected) <= 1e-15, "\(p)")
  }

  @Test(arguments: [true, false])
  func theRestGoesWhereItIsTold(isLogarithmic: Bool) throws {
    func p(_ specification: String) throws -> [Double] {
      try isLogarithmic
        ? self.p(specification) : self.p(specification, name: "p", values: Self.mass)
    }
    try expect(p("tail=drop"), [0.25, 0, 0.125, 0, 0.625])
    try expect(p("tail=drop:vocabulary=6"), [0.25, 0, 0.125, 0, 0.625, 0])
    try expect(p("tail=bucket"), [0.2, 0, 0.1, 0, 0.5, 0.2])
    try expect(p("tail=bucket:vocabulary=6"), [0.2, 0, 0.1, 0, 0.5, 0, 0.2])
    try expect(p("tail=uniform:vocabulary=6"), [0.2, 0.2 / 3, 0.1, 0.2 / 3, 0.5, 0.2 / 3])
  }

  @Test func otherNumbersAreDroppedAlike() throws {
    try expect(
      p("tail=drop:values=counts", name: "n", values: [5, 2, 1]), [0.25, 0, 0.125, 0, 0.625])
    try expect(
      p("tail=drop:values=logits", name: "z", values: Self.mass.map { 7 + log($0) }),
      [0.25, 0, 0.125, 0, 0.625])
  }

  /// A list of all tokens leaves nothing, up to rounding.
  @Test func nothingIsLeft() throws {
    try expect(
      p("tail=bucket", name: "p", values: [0.5, 0.25, 0.25 + 1e-9]).map {
        ($0 * 1e6).rounded() / 1e6
      },
      [0.25, 0, 0.25, 0, 0.5, 0])
  }

  @Test(arguments: [
    ("tail=uniform", "vocabulary=…"), ("vocabulary=9", "say tail=… too"),
    ("tail=bucket:values=counts", "counts do not tell"),
    ("tail=uniform:vocabulary=9:values=logits", "logits do not tell"),
    ("tail=some", "tail=some"), ("array=a:tensor=b:tail=drop", "array=… and tensor=… both name"),
  ])
  func whatDoesNotGoTogetherIsRefused(specification: String, reason: String) throws {
    let error = #expect(throws: SpecificationError.self) { try p(specification) }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test(
    arguments: [
      ("tail=bucket", "p", [0.5, 0.5, 0.5], "sum to 1.5, more than 1"),
      (
        "tail=uniform:vocabulary=4", "p", mass, "token 4 is listed, and a vocabulary of 4 ends at 3"
      ),
      (
        "tail=drop", "p", [0.5, -0.5, 1], "token 0 has -0.5, which is below 0 and so no probability"
      ),
      ("tail=drop", "logprob", [-1, .nan, -1], "token 0 has nan"),
      ("tail=bucket", "p", [0.5, .nan, 0.1], "token 0 has nan"),
    ] as [(String, String, [Double], String)])
  func numbersThatCannotBeAreRefused(
    specification: String, name: String, values: [Double], reason: String
  ) throws {
    let error = #expect(throws: TeacherError.self) {
      try p(specification, name: name, values: values)
    }
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  /// A column that is called so holds logarithms of probabilities, which must sum to 1.
  @Test func namesTellTheScale() throws {
    func p(_ specification: String, _ row: [Double], name: String) throws -> [Double] {
      let reader = Lists(lists: TokenLists(lists: [], name: name), rows: [row])
      let teacher = try Catalog.teacher("file:path=t\(specification)", reader: reader)
      let distribution = try teacher.distribution(seed: 1)
      return distribution.byToken(distribution.probabilities)
    }
    let row = [0.5, 0.25, 0.25]
    let logs = row.map { log($0) }
    try expect(p("", logs, name: "logprob"), row)
    try expect(p("", logs, name: "logprobs"), row)
    try expect(p(":values=logprobs", logs, name: "x"), row)
    try expect(p(":values=logits", logs.map { $0 + 3 }, name: "logprob"), row)
    #expect(throws: TeacherError.self) { try p("", logs.map { $0 + 0.1 }, name: "logprob") }
    #expect(throws: TeacherError.self) { try p("", logs, name: "x") }
  }

  /// Numbers of few digits sum to 1 but for their rounding, and no further.
  @Test func roundingIsAllowedFor() throws {
    func isTaken(sum: Double, rounding: Double) -> Bool {
      let reader = Lists(
        lists: TokenLists(lists: []), rows: [[sum - 0.5, 0.5]], rounding: rounding)
      return (try? Catalog.teacher("file:path=t", reader: reader)) != nil
    }
    #expect(isTaken(sum: 1 + 0.9e-6, rounding: 0))
    #expect(!isTaken(sum: 1 + 1.1e-6, rounding: 0))
    #expect(isTaken(sum: 1 - 3e-3, rounding: 0x1p-8))
    #expect(!isTaken(sum: 1 - 5e-3, rounding: 0x1p-8))
  }
}

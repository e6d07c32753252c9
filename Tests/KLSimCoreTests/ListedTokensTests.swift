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
    var precision = NumberPrecision.exact

    func numbers(_ source: NumberSource) -> [Double] { rows[0] }
    func lists(_ source: NumberSource) -> TokenLists { lists }
    func contexts(_ source: NumberSource) -> NumberRows {
      NumberRows(
        count: rows.count, width: rows[0].count, name: lists.name, precision: precision
      ) { [rows] in rows[$0] }
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
      ("tail=drop", "logprob", [-1, -2, 3], "token 2 has the logprob 3.0, which is above 0"),
      ("tail=bucket", "logprob", [-1, 0.1, -9], "token 0 has the logprob 0.1"),
      ("tail=drop", "logprob", [-1, .infinity, -9], "token 0 has inf"),
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
    let positive = #expect(throws: TeacherError.self) { try p("", [3, -4, 5], name: "logprob") }
    #expect(positive?.reason == .positiveLogprob(token: 0, value: 3))
  }

  /// Numbers of few digits sum to 1 but for their rounding, and no further.
  @Test func roundingIsAllowedFor() throws {
    let half = NumberPrecision(type: "bfloat16", roundoff: 0x1p-8, leastPositive: 0x1p-133)
    for (sum, precision, isTaken) in [
      (1 + 0.9e-6, .exact, true), (1 + 1.1e-6, .exact, false), (1 + 3e-3, half, true),
      (1 + 5e-3, half, false),
    ] as [(Double, NumberPrecision, Bool)] {
      let values = [sum - 0.5, 0.5]
      let lists = [TokenLists.List(tokens: [0, 1], values: values)]
      let reader = Lists(
        lists: TokenLists(lists: lists, precision: precision), rows: [values], precision: precision)
      // As a row, and as a list of all tokens or some.
      for specification in [
        "file:path=t", "file:path=t:tail=uniform:vocabulary=2", "file:path=t:tail=bucket",
      ] {
        let teacher = try? Catalog.teacher(specification, reader: reader)
        #expect((teacher != nil) == isTaken, "\(specification) \(sum)")
      }
    }
    // Too little is as bad where no token is left that could get the rest.
    let less = Lists(
      lists: TokenLists(
        lists: [TokenLists.List(tokens: [0, 1], values: [0.5, 0.495])], precision: half))
    #expect(throws: TeacherError.self) {
      try Catalog.teacher("file:path=t:tail=uniform:vocabulary=2", reader: less)
    }
  }
}

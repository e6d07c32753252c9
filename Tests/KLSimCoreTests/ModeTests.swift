// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Where modes end, and how much mass is near them.
@Suite struct ModeTests {
  static let landscapes: [(p: [Double], basins: [Range<Int>])] = [
    ([1], [0..<1]), ([1, 1, 1], [0..<3]), ([3, 2, 1], [0..<3]), ([1, 2, 3], [0..<3]),
    ([1, 3, 1], [0..<3]), ([3, 1, 3], [0..<1, 1..<3]), ([3, 1, 2, 0, 1], [0..<1, 1..<3, 3..<5]),
    // A valley's token, the first of a flat one, goes to the mode after it.
    ([3, 2, 2, 2, 3], [0..<1, 1..<5]), ([1, 3, 2, 1, 1, 2], [0..<3, 3..<6]),
    // A plateau is one mode, and a step on a slope is none.
    ([1, 3, 3, 1], [0..<4]), ([3, 2, 2, 1], [0..<4]), ([1, 2, 2, 3], [0..<4]),
    ([2, 2, 1, 2, 2], [0..<2, 2..<5]), ([0, 0, 1, 0, 0, 1, 0], [0..<3, 3..<7]),
  ]

  @Test(arguments: landscapes)
  func modesShareTheTokens(p: [Double], basins: [Range<Int>]) {
    #expect(ModeMassMetric.basins(of: p) == basins)
  }

  @Test(arguments: 1...20)
  func basinsAreAllTokensAndEachHasOneModeOfItsOwn(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let p = (0..<50).map { _ in Double(Int.random(in: 0...4, using: &generator)) }
    let basins = ModeMassMetric.basins(of: p)
    #expect(basins.first?.lowerBound == 0 && basins.last?.upperBound == p.count)
    #expect(zip(basins, basins.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
    for basin in basins {
      let own = Array(p[basin])
      let top = own.firstIndex(of: own.reduce(0, max)) ?? 0
      #expect(zip(own[...top], own[...top].dropFirst()).allSatisfy { $0 <= $1 })
      #expect(zip(own[top...], own[top...].dropFirst()).allSatisfy { $0 >= $1 })
    }
  }

  private static func values(_ metric: String, p: [Double], q: [Double]) throws -> [Double?] {
    let teacher = try TeacherDistribution(.linear(p))
    let logits = q.map { $0 == 0 ? -1e4 : log($0) }
    let state = FitState(teacher: teacher, logits: teacher.byRank(logits))
    return try Catalog.metric(metric).component.values(at: state, headCount: 1)
  }

  /// P = 0.3, 0.7 and Q = 0.4, 0.6; then a mode that is gone.
  @Test func massNearModes() throws {
    let p = [0.3, 0.1, 0.6]
    let moved = try Self.values("mode-mass", p: p, q: [0.4, 0.3, 0.3]).compactMap(\.self)
    #expect(worstGap(moved, [0.1, 6 / 7.0]) <= 1e-15)
    let dropped = try Self.values("mode-mass", p: p, q: [0, 0.5, 0.5]).compactMap(\.self)
    #expect(worstGap(dropped, [0.3, 0]) <= 1e-15)
    let same = try Self.values("mode-mass", p: p, q: p).compactMap(\.self)
    #expect(worstGap(same, [0, 1]) <= 1e-15)
  }

  static let nuclei: [(q: [Double], count: Double)] = [
    ([1], 1), ([0.95, 0.05], 1), ([0.05, 0.95], 1), ([0.85, 0.15], 2), ([0.5, 0.3, 0.15, 0.05], 3),
    ([0.25, 0.25, 0.25, 0.25], 4), ([0, 0, 1, 0], 1), (Array(repeating: 1 / 7.0, count: 7), 7),
  ]

  @Test(arguments: nuclei)
  func nucleusIsTheFewestTokensWithNineTenths(q: [Double], count: Double) throws {
    let values = try Self.values("nucleus", p: q.map { _ in 1 }, q: q)
    #expect(values[1] == count)
    #expect(worstGap([values[0] ?? .nan], [q.reduce(0, max)]) <= 1e-15)
  }

  @Test func whatIsNotANumberHasNoNucleus() throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.2, 0.3]))
    let state = FitState(teacher: teacher, logits: [.nan, 0, 0])
    #expect(try Catalog.metric("nucleus").component.values(at: state, headCount: 1) == [nil, nil])
    let modes = try Catalog.metric("mode-mass").component.values(at: state, headCount: 1)
    #expect(modes.count == 2 && modes.allSatisfy { $0?.isNaN == true })
  }
}

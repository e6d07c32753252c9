// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimSequences

/// Gradients of signals at given sequences beside PyTorch's; see `Fixtures/make_sequences.py`.
@Suite struct PyTorchSequenceTests {
  /// Numbers by index, by quantity, by world; what is left out is 0.
  typealias Table = [String: [String: [Int: Double]]]

  struct Case: CustomTestStringConvertible {
    let world: String
    let signal: String
    var testDescription: String { "\(signal) in \(world)" }
  }

  static let table: Table = {
    guard let fixture = try? Fixture("sequences", in: .module) else { return [:] }
    var table: Table = [:]
    for row in fixture.rows {
      table[row.text("world"), default: [:]][row.text("quantity"), default: [:]][
        row.integer("index")] = row.number("value")
    }
    return table
  }()

  static let cases = table.flatMap { world, quantities in
    quantities.keys.filter { !["teacher", "student", "sequences 0", "sequences 1"].contains($0) }
      .map { Case(world: world, signal: $0) }
  }.sorted { $0.testDescription < $1.testDescription }

  static func values(_ world: String, _ quantity: String, count: Int) -> [Double] {
    (0..<count).map { table[world]?[quantity]?[$0] ?? 0 }
  }

  static func space(_ name: String) throws -> JointSpace {
    guard name.hasPrefix("bandit") else {
      let histories = try Histories(vocabularySize: 3, order: 3)
      let world = World(
        histories: histories, length: 4, logWeights: values(name, "teacher", count: 120),
        endToken: name == "eos" ? 2 : nil)
      return try JointSpace(world, studentHistories: histories, studentEndToken: world.endToken)
    }
    let (world, end) = try SequenceCatalog.world(name).component.world(seed: 1)
    return try JointSpace(world, studentHistories: world.histories, studentEndToken: end)
  }

  /// A set of sequences; in the table their tokens count from 1.
  static func batch(_ world: String, _ number: Int, in space: JointSpace) -> SequenceBatch {
    let last = table[world]?["sequences \(number)"]?.keys.max() ?? 0
    let count = last / space.length + 1
    let tokens = values(world, "sequences \(number)", count: count * space.length).map { Int($0) }
    let sequences = (0..<count).map { place in
      tokens[place * space.length..<(place + 1) * space.length].filter { $0 > 0 }.map { $0 - 1 }
    }
    return SequenceBatch(sequences, in: space)
  }

  @Test func fixtureIsThere() { #expect(Self.cases.count > 100) }

  @Test(arguments: cases)
  func gradient(_ test: Case) throws {
    let space = try Self.space(test.world)
    let count = space.studentHistories.count * space.vocabularySize
    let student = StudentTable(
      Self.values(test.world, "student", count: count), vocabularySize: space.vocabularySize)
    let signal = try SequenceCatalog.estimator(test.signal).component
    var estimator = try signal.estimator(in: space)
    let moment = SequenceMoment(space, student)
    // The sequences are given, whoever writes them.
    let draw = try #require(estimator.draws(at: moment).first)
    let batches = draw.proposals.indices.map { Self.batch(test.world, $0, in: space) }
    var terms = GradientTerms(space)
    var stream = RandomStream(seed: 1)
    estimator.weigh(batches, of: draw, at: moment, with: &stream, into: &terms)
    var losses = try signal.divergence.map { try TokenLosses($0, in: space, kernels: .best) }
    var gradient = [Double](repeating: .nan, count: count)
    terms.addUp(
      1 / Double(batches[0].count), at: student, in: space, &losses, gradient: &gradient)
    #expect(worstGap(gradient, Self.values(test.world, test.signal, count: count)) < 1e-10)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Every objective at random numbers, temperatures, reductions and factors is named, and nothing wrong is.
///
/// `KLSIM_IDENTIFY_ROUNDS` says how often each objective is tried; 1 by default.
@Suite struct IdentificationSweepTests {
  private static let query = QueryPoints(count: 13, size: 7, kinds: PointKind.standard, seed: 5)
  private static let elsewhere = QueryPoints(
    count: 9, size: 7, kinds: PointKind.standard, seed: 99)
  private static let identifier = Result {
    ObjectiveIdentifier(at: try asked("fkl", query))
  }
  private static let rounds =
    ProcessInfo.processInfo.environment["KLSIM_IDENTIFY_ROUNDS"].flatMap(Int.init) ?? 1
  private static let factors = [1, -1, 1 / 13.0, 1 / 7.0, 0.3719, 1e-3]
  private static let names = Catalog.objectives.map { $0.name }

  private static func asked(
    _ specification: String, _ query: QueryPoints, _ change: (Double) -> Double = { $0 }
  ) throws -> GradientPoints {
    let recipe = try Catalog.objective(specification).component
    return try query.asked { recipe.evaluate(at: $0).gradient.map(change) }
  }

  /// A legal text of a parameter; nil if it names a file.
  private static func value(
    _ parameter: any ParameterDeclaration, _ generator: inout SplitMix64
  ) -> String? {
    func number() -> String {
      for _ in 0..<100 {
        let uniform = Double.random(in: -1.5...2.5, using: &generator)
        let value = Bool.random(using: &generator) ? uniform : pow(10, uniform / 2)
        let text = String(format: "%.\(Int.random(in: 1...6, using: &generator))g", value)
        if let text = parameter.canonicalText(of: text) { return text }
      }
      return parameter.defaultText ?? ""
    }
    return switch parameter {
    case is Parameter<Double>, is Parameter<Automatic<Double>>: number()
    case is Parameter<Bool>: "\(Bool.random(using: &generator))"
    case is Parameter<Int>, is Parameter<TargetToken>, is Parameter<TargetToken?>:
      "\(Int.random(in: 1..<query.logits[0].count, using: &generator))"
    default: parameter.names.randomElement(using: &generator)
    }
  }

  /// An objective with some of its parameters away from their defaults, that has a gradient here.
  private static func random(_ name: String, _ generator: inout SplitMix64) throws -> String {
    let type = try #require(Catalog.objectives.first { $0.name == name })
    for _ in 0..<200 {
      var text = name
      for parameter in Catalog.objective.parameters(of: type)
      where parameter.defaultText == nil || Bool.random(using: &generator) {
        if let value = value(parameter, &generator) { text += ":\(parameter.name)=\(value)" }
      }
      if let points = try? asked(text, query), try asked(text, elsewhere).states.count == 9,
        points.states.count == 13
      {
        return text
      }
    }
    throw PointsError(reason: "no legal \(name)")
  }

  /// Whether an objective has, up to a factor, the gradients of another at points that were not looked at.
  private static func isSame(_ match: ObjectiveMatch, as points: GradientPoints) -> Bool {
    let target = GradientTarget(points, at: Array(points.states.indices))
    let fit = match.recipe.gradients(at: points.states).flatMap(target.fit)
    return fit.map { $0.residual <= 1e-5 && $0.factor * match.fit.factor > 0 } ?? false
  }

  @Test(arguments: names) func randomObjectivesAreNamed(name: String) throws {
    var generator = SplitMix64(seed: UInt64(name.utf8.reduce(0) { $0 * 31 % 65521 + Int($1) }))
    for _ in 0..<Self.rounds {
      let text = try Self.random(name, &generator)
      let factor = Self.factors.randomElement(using: &generator) ?? 1
      let found = Identification(
        try Self.asked(text, Self.query) { factor * $0 }, tolerance: 1e-9,
        by: try Self.identifier.get())
      let truth = try Self.asked(text, Self.elsewhere) { factor * $0 }
      #expect(
        (found.fitting + found.indistinct).contains { $0.name == name },
        "\(text) × \(factor): \(found.nearest.prefix(3).map { ($0.specification, $0.fit.residual) })"
      )
      for match in found.fitting {
        #expect(Self.isSame(match, as: truth), "\(text) × \(factor) is not \(match.specification)")
      }
    }
  }

  @Test(arguments: names) func gradientsOfSinglePrecisionAreNamed(name: String) throws {
    var generator = SplitMix64(seed: UInt64(name.utf8.reduce(1) { $0 * 37 % 65521 + Int($1) }))
    for _ in 0..<Self.rounds {
      let text = try Self.random(name, &generator)
      let found = Identification(
        try Self.asked(text, Self.query) { Double(Float($0)) }, tolerance: 64 * 0x1p-24,
        by: try Self.identifier.get())
      #expect(
        (found.fitting + found.indistinct).contains { $0.name == name },
        "\(text): \(found.nearest.prefix(3).map { ($0.specification, $0.fit.residual) })")
    }
  }

  /// Of every objective that has a counterpart with teacher and student exchanged, the counterpart is named,
  /// and the objective itself only if it is the same function.
  @Test(arguments: names) func exchangedArgumentsAreTold(name: String) throws {
    var generator = SplitMix64(seed: UInt64(name.utf8.reduce(2) { $0 * 41 % 65521 + Int($1) }))
    let text = try Self.random(name, &generator)
    guard let swapped = SwappedArguments.specification(of: text) else { return }
    let found = Identification(
      try Self.asked(swapped, Self.query), tolerance: 1e-9, by: try Self.identifier.get())
    let truth = try Self.asked(swapped, Self.elsewhere)
    #expect(!found.fitting.isEmpty, "\(swapped)")
    for match in found.fitting { #expect(Self.isSame(match, as: truth), "\(match.specification)") }
    let given = try #require(found.comparison(with: Catalog.objective(text)))
    #expect(given.fit.residual > 1e-9 || Self.isSame(given, as: truth), "\(text)")
  }
}

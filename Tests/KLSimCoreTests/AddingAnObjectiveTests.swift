// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// The objective that the article "Adding an objective" writes.
@Suite struct AddingAnObjectiveTests {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

  /// What readers are shown is what is compiled here.
  @Test func theArticleShowsTheFile() throws {
    let article = try String(
      contentsOf: Self.tests.appending(
        path: "../../Sources/KLSimCore/KLSimCore.docc/AddingAnObjective.md"), encoding: .utf8)
    let file = try String(
      contentsOf: Self.tests.appending(path: "EntropyGap.swift"), encoding: .utf8)
    let shown = file.replacing("public import KLSimCore\n\n", with: "")
    #expect(shown != file)
    #expect(article.contains("```swift\n\(shown)```\n"))
  }

  private static func objective(margin: Double) throws -> EntropyGap {
    EntropyGap(
      try Parameters(
        Specification(name: EntropyGap.name, settings: [("margin", "\(margin)")]),
        declared: EntropyGap.parameters, reader: NoFiles()))
  }

  @Test(arguments: RandomCase.all([.moderate]), [0, 0.5])
  func theGradientIsThatOfTheValue(randomCase: RandomCase, margin: Double) throws {
    let objective = try Self.objective(margin: margin)
    let state = try randomCase.state()
    var gradient = [Double](repeating: 0, count: randomCase.size)
    var evaluator = objective.evaluator(for: state.teacher, kernels: .best)
    let loss = evaluator.loss(at: state, gradient: &gradient)
    #expect(loss == pow(state.entropy - state.teacher.entropy - margin, 2) / 2)
    var ignored = gradient
    for rank in gradient.indices {
      let step = 1e-5
      let values = [step, -step].map { step in
        var moved = state
        moved.update { $0[rank] += step }
        return evaluator.loss(at: moved, gradient: &ignored)
      }
      #expect(abs((values[0] - values[1]) / (2 * step) - gradient[rank]) < 1e-6 * max(1, loss))
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// What `identify` says of gradients.
struct IdentificationReport {
  private let found: Identification
  private let expected: Chosen<ObjectiveRecipe>?
  private let comparison: ObjectiveMatch?
  /// What fits as well as the expected objective and is another.
  private let rivals: [ObjectiveMatch]
  /// The objective with the arguments of the expected one exchanged.
  private let swapped: ObjectiveMatch?
  private let roundoff: Double
  private let count: Int

  /// - Parameters:
  ///   - found: the answer.
  ///   - expected: the objective that was expected.
  ///   - roundoff: the relative rounding of the type of the arrays.
  ///   - count: how many rows the table has.
  init(
    _ found: Identification, expected: Chosen<ObjectiveRecipe>?, roundoff: Double,
    nearest count: Int
  ) {
    (self.found, self.expected, self.roundoff, self.count) = (found, expected, roundoff, count)
    comparison = expected.flatMap(found.comparison)
    swapped = expected.flatMap { SwappedArguments.specification(of: $0.specification) }
      .flatMap { try? Catalog.objective($0) }.flatMap(found.comparison)
    rivals =
      if let comparison, comparison.fit.residual <= found.tolerance {
        found.rivals(of: comparison, swapped: swapped)
      } else { [] }
  }

  /// Whether the gradients are those of the expected objective, up to a positive factor; true if none is
  /// expected.
  var isAsExpected: Bool {
    guard expected != nil else { return true }
    guard let fit = comparison?.fit else { return false }
    return fit.residual <= found.tolerance && fit.factor > 0 && rivals.isEmpty
      && found.points.invalid.allSatisfy { $0.zeroToken != nil && needsFullSupport }
  }

  private var needsFullSupport: Bool { expected?.component.objective.needsFullSupport ?? false }

  /// The sentences, and the table.
  var text: String {
    let table = TextTable(
      header: ["nearest", "factor", "residual", "cosine"],
      rows: found.nearest.prefix(count).map { match in
        [
          match.specification, factor(of: match), digits(match.fit.residual, 3),
          digits(match.fit.cosine, 9),
        ]
      })
    let rows = count > 0 ? [""] + table.lines(width: 200) : []
    return (sentences + rows).joined(separator: "\n") + "\n"
  }

  /// The answer in words, one sentence a line.
  var sentences: [String] { verdict + remarks + expectation }

  private var verdict: [String] {
    if let match = found.match {
      var lines = [
        "\(match.specification): \(match.summary), × \(factor(of: match)), to"
          + " \(digits(match.fit.residual, 2))"
      ]
      let names = found.factorNames(of: match)
      lines += names.compactMap { name in
        name.meaning.map { "The factor is \(name.text): \($0)." }
      }
      if names.isEmpty, match.fit.factor < 0 {
        lines.append("The factor is below 0: the loss climbs the objective.")
      }
      let same = found.fitting.dropFirst().map(\.specification)
      if !same.isEmpty {
        lines.append("The same function: \(same.joined(separator: ", ")).")
      }
      if !found.indistinct.isEmpty {
        lines.append(
          "These points do not tell it from \(found.indistinct.map(\.specification).joined(separator: ", "));"
            + " ask at more of them, by klsim points.")
      }
      return lines
    }
    if let blend = found.blend {
      let parts = blend.parts.map { "\(digits($0.weight, 8)) × \($0.specification)" }
      return ["A sum: \(parts.joined(separator: " + ")), to \(digits(blend.residual, 2))"]
    }
    let nearest = found.nearest.first.map {
      "; the nearest is \($0.specification), with a residual of \(digits($0.fit.residual, 3))"
    }
    if let match = found.partialMatch {
      let all = found.outlierPoints.map(String.init)
      let listed = all.prefix(10).joined(separator: ", ") + (all.count > 10 ? ", …" : "")
      return [
        "\(match.specification): \(match.summary), × \(factor(of: match)), to"
          + " \(digits(match.fit.residual, 2)), but only at"
          + " \(found.points.states.count - all.count) of \(found.points.states.count) points.",
        "At the others, \(listed), the gradient is another one: a ratio or a loss may be clamped there.",
      ]
    }
    let largest = found.points.largestDerivative
    guard largest > max(1e-11, 0.01 * roundoff) else {
      return ["The gradient is 0 but for rounding: no derivative is above \(digits(largest, 2))."]
    }
    let none = "None of these, within \(digits(found.tolerance, 3))\(nearest ?? "")."
    guard Self.standardErrors * found.points.samplingError <= found.tolerance else {
      return [
        none,
        "The standard error of the draws is too large: ask more often. If it stays near 1, the mean gradient"
          + " is 0.",
      ]
    }
    guard let residual = found.nearest.first?.fit.residual, residual <= Self.single else {
      return [none]
    }
    return [
      none,
      "Such a residual is that of single precision: if the loss computes in it,"
        + " --tolerance \(digits(Self.single, 2)) accepts it.",
    ]
  }

  /// Means of draws are identified to so many of their standard errors, at most to `noise`.
  static let (standardErrors, noise) = (1.5, 0.1)

  /// 64 roundings of single precision.
  private static let single = 64 * 0x1p-24

  private var remarks: [String] {
    var lines: [String] = []
    if found.clampedCount > 0 {
      lines.append(
        "But \(found.clampedCount) derivatives in \(found.clampedPoints) points are exactly 0 where the"
          + " objective's are not: a clamp or a mask takes the gradient of these tokens.")
    }
    if found.points.samplingError > 0 {
      lines.append(
        "The gradients are means of draws, with a standard error of"
          + " \(digits(found.points.samplingError, 2)) of their norm.")
    }
    if let first = found.points.invalid.first {
      let zero = first.zeroToken.map { "; the teacher gives token \($0) no mass" } ?? ""
      lines.append(
        "The gradient is not finite in \(found.points.invalid.count) of \(found.points.count) points, which are"
          + " left out: point \(first.point) has \(first.value) at token \(first.token)\(zero).")
    }
    if !found.leftOut.isEmpty {
      lines.append("Not tried, for so many tokens: \(found.leftOut.joined(separator: ", ")).")
    }
    return lines
  }

  private var expectation: [String] {
    guard let expected else { return [] }
    let asked = "You asked for \(expected.specification)"
    guard !isAsExpected else { return ["\(asked): that is it."] }
    guard let comparison else { return ["\(asked), which does not exist at these points."] }
    if !rivals.isEmpty {
      var names: [String] = []
      for rival in rivals where !names.contains(rival.specification) {
        names.append(rival.specification)
      }
      return [
        "\(asked): the gradients do not decide between it and \(names.joined(separator: ", "))."
          + " Ask more often, in higher precision, or at points of all kinds, by klsim points."
      ]
    }
    if comparison.fit.residual <= found.tolerance {
      return [
        comparison.fit.factor < 0
          ? "\(asked): the sign is turned." : "\(asked): it is, but for the points left out."
      ]
    }
    if let swapped, swapped.fit.residual <= found.tolerance {
      return [
        "\(asked): the direction is swapped. The arguments of the divergence, teacher and student, are in the"
          + " other order."
      ]
    }
    return ["\(asked): it is not; its residual is \(digits(comparison.fit.residual, 3))."]
  }

  private func factor(of match: ObjectiveMatch) -> String {
    let number = digits(match.fit.factor, 4)
    let names = found.factorNames(of: match).map(\.text).filter { $0 != number }
    return names.isEmpty ? number : "\(names.joined(separator: " or ")) (\(number))"
  }

  /// The answer for programs.
  var json: JSON {
    let verdict: [(key: String, value: JSON)] = [
      ("answer", JSON(sentences)), ("tolerance", JSON(found.tolerance)),
      ("points", JSON(found.points.count)), ("match", entry(found.match)),
      ("same", entries(found.fitting.dropFirst())), ("indistinct", entries(found.indistinct)),
      ("blend", blend),
    ]
    let rest: [(key: String, value: JSON)] = [
      ("clamped", JSON(found.clampedCount)), ("partial_match", entry(found.partialMatch)),
      ("outlier_points", numbers(found.outlierPoints)),
      ("invalid_points", numbers(found.points.invalid.map { $0.point })),
      ("expected", JSON(expected?.specification)),
      ("as_expected", expected == nil ? .null : JSON(isAsExpected)),
      ("nearest", entries(found.nearest.prefix(count))),
    ]
    return .document("identify", verdict + rest)
  }

  private var blend: JSON {
    guard let blend = found.blend else { return .null }
    let parts = blend.parts.map { part in
      JSON.object([("objective", .string(part.specification)), ("weight", JSON(part.weight))])
    }
    return .object([("parts", .array(parts)), ("residual", JSON(blend.residual))])
  }

  private func entry(_ match: ObjectiveMatch?) -> JSON {
    guard let match else { return .null }
    return .object([
      ("objective", .string(match.specification)), ("factor", JSON(match.fit.factor)),
      ("factor_names", JSON(found.factorNames(of: match).map(\.text))),
      ("residual", JSON(match.fit.residual)), ("cosine", JSON(match.fit.cosine)),
    ])
  }

  private func entries(_ matches: some Sequence<ObjectiveMatch>) -> JSON {
    .array(matches.map { entry($0) })
  }

  private func numbers(_ values: [Int]) -> JSON { .array(values.map { JSON($0) }) }
}

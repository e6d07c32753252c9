// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Distributions given by numbers of the user's own, one a token, for one context or several.
package struct FileTeacher: ContextTeacher {
  package static let name = "file"
  package static let summary =
    "numbers from a CSV or NPY file, one a token; several contexts if it has them"

  /// What the numbers are.
  package enum Values: String, ParameterChoice {
    /// Must sum to 1 within 1e-6; then they are normalised.
    case probabilities
    /// Counts or any other weights; they are normalised.
    case counts
    /// They go through a softmax.
    case logits
  }

  static let path = Parameter<String>(
    "path", default: nil, .nonEmpty, summary: "the CSV or NPY file")
  static let values = Parameter(
    "values", default: Values.probabilities, summary: "what the numbers are")
  static let column = Parameter(
    "column", default: "", summary: "name of the column; not needed where there is one only")
  static let contextWeights = Parameter(
    "context-weights", default: "",
    summary: "file with one weight a context, for averages and joint losses; equal if none")
  package static let parameters: [any ParameterDeclaration] = [
    path, values, column, contextWeights,
  ]

  package let contexts: TeacherContexts
  private let rows: NumberRows
  private let kind: Values

  package init(_ values: Parameters) throws {
    let path = values[Self.path]
    rows = try values.reader.contexts(path: path, column: values[Self.column])
    kind = values[Self.values]
    // Refuses bad numbers where the file's name is known.
    for context in 0..<rows.count {
      do throws(DistributionError) {
        let sum = try TeacherDistribution.check(Self.weights(rows.row(context), kind))
        guard kind != .probabilities || abs(sum - 1) <= 1e-6 else {
          throw .notNormalised(sum: sum)
        }
      } catch {
        let place = rows.count > 1 ? ", context \(context)" : ""
        throw TeacherError(teacher: path + place, reason: error)
      }
    }
    let weightsPath = values[Self.contextWeights]
    let weights =
      weightsPath.isEmpty ? [] : try values.reader.numbers(path: weightsPath, column: "")
    if !weightsPath.isEmpty {
      try Self.check(weights, count: rows.count, path: weightsPath)
    }
    contexts = TeacherContexts(count: rows.count, weights: weights, labels: rows.labels)
  }

  private static func check(_ weights: [Double], count: Int, path: String) throws {
    let isGood = weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.reduce(0, +).isFinite
    guard weights.count == count, isGood, weights.contains(where: { $0 > 0 }) else {
      throw TeacherError(
        teacher: path, reason: .contextWeights(count: weights.count, contexts: count))
    }
  }

  private static func weights(_ numbers: [Double], _ kind: Values) -> TeacherWeights {
    kind == .logits ? .logarithmic(numbers) : .linear(numbers)
  }

  package func weights(
    of context: Int, drawnWith stream: inout RandomStream
  ) -> TeacherWeights {
    Self.weights(rows.row(context), kind)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// A distribution given by numbers of the user's own, one a token.
public struct FileTeacher: Teacher {
  public static let name = "file"
  public static let summary = "numbers from a CSV file, one a token"

  /// What the numbers are.
  public enum Values: String, ParameterChoice {
    /// Must sum to 1 within 1e-6; then they are normalised.
    case probabilities
    /// Counts or any other weights; they are normalised.
    case counts
    /// They go through a softmax.
    case logits
  }

  static let path = Parameter<String>("path", default: nil, .nonEmpty, summary: "the CSV file")
  static let values = Parameter(
    "values", default: Values.probabilities, summary: "what the numbers are")
  static let column = Parameter(
    "column", default: "", summary: "name of the column; not needed where there is one only")
  public static let parameters: [any ParameterDeclaration] = [path, values, column]

  let numbers: TeacherWeights

  public init(_ values: Parameters) throws {
    let path = values[Self.path]
    let numbers = try values.reader.numbers(path: path, column: values[Self.column])
    self.numbers = values[Self.values] == .logits ? .logarithmic(numbers) : .linear(numbers)
    // Refuses bad numbers where the file's name is known.
    do throws(DistributionError) {
      let distribution = try TeacherDistribution(self.numbers)
      let sum = distribution.weightSum
      guard values[Self.values] != .probabilities || abs(sum - 1) <= 1e-6 else {
        throw .notNormalised(sum: sum)
      }
    } catch {
      throw TeacherError(teacher: path, reason: error)
    }
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    numbers
  }
}

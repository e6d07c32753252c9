// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers by token that an objective reads from a file.
enum TokenNumbers {
  /// The numbers of a file, nil if none is named.
  static func read(
    _ path: String, _ values: Parameters
  ) throws -> (path: String, numbers: [Double])? {
    guard !path.isEmpty else { return nil }
    let numbers = try values.reader.numbers(NumberSource(path: path))
    guard numbers.allSatisfy(\.isFinite) else {
      throw SpecificationError.inconsistent(
        component: values.component, "the numbers in \(path) must be finite")
    }
    return (path, numbers)
  }

  /// Refuses a teacher with another number of tokens.
  static func check(
    _ teacher: TeacherDistribution, count: Int, key: String
  ) throws(BindingError) {
    guard count == teacher.size else {
      throw .unsuitable(
        reason: "\(key) has \(count) numbers, but the teacher has \(teacher.size) tokens")
    }
  }
}

/// The positions of the tokens on a line: 0…V−1, or numbers from a file.
struct TokenPositions: Sendable {
  static let parameter = Parameter(
    "positions", default: "",
    summary: "a file with the position of each token; 0…V-1 if there is none")

  /// By token, nil for 0…V−1.
  private let numbers: [Double]?

  init(_ values: Parameters) throws {
    numbers = try TokenNumbers.read(values[Self.parameter], values)?.numbers
    guard numbers.map({ Set($0).count > 1 || $0.count < 2 }) ?? true else {
      throw SpecificationError.inconsistent(
        component: values.component, "the positions must not all be the same")
    }
    gaps = numbers.map { zip($0.dropFirst(), $0).map { $0 - $1 } }
  }

  /// Whether no token is before the one it follows.
  var areAscending: Bool {
    numbers.map { zip($0, $0.dropFirst()).allSatisfy { $0 <= $1 } } ?? true
  }

  /// Refuses a teacher with another number of tokens.
  func check(_ teacher: TeacherDistribution) throws(BindingError) {
    guard let numbers else { return }
    try TokenNumbers.check(teacher, count: numbers.count, key: Self.parameter.name)
  }

  /// The position of a token.
  subscript(token: Int) -> Double { numbers?[token] ?? Double(token) }

  /// The distance from each token to the next, nil if that is 1.
  private(set) var gaps: [Double]?

  /// The distance between the outermost of V tokens, 1 for a single one.
  func range(of size: Int) -> Double {
    guard size > 1 else { return 1 }
    guard let numbers, let least = numbers.min(), let most = numbers.max() else {
      return Double(size - 1)
    }
    return most - least
  }
}

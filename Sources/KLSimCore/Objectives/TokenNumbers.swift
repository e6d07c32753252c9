// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers by token that an objective reads from a file.
enum TokenNumbers {
  /// The numbers of a file, nil if none is named.
  static func read(
    _ path: String, _ values: Parameters
  ) throws -> (path: String, numbers: [Double])? {
    guard !path.isEmpty else { return nil }
    let numbers = try values.reader.numbers(path: path, column: "")
    guard numbers.allSatisfy(\.isFinite) else {
      throw SpecificationError.inconsistent(
        component: values.component, "the numbers in \(path) must be finite")
    }
    return (path, numbers)
  }

  /// Refuses a teacher that so many numbers do not go with.
  static func check(
    _ teacher: TeacherDistribution, count: Int, key: String
  ) throws(BindingError) {
    guard count == teacher.size else {
      throw .unsuitable(
        reason: "\(key) has \(count) numbers, but the teacher has \(teacher.size) tokens")
    }
  }
}

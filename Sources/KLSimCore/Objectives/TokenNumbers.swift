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

  /// Why so many numbers do not go with a teacher, nil if they do.
  static func refusal(of teacher: TeacherDistribution, count: Int, key: String) -> String? {
    count == teacher.size
      ? nil : "\(key) has \(count) numbers, but the teacher has \(teacher.size) tokens"
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// Files of points: `teacher_logits` or `p`, `z`, and `g` once a loss was asked.
///
/// As NPZ or safetensors, arrays of the shape [points, tokens]; as CSV, columns beside `context` and `token`.
package enum PointsFile {
  private static let teacherLogits = "teacher_logits"
  private static let probabilities = "p"
  private static let student = "z"
  private static let gradient = "g"

  /// Reads points with gradients.
  ///
  /// - Parameters:
  ///   - path: the file; the teacher's logits are read where it has both.
  ///   - reader: reads it.
  ///   - kernels: the vector kernels to compute with.
  /// - Returns: the points, and the largest relative rounding of the types of the three, 0 for float64 and text.
  /// - Throws: `InputError`, which says what is missing or wrong, and where.
  package static func read(
    _ path: String, reader: NumberFile, kernels: VectorKernels
  ) throws -> (points: GradientPoints, roundoff: Double) {
    let (names, part) = try reader.names(path: path)
    func malformed(_ reason: String) -> InputError {
      .malformed(path: path, line: 0, reason: reason)
    }
    func isThere(_ name: String) -> Bool { names.contains(name) }
    guard let teacher = [teacherLogits, probabilities].first(where: isThere) else {
      throw malformed(
        "no \(part.rawValue) 'teacher_logits' or 'p'; there is \(listed(names))")
    }
    for name in [student, gradient] where !isThere(name) {
      throw malformed(
        "no \(part.rawValue) '\(name)'; there is \(listed(names))"
          + (name == gradient
            ? ". Ask your loss at these points, and save its gradient in z as g" : ""))
    }
    func rows(_ name: String) throws -> NumberRows {
      try reader.contexts(NumberSource(path: path, part, name: name))
    }
    let (p, z, g) = try (rows(teacher), rows(student), rows(gradient))
    for (name, other) in [(student, z), (gradient, g)]
    where other.count != p.count || other.width != p.width {
      throw malformed(
        "'\(name)' is \(other.count) × \(other.width), and '\(teacher)' \(p.count) × \(p.width);"
          + " they must be points × tokens, the same for both")
    }
    let teachers = try (0..<p.count).map { point -> TeacherWeights in
      let row = p.row(point)
      guard teacher == probabilities else { return .logarithmic(row) }
      let sum = row.reduce(0, +)
      guard row.contains(where: { !($0 >= 0) }) || abs(sum - 1) <= 1e-3 else {
        throw malformed(
          "point \(point): 'p' sums to \(sum), not to 1; logits are called 'teacher_logits'")
      }
      return .linear(row)
    }
    let (logits, gradients) = ((0..<z.count).map { z.row($0) }, (0..<g.count).map { g.row($0) })
    let points: GradientPoints
    do throws(PointsError) {
      points = try GradientPoints(
        teachers: teachers, logits: logits, gradients: gradients, kernels: kernels)
    } catch {
      throw malformed(error.reason)
    }
    return (points, [p, z, g].map { $0.precision.roundoff }.max() ?? 0)
  }

  /// The columns of points that are not yet asked, as CSV has them.
  private static let columns = [
    Column(key: "context", .integer, "the point, from 0"),
    Column(key: "token", .integer, "token index, from 0"),
    Column("teacher_logits", .number, "teacher logit"),
    Column("p", .number, "teacher probability"),
    Column("z", .number, "student logit"),
  ]

  /// Points to be asked, as NPZ.
  package static func npz(_ points: QueryPoints) -> [UInt8] {
    NPZOutput.bytes([
      (teacherLogits, points.teacherLogits), (probabilities, points.probabilities),
      (student, points.logits),
    ])
  }

  /// Points to be asked, as CSV of one token a row.
  package static func csv(_ points: QueryPoints) -> [UInt8] {
    let p = points.probabilities
    return RowFormat.csv.table(
      columns,
      rows: p.indices.flatMap { point in
        p[point].indices.map { token in
          [Value(point), Value(token)]
            + [points.teacherLogits, p, points.logits].map { .number($0[point][token]) }
        }
      })
  }
}

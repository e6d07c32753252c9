// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Points at which objectives differ.
package enum PointKind: String, CaseIterable, Sendable {
  /// Logits of teacher and student of standard deviation 1.5.
  case random
  /// Logits of standard deviation 5.
  case extreme
  /// A student whose logits are within about 0.1 of the teacher's.
  case near
  /// A teacher with p ∝ 1/rank^1.5, its tokens in random order.
  case longTail = "long-tail"
  /// As `random`, with no mass on about a quarter of the tokens: reverse KL and others are infinite there.
  case zeros

  /// What is made unless something else is asked for: all but `zeros`.
  package static let standard = allCases.filter { $0 != .zeros }
}

/// Teachers and students of points without gradients.
///
/// All logits are numbers of single precision, so that a loss in it is asked at the same points.
package struct QueryPoints: Equatable, Sendable {
  /// The teachers' logits by token, one list a point; −∞ for tokens without mass.
  package let teacherLogits: [[Double]]
  /// The students' logits by token.
  package let logits: [[Double]]

  /// Points of some kinds in turn.
  ///
  /// - Parameters:
  ///   - count: N, at least 1.
  ///   - size: V, at least 2.
  ///   - kinds: at least one.
  ///   - seed: decides all of them.
  package init(count: Int, size: Int, kinds: [PointKind], seed: UInt64) {
    precondition(count >= 1 && size >= 2 && !kinds.isEmpty)
    var stream = RandomStream(seed: seed, purpose: "points")
    var (teachers, students) = ([[Double]](), [[Double]]())
    for point in 0..<count {
      let kind = kinds[point % kinds.count]
      let sigma = kind == .extreme ? 5.0 : 1.5
      var teacher = Self.normals(size, sigma, from: &stream)
      var student = Self.normals(size, sigma, from: &stream)
      switch kind {
      case .random, .extreme: break
      case .near:
        let steps = Self.normals(size, 0.1, from: &stream)
        student = zip(teacher, steps).map { Double(Float($0 + $1)) }
      case .longTail:
        let ranks = stream.permutation(of: size)
        let logs = VectorKernels.best.logarithms(ranks.map { Double($0 + 1) })
        teacher = logs.map { Double(Float(-1.5 * $0)) }
      case .zeros:
        let places = stream.permutation(of: size).prefix(max(1, size / 4))
        for place in places { teacher[place] = -.infinity }
      }
      teachers.append(teacher)
      students.append(student)
    }
    (teacherLogits, logits) = (teachers, students)
  }

  private static func normals(
    _ count: Int, _ sigma: Double, from stream: inout RandomStream
  ) -> [Double] {
    var values: [Double] = []
    for _ in 0..<count { values.append(Double(Float(stream.normal(sigma: sigma)))) }
    return values
  }

  /// p by token, one list a point.
  package var probabilities: [[Double]] {
    teacherLogits.map { VectorKernels.best.softmax($0).probabilities }
  }

  /// Asks an objective.
  ///
  /// - Parameter gradient: `∂L/∂z` by rank at a teacher and a student.
  /// - Returns: the points with these gradients.
  /// - Throws: `PointsError`.
  package func asked(
    _ gradient: (_ state: FitState) throws -> [Double]
  ) throws -> GradientPoints {
    let gradients = try zip(teacherLogits, logits).map { teacher, logits in
      let teacher = try TeacherDistribution(.logarithmic(teacher))
      let state = FitState(teacher: teacher, logits: teacher.byRank(logits))
      return teacher.byToken(try gradient(state))
    }
    return try GradientPoints(
      teachers: teacherLogits.map { .logarithmic($0) }, logits: logits, gradients: gradients)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether the student has the teacher's mass near every mode.
///
/// The modes are the local maxima of p along the token axis, where a plateau counts as one. Neighbouring
/// modes are separated at the lowest token between them. With P and Q the mass of teacher and student
/// near a mode,
///
///     mode_mass_error = max |Q − P|,   least_mode_ratio = min Q/P     over the modes
package struct ModeMassMetric: Metric {
  package static let name = "mode-mass"
  package static let summary = "the student's mass near the teacher's modes against the teacher's"
  package static let vectorCount = 2
  package static let columns = [
    Column("mode_mass_error", .number, "largest |Q - P| over the modes, Q and P the mass near one"),
    Column(
      "least_mode_ratio", .number, better: .higher,
      "smallest Q / P over the modes; near 0: one is dropped"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    let teacher = state.teacher
    let p = teacher.byToken(teacher.probabilities)
    let q = teacher.byToken(state.probabilities)
    let masses = Self.basins(of: p).map { tokens in
      (teacher: p[tokens].reduce(0, +), student: q[tokens].reduce(0, +))
    }
    guard !q.contains(where: \.isNaN) else { return [.nan, .nan] }
    return [
      masses.map { abs($0.student - $0.teacher) }.max(),
      masses.map { $0.student / $0.teacher }.min(),
    ]
  }

  /// The tokens near each mode: ranges that cover all tokens.
  static func basins(of p: [Double]) -> [Range<Int>] {
    var bounds = [0]
    var valley = 0
    var isFalling = false
    for token in p.indices.dropFirst() {
      if p[token] < p[token - 1] {
        isFalling = true
        valley = token
      } else if p[token] > p[token - 1], isFalling {
        bounds.append(valley)
        isFalling = false
      }
    }
    return zip(bounds, bounds.dropFirst() + [p.count]).map { $0..<$1 }
  }
}

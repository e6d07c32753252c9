// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics

/// Forward KL and soft cross-entropy differ by a constant.
struct CrossEntropyIdentity: Claim {
  static let name = "fkl-is-cross-entropy"
  static let statement =
    "Forward KL and soft cross-entropy have the same gradient in the student's logits, and their"
    + " values differ by the teacher's entropy."
  static let source = "Hinton, Vinyals and Dean, arXiv 1503.02531; \(PaperSettings.source)"
  static let setting = "an identity; teachers and starts here: all"
  static let kind = ClaimKind.check
  static let quantity =
    "the difference: the length of that of the gradients by theirs, that of the values in nats"

  struct Cell: ClaimCell {
    let identity: String

    static let columns = [
      Column(key: "identity", .text, "gradient: equal gradients; value: soft-ce = fkl + H(p)")
    ]
    var values: [Value] { [.text(identity)] }
  }

  /// Differences up to this are rounding.
  private static let tolerance = 1e-12

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers + ["zipf", "dirichlet:concentration=0.1"],
      optimizers: [("adam", 0.2)], initializations: ["torch-uniform", PaperSettings.normal("10")]
    ).map { condition in
      let forward = try Catalog.objective(ForwardKL.name).component
      let cross = try Catalog.objective(SoftCrossEntropy.name).component
      return try Trial(
        atStartOf: condition, cells: [Cell(identity: "gradient"), Cell(identity: "value")]
      ) { state in
        let first = forward.evaluate(at: state)
        let second = cross.evaluate(at: state)
        let gap = GradientGeometry.distance(second.gradient, from: first.gradient)
        let excess = abs(second.loss - first.loss - state.teacher.entropy)
        return [
          Outcome(gap <= Self.tolerance, quantity: gap),
          Outcome(excess <= Self.tolerance * (1 + abs(first.loss)), quantity: excess),
        ]
      }
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool { true }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [Words.exceptions(in: evidence) { "the \($0.cell.identity) on \($0.condition.words)" }]
  }
}

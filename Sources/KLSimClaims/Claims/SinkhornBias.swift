// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore

/// The gradient of entropic transport at the teacher.
struct SinkhornBias: Claim {
  static let name = "sinkhorn-bias"
  static let statement =
    "At the teacher itself the gradient of plain entropic transport is not zero and a step along it"
    + " makes the student sharper than the teacher; the debiased one has no gradient there (below"
    + " 1e-6)."
  static let source =
    "Feydy et al., Interpolating between Optimal Transport and MMD, AISTATS 2019"
  static let setting = "chosen here: ε = 0.1 on both teachers"
  static let quantity =
    "for plain the slope of the student's entropy along the step, for debiased the gradient's length"

  struct Cell: ClaimCell {
    let epsilon: Double
    let variant: String

    static let columns = [
      Column(key: "epsilon", .number, "the entropic regularisation ε"),
      Column(key: "variant", .text, "plain: sharpens; debiased: no gradient"),
    ]
    var values: [Value] { [.number(epsilon), .text(variant)] }
  }

  private static let epsilons = [0.1, 0.5]

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["softmax-normal:size=20:sigma=1", "gamma:size=20"], optimizers: [("sgd", 1)],
      initializations: ["teacher-noise:sigma=0"]
    ).map { condition in
      let objectives = try Self.epsilons.map { epsilon in
        (
          plain: try Catalog.objective("sinkhorn:epsilon=\(epsilon)").component,
          debiased: try Catalog.objective("sinkhorn:epsilon=\(epsilon):debiased=true").component
        )
      }
      let cells = Self.epsilons.flatMap { epsilon in
        ["plain", "debiased"].map { Cell(epsilon: epsilon, variant: $0) }
      }
      return try Trial(atStartOf: condition, cells: cells) { state in
        // ∂H/∂z = −q (log q + H)
        let entropySlope = zip(state.probabilities, state.logProbabilities).map {
          -$0 * ($1 + state.entropy)
        }
        return objectives.flatMap { pair in
          let plain = pair.plain.evaluate(at: state).gradient
          let slope = -zip(plain, entropySlope).reduce(0) { $0 + $1.0 * $1.1 }
          let rest = GradientGeometry.length(pair.debiased.evaluate(at: state).gradient)
          return [
            Outcome(slope < 0, quantity: slope), Outcome(rest < 1e-6, quantity: rest),
          ]
        }
      }
    }
  }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.epsilon == 0.1 }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    evidence.grouped(by: \.cell.epsilon).map { epsilon, own in
      "at ε = \(digits(epsilon)) "
        + Words.exceptions(in: own) { "\($0.cell.variant) on \($0.condition.teacher)" }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimNumerics

/// A divergence of tokens at the prefixes of the teacher and of the student, the latter held constant.
package struct PrefixObjective: SequenceObjective {
  package static let name = "gkd"
  package static let summary =
    "a divergence of tokens at a mixture of the teacher's and the student's prefixes, which are held"
    + " constant"
  package static let formula =
    "Σ_c [(1 - lambda) P(c) + lambda sg[Q(c)]] D(p(·|c), q(·|c)), c at the positions of part"
  package static let reference = "Agarwal et al., arXiv 2306.13649 (GKD)"

  static let lambda = Parameter(
    "lambda", default: 0.5, .range(0...1), summary: "λ, the share of the student's prefixes")
  static let objective = Parameter(
    "objective", default: "gjsd", .nonEmpty, summary: "the divergence D of tokens, a specification")
  package static let parameters: [any ParameterDeclaration] =
    [lambda, objective] + PositionPart.parameters

  private let lambda: Double
  private let objective: Chosen<ObjectiveRecipe>
  private let part: PositionPart
  private let kernels: VectorKernels

  package init(_ values: Parameters) throws {
    (lambda, part) = (values[Self.lambda], try PositionPart(values))
    kernels = values.kernels
    objective = try Catalog.objective(
      values[Self.objective], reader: values.reader, kernels: values.kernels)
  }

  package func check(_ space: JointSpace) throws { try part.check(space, of: Self.name) }

  package func evaluator(in space: JointSpace) throws -> any SequenceEvaluator {
    Evaluator(
      space: space, lambda: lambda, steps: part.steps(of: space.length),
      losses: try TokenLosses(objective, in: space, kernels: kernels))
  }

  private struct Evaluator: SequenceEvaluator {
    let space: JointSpace
    let lambda: Double
    let steps: Range<Int>
    var losses: TokenLosses
    /// How often the teacher meets each joint state; it does not depend on the student.
    private var teacherVisits: [Double]?

    init(space: JointSpace, lambda: Double, steps: Range<Int>, losses: TokenLosses) {
      (self.space, self.lambda, self.steps, self.losses) = (space, lambda, steps, losses)
    }

    mutating func loss(at student: StudentTable, gradient: inout [Double]) -> Double {
      for index in gradient.indices { gradient[index] = 0 }
      func visits(_ side: Side) -> [Double] {
        Occupancy(of: side, in: space, student: student).visits(in: space, at: steps)
      }
      let ofTeacher = teacherVisits ?? visits(.teacher)
      teacherVisits = ofTeacher
      let ofStudent = lambda > 0 ? visits(.student) : ofTeacher
      var sum = 0.0
      for state in 0..<space.count {
        let weight = (1 - lambda) * ofTeacher[state] + lambda * ofStudent[state]
        guard weight > 0 else { continue }
        sum += weight * losses.loss(of: state, at: student, weight: weight, addingTo: &gradient)
      }
      return sum
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A divergence of tokens at every joint state: its value, and its gradient in the student's row.
package struct TokenLosses: Sendable {
  /// What a joint state takes beside its numbers, in bytes.
  static let stateBytes = 1000

  private let space: JointSpace
  private let teachers: [TeacherDistribution]
  private var states: [FitState]
  private var evaluators: [BoundObjective]
  private var slopes: [Double]

  /// - Parameters:
  ///   - objective: the divergence.
  ///   - space: the joint states.
  ///   - kernels: the vector kernels to compute with.
  /// - Throws: `InfiniteObjective` or `UnsuitableTeacher`.
  package init(
    _ objective: Chosen<ObjectiveRecipe>, in space: JointSpace, kernels: VectorKernels
  ) throws {
    self.space = space
    slopes = [Double](repeating: 0, count: space.vocabularySize)
    let zeros = slopes
    teachers = try space.teachers(kernels: kernels)
    for (state, teacher) in teachers.enumerated() {
      try Self.check(objective, teacher, history: space.histories.tokens(of: state))
    }
    states = teachers.map {
      FitState(
        teacher: $0, logits: zeros, views: objective.component.views, kernels: kernels)
    }
    evaluators = states.map { BoundObjective(objective.component, at: $0) }
  }

  private static func check(
    _ objective: Chosen<ObjectiveRecipe>, _ teacher: TeacherDistribution, history: [Int]
  ) throws(SetupError) {
    let place = "\(objective.specification) after the tokens \(history)"
    do throws(BindingError) {
      try objective.component.objective.check(teacher)
    } catch {
      let reason =
        switch error {
        case .infinite(let token):
          " is infinite: token \(token) has probability 0 under the teacher"
        case .unsuitable(let reason): ": \(reason)"
        }
      throw SetupError(place + reason, category: .badData)
    }
  }

  /// The loss of a joint state.
  ///
  /// - Parameters:
  ///   - state: the joint state.
  ///   - student: the student.
  ///   - weight: the factor of the gradient.
  ///   - gradient: receives the sum of itself and the weighted gradient, histories of the student × V.
  /// - Returns: the value, without the weight.
  package mutating func loss(
    of state: Int, at student: StudentTable, weight: Double, addingTo gradient: inout [Double]
  ) -> Double {
    let size = space.vocabularySize
    let row = Int(space.studentRows[state]) * size
    let tokens = teachers[state].tokens
    states[state].update { logits in
      for (rank, token) in tokens.enumerated() { logits[rank] = student.logits[row + token] }
    }
    let value = evaluators[state].loss(at: state, of: &states, gradient: &slopes)
    for (rank, token) in tokens.enumerated() { gradient[row + token] += weight * slopes[rank] }
    return value
  }
}

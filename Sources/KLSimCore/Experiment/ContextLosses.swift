// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Losses and gradients of any contexts of a student that they share, block by block, so that the memory
/// does not grow with their number.
///
/// A `BatchObjective` compares contexts, and so has all of them in one block.
struct ContextLosses: Sendable {
  let model: any StudentModel
  private let recipe: ObjectiveRecipe
  private let teachers: TeacherSet
  private let kernels: VectorKernels
  private let size: Int
  private var logits: [Double] = []
  private var logitGradient: [Double]
  private var lastState: FitState?

  /// Of a block, at most so many logits are in memory, and so many contexts.
  private static let maximumBlock = (logits: 1 << 20, contexts: 64)

  /// The number of contexts of a block.
  static func height(vocabularySize size: Int) -> Int {
    min(maximumBlock.contexts, max(1, maximumBlock.logits / size))
  }

  init(of batch: FitBatch, kernels: VectorKernels) {
    (model, teachers, self.kernels) = (batch.model, batch.teachers, kernels)
    recipe = batch.setup.objective.component
    size = batch.teacher.size
    logitGradient = [Double](repeating: 0, count: size)
  }

  /// Visits contexts in their order.
  ///
  /// - Parameters:
  ///   - contexts: the contexts; one may come several times.
  ///   - parameters: θ.
  ///   - visit: receives the place in `contexts`, teacher and student, the loss, and its gradient in the
  ///     logits by rank.
  ///   - end: receives the places of a block after they were visited.
  mutating func visit(
    _ contexts: [Int], at parameters: [Double],
    _ visit: (Int, FitState, Double, [Double]) throws -> Void,
    endOfBlock end: (Range<Int>) -> Void = { _ in }
  ) rethrows {
    let batch = contexts.count > 1 ? recipe.objective as? any BatchObjective : nil
    var state = lastState
    lastState = nil
    defer { lastState = state }
    let height =
      batch == nil ? Self.height(vocabularySize: size) : max(1, contexts.count)
    for first in stride(from: 0, to: contexts.count, by: height) {
      let places = first..<min(first + height, contexts.count)
      let block = Array(contexts[places])
      if logits.count != block.count * size {
        logits = [Double](repeating: 0, count: block.count * size)
      }
      model.computeLogits(&logits, contexts: block, of: parameters, kernels: kernels)
      func ownLogits(_ row: Int) -> ArraySlice<Double> { logits[row * size..<(row + 1) * size] }
      func newState(_ row: Int) -> FitState {
        FitState(
          teacher: teachers[block[row]], logits: Array(ownLogits(row)), views: recipe.views,
          kernels: kernels)
      }
      if let batch {
        let states = block.indices.map(newState)
        let views = states.map { $0.view(at: recipe.temperature) }
        var evaluator = batch.evaluator(for: views.map(\.teacher), kernels: kernels)
        var gradients = [[Double]](repeating: logitGradient, count: block.count)
        let loss = evaluator.loss(at: views, gradients: &gradients)
        for row in block.indices {
          let scaled = recipe.scaled(loss, gradient: &gradients[row], kernels: kernels)
          try visit(first + row, states[row], scaled, gradients[row])
        }
      } else {
        for row in block.indices {
          // One state serves all rows: a new one would be as many arrays, and a copy as many references.
          var own: FitState
          if let known = state.take() {
            own = consume known
            own.update(to: teachers[block[row]]) {
              $0.replaceSubrange($0.indices, with: ownLogits(row))
            }
          } else {
            own = newState(row)
          }
          var objective = BoundObjective(recipe, at: own)
          let loss = objective.loss(at: own, gradient: &logitGradient)
          try visit(first + row, own, loss, logitGradient)
          state = consume own
        }
      }
      end(places)
    }
  }
}

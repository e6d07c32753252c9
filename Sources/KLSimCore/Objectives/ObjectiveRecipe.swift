// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// An objective with what every objective takes.
package struct ObjectiveRecipe: Sendable {
  /// How per-token terms become one loss.
  package enum Reduction: String, ParameterChoice {
    /// The divergence itself.
    case sum
    /// The divergence divided by V, as the paper's notebooks do.
    case mean
  }

  static let reduction = Parameter(
    "reduction", default: Reduction.sum, summary: "mean divides loss and gradient by V")
  static let temperature = Parameter(
    "temperature", default: 1, .positive, summary: "T of softmax(t/T) and softmax(z/T)")
  static let temperatureScale = Parameter(
    "temperature-scale", default: true, summary: "whether T² multiplies the objective at T")

  /// The keys every objective takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [reduction, temperature, temperatureScale]

  /// The objective itself.
  package let objective: any Objective
  let reduction: Reduction
  /// T: the objective is that of `softmax(t/T)` and `softmax(z/T)`.
  let temperature: Double
  let temperatureScale: Bool

  init(objective: any Objective, _ values: Parameters) {
    self.objective = objective
    reduction = values[Self.reduction]
    let softening = type(of: objective).softening
    temperature = softening.map { values[$0] } ?? 1
    temperatureScale = softening == nil || values[Self.temperatureScale]
  }

  /// The temperatures and terms at which teacher and student will be taken.
  var views: [FitState.View] {
    let views = objective.views.map {
      FitState.View(temperature: $0.temperature * temperature, term: $0.term)
    }
    // The objective itself is not at T unless its own views are at 1.
    return views.contains { $0.temperature == temperature }
      ? views : views + [FitState.View(temperature: temperature)]
  }

  /// The objective as a blend of the two KLs of p and q themselves, nil if it is none.
  var blend: (any KLBlend)? { temperature == 1 ? objective.blend : nil }

  /// Binds the objective to a teacher.
  ///
  /// - Parameters:
  ///   - teacher: p, not softened.
  ///   - kernels: the vector kernels for what depends on the teacher alone.
  /// - Returns: what evaluates the objective for students of this teacher.
  /// - Throws: why that cannot be.
  package func bind(
    to teacher: TeacherDistribution, kernels: VectorKernels = .best
  ) throws(BindingError) -> BoundObjective {
    try objective.check(teacher)
    let softened =
      temperature == 1 ? teacher : teacher.softened(by: temperature, kernels: kernels)
    return BoundObjective(self, softened: softened, kernels: kernels)
  }

  /// Value and gradient at a single state; many states of one teacher are for `bind(to:kernels:)`.
  ///
  /// - Parameter state: a teacher for which the objective exists, and a student.
  /// - Returns: the loss, infinite where the objective's `check` says so, and its gradient in the
  ///   logits by rank.
  package func evaluate(at state: FitState) -> (loss: Double, gradient: [Double]) {
    let view = state.view(at: temperature)
    var evaluator = objective.evaluator(for: view.teacher, kernels: state.kernels)
    var gradient = state.logits
    let loss = evaluator.loss(at: view, gradient: &gradient)
    return (scaled(loss, gradient: &gradient, kernels: state.kernels), gradient)
  }

  /// What temperature and reduction make of the objective's own value and gradient.
  ///
  ///     L_T = T² D(softmax(t/T), softmax(z/T)),   g_T = T g_D;   both over T² without the scale
  func scaled(
    _ loss: Double, gradient: inout [Double], kernels: VectorKernels
  ) -> Double {
    var loss = loss
    if temperature != 1 {
      if temperatureScale { loss *= temperature * temperature }
      kernels.scale(&gradient, by: temperatureScale ? temperature : 1 / temperature)
    }
    guard reduction == .mean else { return loss }
    let divisor = divisor(vocabularySize: gradient.count)
    kernels.divide(&gradient, by: divisor)
    return loss / divisor
  }

  /// What loss and gradient are divided by: 1, or V.
  func divisor(vocabularySize: Int) -> Double {
    reduction == .mean ? Double(vocabularySize) : 1
  }
}

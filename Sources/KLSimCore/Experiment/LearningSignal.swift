// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What moves a student: a loss and a gradient in its parameters, exact or estimated.
///
/// The exact one is `LossFunction`. One that is drawn, such as an estimate from samples, takes its
/// random stream in `begin(seed:)`, so that equal seeds give equal runs; like the stream, it need not be
/// copyable.
public protocol LearningSignal: ~Copyable {
  /// The student.
  var model: any StudentModel { get }

  /// Teacher and student of every context where the signal was taken last.
  var states: [FitState] { get }

  /// Starts a run afresh.
  ///
  /// - Parameter seed: the run's seed.
  mutating func begin(seed: UInt64)

  /// Takes the signal.
  ///
  /// - Parameters:
  ///   - parameters: θ.
  ///   - gradient: receives `∂L/∂θ`, an estimate of it, or the stated formula where gradients are
  ///     stopped.
  /// - Returns: the losses, one a context.
  @discardableResult
  mutating func evaluate(at parameters: [Double], gradient: inout [Double]) -> [Double]

  /// Lets an optimizer begin the softmax of the next student while it moves the parameters, if these
  /// are logits.
  ///
  /// The signal is then to be taken next where the optimizer has moved them.
  ///
  /// - Parameter step: receives where logits and `exp(z − shift)` go, and the shift.
  /// - Returns: whether the step was made; if not, it is to be made without.
  mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) -> Bool

  /// The gradient in the logits of one context where the signal was taken last, without the context's
  /// weight.
  ///
  /// - Parameters:
  ///   - context: the context.
  ///   - gradient: what the signal was taken with: the gradient in θ there.
  /// - Returns: one value a rank.
  func logitGradient(context: Int, from gradient: [Double]) -> [Double]
}

extension LearningSignal where Self: ~Copyable {
  public mutating func advance(
    _ step: (_ logits: inout [Double], _ exponentials: inout [Double], _ shift: Double)
      -> BegunSoftmax
  ) -> Bool { false }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// A parametrised distribution: maps parameters to logits and pulls a gradient back.
public protocol Student: Component {
  /// How many parameters it has for a vocabulary of V tokens.
  func parameterCount(vocabularySize: Int) -> Int

  /// Fills `logits` with the student's logits by rank.
  ///
  /// - Parameters:
  ///   - logits: receives z, V values.
  ///   - parameters: θ.
  func computeLogits(_ logits: inout [Double], of parameters: Span<Double>)

  /// Turns the gradient in the logits into the gradient in the parameters.
  ///
  /// - Parameters:
  ///   - logitGradient: `∂L/∂z`, V values.
  ///   - parameters: θ.
  ///   - parameterGradient: receives `∂L/∂θ`.
  func pullBack(
    _ logitGradient: [Double], at parameters: Span<Double>,
    into parameterGradient: inout [Double])
}

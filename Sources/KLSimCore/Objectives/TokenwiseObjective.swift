// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// An objective that is a sum over tokens of terms in p and q there.
///
///     L = c + Σ weight · term          ∂L/∂z = r − q Σ r,   r = q ∂L/∂q
public protocol TokenwiseObjective: Objective, ObjectiveEvaluator {
  /// The terms.
  var terms: [WeightedTerm] { get }
  /// The constant c.
  var offset: Double { get }
}

extension TokenwiseObjective {
  public var offset: Double { 0 }

  public var views: [FitState.View] {
    [FitState.View(temperature: 1, term: terms[0])]
  }

  public var needsFullSupport: Bool { terms.contains { $0.term.needsFullSupport } }

  public var hasCorners: Bool { terms.contains { $0.term.hasCorners } }

  public func loss(at state: FitState, gradient: inout [Double]) -> Double {
    offset + state.sum(of: terms, gradient: &gradient)
  }
}

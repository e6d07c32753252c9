// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Teachers whose log weights are independent normal variates, one set a seed: `log wᵢ ~ N(0, σ²)`.
///
/// They share the law and not the generator, so that one seed gives different teachers.
protocol NormalLogWeights: Teacher {
  /// The parameter of σ.
  static var sigmaParameter: Parameter<Double> { get }
  /// The number of tokens, V.
  var size: Int { get }
  /// σ, the spread of the log weights.
  var sigma: Double { get }

  init(size: Int, sigma: Double)
}

extension NormalLogWeights {
  package static var parameters: [any ParameterDeclaration] { [sizeParameter, sigmaParameter] }

  static var sizeParameter: Parameter<Int> { .size(80) }

  package init(_ values: Parameters) {
    self.init(size: values[Self.sizeParameter], sigma: values[Self.sigmaParameter])
  }

  package var isRandom: Bool { true }
}

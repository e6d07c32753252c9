// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A Csiszár divergence, for one of the functions f of TensorFlow Probability.
///
///     L = Σ q f(u),  u = p/q
///     ∂L/∂q = f(u) − u f′(u)
///
/// `dual` uses `u f(1/u)` for f, which exchanges p and q; `symmetrized` uses the mean of the two.
/// `self-normalized` adds the term that makes f′(1) = 0: a multiple of u − 1, which changes nothing
/// between distributions, or of 1 + u, which changes L by a constant.
///
/// `kl-reverse` has the gradient of reverse KL. The estimator k3 of reverse KL, `u − 1 − log u` for tokens
/// drawn from q, has the same value, but as a loss, with the draws held fixed, the gradient of forward KL.
package struct CsiszarDivergence: TokenwiseObjective {
  package static let name = "csiszar"
  package static let summary = "Csiszár divergence of a function f"
  package static let formula = """
    L = Σ q f(u),  u = p/q;  h = f(u) - u f'(u),  g = q ∘ (h - <q,h>);  self-normalized adds
    kl-forward            u log u                            - (u-1)
    kl-reverse            -log u                             + (u-1)
    amari-alpha           (u^α - 1)/(α(α-1))                 - (u-1)/(α-1)
    jensen-shannon        u log u - (1+u) log(1+u)           + (1+u) log 2
    arithmetic-geometric  (1+u) log((1+u)/√u)                - (1+u) log 2
    total-variation       ½ |u-1|
    pearson               (u-1)²
    squared-hellinger     (√u-1)²
    triangular            (u-1)²/(1+u)
    t-power               s (u^t - 1), s = -1 if 0<t<1 else 1    - s t (u-1)
    log1p-abs             max(u, 1/u) - 1
    jeffreys              ½ (u-1) log u
    chi-square            u² - 1
    modified-gan          log(1+u) - log u                   + ½ (u-1)
    kl-reverse has the gradient of rkl; k3 = u - 1 - log u as a loss on draws from q has that of fkl
    """
  package static let reference = "Csiszár, 1963; documentation of tfp.vi, TensorFlow Probability"

  static let function = Parameter<CsiszarFunction>(
    "f", default: nil, summary: "the function f; the formula has each")
  static let alpha = Parameter<Double>("alpha", default: 1, summary: "α of amari-alpha")
  static let exponent = Parameter(
    "t", default: 0.5,
    Domain(summary: "a number other than 0 and 1") { $0 != 0 && $0 != 1 },
    summary: "t of t-power")
  static let dual = Parameter("dual", default: false, summary: "whether p and q are exchanged")
  static let symmetrized = Parameter(
    "symmetrized", default: false, summary: "whether it is the mean of f and its dual")
  static let selfNormalized = Parameter(
    "self-normalized", default: false, summary: "whether f'(1) is made 0")
  package static let parameters: [any ParameterDeclaration] = [
    function, alpha, exponent, dual, symmetrized, selfNormalized,
  ]

  package let terms: [WeightedTerm]
  package let offset: Double

  package init(_ values: Parameters) throws(SpecificationError) {
    let function = values[Self.function]
    let (alpha, exponent) = (values[Self.alpha], values[Self.exponent])
    guard function == .amariAlpha || alpha == Self.alpha.defaultValue else {
      throw .inconsistent(component: values.component, "alpha is a parameter of f=amari-alpha only")
    }
    guard function == .tPower || exponent == Self.exponent.defaultValue else {
      throw .inconsistent(component: values.component, "t is a parameter of f=t-power only")
    }
    let order = function == .tPower ? exponent : alpha
    let isDual = values[Self.dual]
    let term = function.term(order, isDual: isDual)
    let other = function.term(order, isDual: !isDual)
    terms =
      values[Self.symmetrized] && other != term
      ? [term, other].map { WeightedTerm($0.term, weight: $0.weight / 2) } : [term]
    offset = function.offset(isSelfNormalized: values[Self.selfNormalized])
  }
}

/// The functions f of Csiszár divergences.
enum CsiszarFunction: String, ParameterChoice {
  case klForward = "kl-forward"
  case klReverse = "kl-reverse"
  case amariAlpha = "amari-alpha"
  case jensenShannon = "jensen-shannon"
  case arithmeticGeometric = "arithmetic-geometric"
  case totalVariation = "total-variation"
  case pearson
  case squaredHellinger = "squared-hellinger"
  case triangular
  case tPower = "t-power"
  case log1pAbs = "log1p-abs"
  case jeffreys
  case chiSquare = "chi-square"
  case modifiedGAN = "modified-gan"

  /// The divergence minus the sum of its term: a multiple of `Σ q (1 + u) log 2 = log 4`.
  fileprivate func offset(isSelfNormalized: Bool) -> Double {
    let log4 = 0x1.62e42fefa39efp+0
    return switch self {
    case .jensenShannon: isSelfNormalized ? 0 : -log4
    case .arithmeticGeometric: isSelfNormalized ? -log4 : 0
    default: 0
    }
  }

  /// The term of f, or of its dual.
  fileprivate func term(_ order: Double, isDual: Bool) -> WeightedTerm {
    /// The alpha divergence, whose dual is that of 1 − α.
    func alpha(_ alpha: Double, weight: Double = 1) -> WeightedTerm {
      WeightedTerm(.alpha(isDual ? 1 - alpha : alpha), weight: weight)
    }
    return switch self {
    case .klForward: alpha(1)
    case .klReverse: alpha(0)
    case .amariAlpha: alpha(order)
    case .jensenShannon:
      WeightedTerm(GeneralizedJensenShannon.term(beta: 0.5, .gkd), weight: 2)
    case .arithmeticGeometric: WeightedTerm(.arithmeticGeometric)
    case .totalVariation: WeightedTerm(.totalVariation)
    case .pearson, .chiSquare: alpha(2, weight: 2)
    case .squaredHellinger: alpha(0.5, weight: 0.5)
    case .triangular: WeightedTerm(.triangular)
    case .tPower: alpha(order, weight: abs(order * (order - 1)))
    case .log1pAbs: WeightedTerm(.logAbs(isDual: isDual))
    case .jeffreys: WeightedTerm(.blend(forward: 0.5, reverse: 0.5))
    case .modifiedGAN: WeightedTerm(.modifiedGAN(isDual: isDual))
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimNumerics

/// A divergence `Σ π₀ f(v)`, `v = π/π₀`, of a policy from its reference, by f′ with `f′(1) = 0`.
///
///     rkl      f′ = log v               v f″ = 1
///     fkl      f′ = 1 − 1/v             v f″ = 1/v
///     js       f′ = log(2v/(1 + v))     v f″ = 1/(1 + v)
///     alpha    f′ = (1 − v^−α)/α        v f″ = v^−α,   0 < α < 1
///
/// Source: Wang et al., arXiv 2309.16240, with α for the 1 − α of its authors' code.
package enum PolicyDivergence: Sendable {
  case rkl, js
  /// α in (0, 1]; 1 is fkl.
  case alpha(Double)

  /// The names of the divergences.
  enum Name: String, ParameterChoice {
    case rkl, fkl, js, alpha
  }

  static let name = Parameter(
    "divergence", default: Name.rkl, summary: "the divergence from the reference")
  static let alpha = Parameter(
    "alpha", default: 0.5, Domain(summary: "a number in (0, 1)") { $0 > 0 && $0 < 1 },
    summary: "α of divergence=alpha; towards 0 it is rkl, towards 1 fkl")

  /// The divergence of the keys `divergence` and `alpha`.
  ///
  /// - Throws: `SpecificationError` for an α that is not used.
  init(_ values: Parameters) throws(SpecificationError) {
    let name = values[Self.name]
    guard name == .alpha || !values.isChanged(Self.alpha.name) else {
      throw .inconsistent(
        component: values.component, "alpha=… goes with divergence=alpha only")
    }
    self =
      switch name {
      case .rkl: .rkl
      case .fkl: .alpha(1)
      case .js: .js
      case .alpha: .alpha(values[Self.alpha])
      }
  }

  /// f′ of log v.
  package func slope(_ logRatio: Double, kernels: VectorKernels) -> Double {
    switch self {
    case .rkl: logRatio
    // log(2v/(1 + v)) = log 2 − log(1 + 1/v)
    case .js: kernels.logarithms([2])[0] - kernels.logSumExp(0, -logRatio)
    case .alpha(let alpha): (1 - kernels.exponentials([-alpha * logRatio])[0]) / alpha
    }
  }

  /// v f″ of log v: the derivative of f′ in log v.
  func curvature(_ logRatio: Double, kernels: VectorKernels) -> Double {
    switch self {
    case .rkl: 1
    case .js: kernels.exponentials([-kernels.logSumExp(0, logRatio)])[0]
    case .alpha(let alpha): kernels.exponentials([-alpha * logRatio])[0]
    }
  }

  /// log v of f′, the inverse of `slope`.
  func logRatio(_ slope: Double, kernels: VectorKernels) -> Double {
    switch self {
    case .rkl: return slope
    case .js: return slope - kernels.logarithm(onePlus: 1 - kernels.exponentials([slope])[0])
    case .alpha(let alpha): return -kernels.logarithm(onePlus: -alpha * slope) / alpha
    }
  }

  /// The policy that maximises `Σ π r − β Σ π₀ f(π/π₀)`: `f′(π/π₀) = (r − λ)/β`.
  ///
  /// λ is the root of `Σ π = 1`, of which `Σ π` is a decreasing function. At λ = max r no v exceeds 1; the
  /// token of max r alone has π = 1 where its f′ is that of `1/π₀`.
  ///
  /// - Parameters:
  ///   - reward: r, π₀ and β.
  ///   - kernels: the vector kernels for its arithmetic.
  /// - Returns: log π by token, normalised up to rounding.
  /// - Throws: `GSLError` if there is no root, `SetupError` if the masses at the root do not sum to 1 within
  ///   1e-6, or of `rkl` have no finite sum.
  func optimum(of reward: BanditReward, kernels: VectorKernels) throws -> [Double] {
    let (rewards, logReference, beta) = (reward.rewards, reward.logReference, reward.beta)
    let best = rewards.indices.max { rewards[$0] < rewards[$1] } ?? 0
    func logPolicy(_ shift: Double) -> [Double] {
      rewards.indices.map {
        let slope = shift - (rewards[best] - rewards[$0]) / beta
        return logReference[$0] + logRatio(slope, kernels: kernels)
      }
    }
    func refusal(_ alternative: String = "") -> SetupError {
      SetupError(
        "bandit: the reference gives its best token, \(best), a probability of e^\(logReference[best]), too small for"
          + " the optimum to be found in doubles; take a smaller sigma=… or a larger reference=… of this token"
          + alternative, category: .badData)
    }
    // Of rkl the shift is a factor, which is normalised away.
    if case .rkl = self {
      let policy = logPolicy(0)
      guard kernels.logSumExp(policy).isFinite else { throw refusal() }
      return policy
    }
    func logMass(_ shift: Double) -> Double { kernels.logSumExp(logPolicy(shift)) }
    // (max r − λ)/β, between 0 and the f′ above.
    let highest = slope(-logReference[best], kernels: kernels)
    let policy =
      if logMass(0) >= 0 {
        logPolicy(0)
      } else if logMass(highest) > 0 {
        logPolicy(try RootFinder.root(from: 0, to: highest, of: logMass))
      } else {
        logPolicy(highest)
      }
    guard abs(kernels.logSumExp(policy)) < 1e-6 else { throw refusal(", or divergence=rkl") }
    return policy
  }
}

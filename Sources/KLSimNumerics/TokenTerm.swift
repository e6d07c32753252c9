// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels
internal import RealModule

/// The contribution of one token to an objective: a term of the loss, and its slope.
///
/// In the formulas u = p/q, d = log u, and r is the slope `q ∂/∂q` of the term, without the parts that
/// an objective holds constant, and up to a constant times q.
public enum TokenTerm: Equatable, Sendable {
  /// `a p d − b q d`; `r = −a p − b q d`. Blends of forward and reverse KL.
  case blend(forward: Double, reverse: Double)
  /// `−(p^α q^β − α/(α+β) p^(α+β) − β/(α+β) q^(α+β))/(αβ)` and its limits at α, β, α + β = 0;
  /// `r = q^β (q^α − p^α)/α`. Continuous in α and β.
  case alphaBeta(Double, Double)
  /// `a p log(p/m) + b q log(q/m)` with `m = βp + (1 − β)q`, 0 < β < 1;
  /// `r = q (c log(q/m) + e βp/m + f (1−β)q/m)`.
  ///
  /// a is `teacher`, b `student`, c `logRatio`, e `teacherShare` and f `studentShare`.
  case mixture(
    beta: Double, teacher: Double = 0, student: Double = 0, logRatio: Double = 0,
    teacherShare: Double = 0, studentShare: Double = 0)
  /// `½ |p − q|`; `r = ½ q sign(q − p)`.
  case totalVariation
  /// `(p − q)²`; `r = 2q (q − p)`.
  case squaredDifference
  /// `(p − q)²/(p + q)`; `r = q (q − p)(q + 3p)/(p + q)²`.
  case triangular
  /// `(p + q) log((p + q)/√(pq))`; `r = q (log((p + q)/√(pq)) − (u − 1)/2)`.
  case arithmeticGeometric
  /// `q log((p + q)/p)`; the dual has p and q exchanged.
  case modifiedGAN(isDual: Bool)
  /// `q (max(u, 1/u) − 1)`; the dual has p and q exchanged.
  case logAbs(isDual: Bool)
  /// `a p d − (1 − a) q d` with `a = 1/(1 + exp(−βd))`, which r holds constant.
  case sigmoidBlend(beta: Double)

  /// The alpha divergence `(p^α q^(1−α) − α p − (1−α) q)/(α(α−1))`: KL(p‖q) at α = 1, KL(q‖p) at 0.
  public static func alpha(_ alpha: Double) -> Self {
    switch alpha {
    case 0: .blend(forward: 0, reverse: 1)
    case 1: .blend(forward: 1, reverse: 0)
    default: .alphaBeta(alpha, 1 - alpha)
    }
  }

  /// Whether the term has a corner where p = q.
  public var hasCorners: Bool {
    switch self {
    case .totalVariation, .logAbs: true
    default: false
    }
  }

  /// Whether the term is infinite where p = 0.
  public var needsFullSupport: Bool {
    switch self {
    case .blend(_, let reverse): reverse != 0
    case .alphaBeta(let alpha, let beta): !(alpha > 0 && alpha + beta > 0)
    case .mixture, .totalVariation, .squaredDifference, .triangular: false
    case .arithmeticGeometric, .sigmoidBlend: true
    case .modifiedGAN(let isDual), .logAbs(let isDual): !isDual
    }
  }

  /// The term in C, or none, with its coefficients and zeros after them.
  static func kernel(of term: TokenTerm?) -> (kind: klsim_term, coefficients: SIMD8<Double>) {
    let none = SIMD8<Double>()
    return switch term {
    case nil: (KLSIM_NO_TERM, none)
    case .blend(let forward, let reverse): (KLSIM_BLEND, [forward, reverse, 0, 0, 0, 0, 0, 0])
    case .alphaBeta(0, 0): (KLSIM_SQUARED_LOG_RATIO, none)
    // With exponents this far from 0 and a sum of 1, the simple formula loses at most a digit.
    case .alphaBeta(let alpha, let beta)
    where alpha + beta == 1 && min(abs(alpha), abs(beta)) >= 0.1:
      (KLSIM_POWER, [alpha, beta, 0, 0, 0, 0, 0, 0])
    case .alphaBeta(let alpha, let beta): (KLSIM_ALPHA_BETA, [alpha, beta, 0, 0, 0, 0, 0, 0])
    case .mixture(let beta, let a, let b, let c, let e, let f):
      (KLSIM_MIXTURE, [a, b, c, e, f, beta, 1 - beta, 0])
    case .totalVariation: (KLSIM_TOTAL_VARIATION, none)
    case .squaredDifference: (KLSIM_BRIER, none)
    case .triangular: (KLSIM_TRIANGULAR, none)
    case .arithmeticGeometric: (KLSIM_ARITHMETIC_GEOMETRIC, none)
    case .modifiedGAN(let isDual): (KLSIM_MODIFIED_GAN, [isDual ? 1 : 0, 0, 0, 0, 0, 0, 0, 0])
    case .logAbs(let isDual): (KLSIM_LOG_ABS, [isDual ? 1 : 0, 0, 0, 0, 0, 0, 0, 0])
    case .sigmoidBlend(let beta): (KLSIM_SIGMOID_BLEND, [beta, 0, 0, 0, 0, 0, 0, 0])
    }
  }

  /// The term and r of one token, in plain Swift.
  func plain(p: Double, logP: Double, q: Double, logQ: Double) -> (loss: Double, slope: Double) {
    let d = logP - logQ
    func times(_ factor: Double, _ other: Double) -> Double { factor == 0 ? 0 : factor * other }
    switch self {
    case .blend(let forward, let reverse):
      let term = reverse == 0 ? 0 : reverse * times(q, -d)
      return ((forward == 0 ? 0 : forward * times(p, d)) + term, term - forward * p)
    case .alphaBeta(0, 0):
      return (d * d / 2, -d)
    case .alphaBeta(let alpha, let beta):
      return Self.plainAlphaBeta(alpha, beta, logP: logP, logQ: logQ)
    case .mixture(let beta, let a, let b, let c, let e, let f):
      let m = Self.mixtureRatios(beta: beta, d)
      let slope = c * m.logQ + e * m.teacherShare + f * m.studentShare
      return ((p == 0 ? 0 : a * p * m.logP) + b * q * m.logQ, q * slope)
    case .totalVariation:
      return (abs(p - q) / 2, p == q ? 0 : q > p ? q / 2 : -q / 2)
    case .squaredDifference:
      return ((q - p) * (q - p), 2 * q * (q - p))
    case .triangular:
      let gap = Double.tanh(-d / 2)
      return ((p + q) * gap * gap, q * gap * (2 - gap))
    case .arithmeticGeometric:
      let excess = abs(d) / 2 + .log(onePlus: .exp(-abs(d)))
      return (times(p + q, excess), times(q, excess) - (p - q) / 2)
    case .modifiedGAN(let isDual):
      let softplus = max(isDual ? d : -d, 0) + .log(onePlus: .exp(-abs(d)))
      guard !isDual else { return (times(p, softplus), -p / (1 + .exp(-d))) }
      return (times(q, softplus), times(q, softplus + 1 / (1 + .exp(d))))
    case .logAbs(let isDual):
      guard d != 0 else { return (0, 0) }
      let square: Double = isDual ? .exp(2 * logP - logQ) : .exp(2 * logQ - logP)
      return switch (isDual, d > 0) {
      case (false, true): (p - q, -q)
      case (false, false): (square - q, 2 * square - q)
      case (true, true): (square - p, -square)
      case (true, false): (q - p, q)
      }
    case .sigmoidBlend(let beta):
      let a = 1 / (1 + Double.exp(-beta * d))
      let b = 1 / (1 + Double.exp(beta * d))
      return (a * times(p, d) - b * times(q, d), -b * times(q, d) + b * q - a * p)
    }
  }

  /// log(p/m), log(q/m), βp/m and (1 − β)q/m.
  private static func mixtureRatios(
    beta: Double, _ d: Double
  ) -> (logP: Double, logQ: Double, teacherShare: Double, studentShare: Double) {
    let (logTeacher, logStudent) = (d + .log(beta), Double.log(onePlus: -beta))
    // log(m/p) or log(m/q), whichever has the larger part in m.
    let isTeacherLarger = logTeacher >= logStudent
    let less = Double.exp(-abs(logTeacher - logStudent))
    let excess = isTeacherLarger ? beta * less - (1 - beta) : (1 - beta) * less - beta
    // Far from 1 the sum of 1 and the excess has lost digits.
    let ratio = (isTeacherLarger ? beta : 1 - beta) * (1 + less)
    let log = -(abs(excess) < 0.5 ? Double.log(onePlus: excess) : .log(ratio))
    let (major, minor) = (1 / (1 + less), less / (1 + less))
    return isTeacherLarger ? (log, log - d, major, minor) : (d + log, log, minor, major)
  }

  private static func plainAlphaBeta(
    _ alpha: Double, _ beta: Double, logP: Double, logQ: Double
  ) -> (loss: Double, slope: Double) {
    let sum = alpha + beta
    let d = logP - logQ
    func power(_ exponent: Double, _ logarithm: Double) -> Double {
      exponent == 0 ? 1 : .exp(exponent * logarithm)
    }
    let (teacher, student) = (power(sum, logP), power(sum, logQ))
    let mixed = Double.exp((alpha == 0 ? 0 : alpha * logP) + beta * logQ)
    /// (to − from)/c where to = from·exp(c·ratio).
    func gap(from: Double, to: Double, ratio: Double, _ c: Double) -> Double {
      if c == 0 { return from == 0 ? 0 : from * ratio }
      return (abs(c * ratio) < 0.25 ? from * .expMinusOne(c * ratio) : to - from) / c
    }
    let slope = -gap(from: student, to: mixed, ratio: d, alpha)
    if abs(beta) >= abs(alpha) {
      return ((slope + gap(from: student, to: teacher, ratio: d, sum)) / beta, slope)
    }
    let loss =
      gap(from: teacher, to: student, ratio: -d, sum)
      - gap(from: teacher, to: mixed, ratio: -d, beta)
    return (loss / alpha, slope)
  }
}

/// A term of an objective and its weight.
public struct WeightedTerm: Equatable, Sendable {
  /// The factor of the term's loss and slope.
  public let weight: Double
  /// The term itself.
  public let term: TokenTerm

  /// A weighted term.
  public init(_ term: TokenTerm, weight: Double = 1) {
    self.term = term
    self.weight = weight
  }
}

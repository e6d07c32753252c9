// SPDX-License-Identifier: GPL-3.0-or-later

/// Loops that need SIMD. Every level gives the same bits.

#ifndef CKLSIMKERNELS_H
#define CKLSIMKERNELS_H

#include <stdbool.h>
#include <stddef.h>

/// A vector is 8 doubles at every level.
#define KLSIM_LANES 8

/// Instruction sets, worst first.
enum klsim_level { KLSIM_BASELINE, KLSIM_AVX2, KLSIM_AVX512 };

/// The best level that the processor supports.
enum klsim_level klsim_best_level(void);

/// The optimizer of the logits.
enum klsim_optimizer { KLSIM_ADAM, KLSIM_SGD };

/// A block of runs that are fitted to one teacher under a·FKL + b·RKL.
///
/// Either the lanes are 8 runs and a vector is one token of each (`teacher_is_shared`), or the lanes
/// are 8 tokens of one run. Logarithms are in units of ln2/16, so that exp needs no range reduction.
/// Arrays are aligned to 64 bytes. Lanes without a token, in the last two vectors, have p = 0 and
/// log p = KLSIM_ABSENT.
struct klsim_blend {
  /// Even.
  ptrdiff_t vectors;
  bool teacher_is_shared;
  /// The teacher: one double per vector if shared, else 8. Where p = 0, log p is set to 0.
  const double *p;
  const double *log_p;
  /// The student: e = exp(log-ratio + log p), log-ratio = logit − shift − log p, Adam's moments.
  double *numerator;
  double *log_ratio;
  double *mean;
  double *square;

  /// Head and tail errors are summed over segments of vectors; segment i ends before vector
  /// `segment_ends[i]`, and its lane j belongs to part `segment_parts[8 i + j]`.
  ptrdiff_t segments;
  const ptrdiff_t *segment_ends;
  const int *segment_parts;
  ptrdiff_t parts;
  /// 16 doubles per segment.
  double *segment_sums;

  /// The blend: a and b; or, if `adaptive_parts` is above 0, AKL's weights with that many parts as
  /// head. Both are multiplied by `scale`.
  double forward;
  double reverse;
  double scale;
  ptrdiff_t adaptive_parts;

  enum klsim_optimizer optimizer;
  /// Adam: β₁, β₂, ε, weight decay, and the powers of the betas so far, which are 0 without bias
  /// correction. SGD: momentum in `beta1`.
  double beta1;
  double beta2;
  double epsilon;
  double weight_decay;
  double beta1_power;
  double beta2_power;
  bool nesterov;

  /// Sums of the last pass by lane: Σe, Σp·ρ, Σe·(ρ−ρ₀), Σe·u (ρ: log-ratio, u: log e).
  double sums[4][KLSIM_LANES];
  /// ρ₀, about the mean of ρ under q, with which Σ q ρ keeps its digits where one token has all mass.
  /// It is 0 after a pass, which subtracts the mean before its update from ρ.
  double reference[KLSIM_LANES];
  /// Lanes with a number that is not finite; their contents are invalid.
  bool lost[KLSIM_LANES];
};

/// Far below every possible log p, so that e is 0.
#define KLSIM_ABSENT (-1e100)

/// Units of the logarithms of a block: 16/ln2 of them are 1 nat.
#define KLSIM_PER_NAT 0x1.71547652b82fep+4

/// The number of rows of 8 lanes that `blend_run` writes per epoch.
/// Rows: FKL, RKL, H(q), TVD, a, b, then Σ|q−p| of each part, then Σ(q−p) of each part.
static inline ptrdiff_t klsim_rows(ptrdiff_t parts) { return 6 + 2 * parts; }

/// The number of coefficients that a term receives; it may not use all.
#define KLSIM_TERM_COEFFICIENTS 7

/// What a token contributes to an objective; u = p/q, d = log u, r the slope q·∂/∂q, c the coefficients.
enum klsim_term {
  KLSIM_NO_TERM,
  /// c₀ p d − c₁ q d; r = −c₀ p − c₁ q d
  KLSIM_BLEND,
  /// Alpha divergence, (p^α q^β − α p − β q)/(α(α−1)); r = −p^α q^β/α; α = c₀, β = c₁ = 1 − α,
  /// neither near 0
  KLSIM_POWER,
  /// −(p^α q^β − α/(α+β) p^(α+β) − β/(α+β) q^(α+β))/(αβ) with α = c₀, β = c₁, and its limits;
  /// r = q^β (q^α − p^α)/α
  KLSIM_ALPHA_BETA,
  /// ½ d²; r = −d
  KLSIM_SQUARED_LOG_RATIO,
  /// With m = βp + (1−β)q, β = c₅, 1−β = c₆:
  /// c₀ p log(p/m) + c₁ q log(q/m); r = q (c₂ log(q/m) + c₃ βp/m + c₄ (1−β)q/m)
  KLSIM_MIXTURE,
  /// ½ |p − q|; r = ½ q sign(q − p)
  KLSIM_TOTAL_VARIATION,
  /// (p − q)²; r = 2q (q − p)
  KLSIM_BRIER,
  /// (p − q)²/(p + q); r = q (q−p)(q+3p)/(p+q)²
  KLSIM_TRIANGULAR,
  /// (p + q) log((p + q)/√(pq)); r = q (log((p + q)/√(pq)) − (u − 1)/2)
  KLSIM_ARITHMETIC_GEOMETRIC,
  /// q log((p + q)/p); r = q (log((p + q)/p) + q/(p + q)). If c₀ is 1 the dual, p log((p + q)/q);
  /// r = −p²/(p + q)
  KLSIM_MODIFIED_GAN,
  /// q (max(u, 1/u) − 1); r = −q where u > 1, 2q²/p − q where u < 1. If c₀ is 1 the dual,
  /// p (max(u, 1/u) − 1); r = −p²/q where u > 1, q where u < 1. 0 where u = 1
  KLSIM_LOG_ABS,
  /// a p d − (1−a) q d with a = 1/(1 + exp(−c₀ d)), which is constant in r
  KLSIM_SIGMOID_BLEND
};

/// The kernels of one instruction set. Only blocks need alignment.
struct klsim_kernels {
  /// Computes numerators and sums from the log-ratios, after a shift of each lane that keeps exp in
  /// range.
  void (*blend_start)(struct klsim_blend *block);

  /// Writes the metrics of the present epoch and makes an update at its learning rate, `epochs` times;
  /// then, if `finish`, writes the metrics of the last epoch.
  void (*blend_run)(
      struct klsim_blend *block, const double *learning_rates, ptrdiff_t epochs, bool finish,
      double *rows);

  /// log q and q of logits z; returns logsumexp z.
  double (*softmax)(ptrdiff_t count, const double *z, double *log_q, double *q);

  /// The same of every row of a matrix. No two of the arrays overlap.
  void (*softmax_rows)(
      ptrdiff_t rows, ptrdiff_t width, const double *z, double *log_q, double *q);

  /// Softmax of the logits scale·`logits`, which `z` receives and may be the same as. `sums` receives
  /// Σ p (log p − log q), Σ q (log q − log p), Σ q log q, in which terms with p = 0, with q = 0, are
  /// 0; Σ |q − p|; and max z. If `most` is not null, it is the largest of `logits`. If `begun` is not
  /// null, it holds shift, Σ q and max z, z is already filled, and q holds exp(z − shift). Unless
  /// `kind` is KLSIM_NO_TERM, `slopes` and `term_sums` receive what `terms` gives.
  void (*state)(
      ptrdiff_t count, const double *p, const double *log_p, double scale, const double *logits,
      const double *most, const double *begun, double *z, double *log_q,
      double *q, double sums[5], enum klsim_term kind,
      const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight, double *slopes,
      double term_sums[2]);

  /// Σ |q − p| and Σ (q − p).
  void (*differences)(ptrdiff_t count, const double *p, const double *q, double sums[2]);

  /// A step of Adam: m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← keep·θ − step·m/(√v/root + ε). Unless
  /// `z` is null, the parameters are logits: z ← θ, e ← exp(θ − shift), and `sums` receives Σe and
  /// max θ.
  void (*adam)(
      ptrdiff_t count, double *parameters, const double *gradient, double *mean, double *square,
      double beta1, double beta2, double keep, double step, double root, double epsilon, double *z,
      double *e, double shift, double sums[2]);

  /// y ← exp x and y ← log x, elementwise, within 1.2 ulp.
  void (*exp)(ptrdiff_t count, const double *x, double *y);
  void (*log)(ptrdiff_t count, const double *x, double *y);

  /// Sets `slopes` to `weight` times the slopes, plus `others` unless that is null; `sums` receives
  /// the sum of the terms, without the weight, and that of `slopes`, and `losses`, unless it is null,
  /// each term without the weight. The student's logarithms are `log_q` minus both parts of `log_mass`.
  void (*terms)(
      enum klsim_term kind, const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight,
      ptrdiff_t count, const double *p, const double *log_p, const double *q, const double *log_q,
      const double log_mass[2], const double *others, double *slopes, double *losses, double sums[2]);

  /// From slopes to the gradient in the logits: g ← scale·(slope − mean·q), where `mean` is the sum of
  /// the slopes. A token with q > ½ gets `sum` minus the others. g may be the slopes.
  void (*centre)(
      ptrdiff_t count, const double *q, const double *slopes, double mean, double scale,
      double sum, double *g);

  /// out ← a·x + b·y; a term of weight 0 is 0 whatever the other factor.
  void (*linear)(
      ptrdiff_t count, double a, const double *x, double b, const double *y, double *out);

  /// x ← x/divisor.
  void (*divide)(ptrdiff_t count, double *x, double divisor);

  /// Σ x·y; a term with x = 0 is 0.
  double (*dot)(ptrdiff_t count, const double *x, const double *y);

  /// out ← (x + shift) + rest.
  void (*shift)(ptrdiff_t count, const double *x, double shift, double rest, double *out);

  /// Σ x.
  double (*total)(ptrdiff_t count, const double *x);

  /// The largest; −inf if there are none.
  double (*maximum)(ptrdiff_t count, const double *x);

  /// With δ = x − y − centre: Σ w, Σ w δ, Σ w δ². A term with w = 0 is 0; all w are 1 if w is null.
  void (*moments)(
      ptrdiff_t count, const double *w, const double *x, const double *y,
      double centre, double sums[3]);

  /// out ← out + scale·w·(x − y − centre); a term with w = 0 is 0.
  void (*deviations)(
      ptrdiff_t count, double scale, const double *w, const double *x, const double *y,
      double centre, double *out);

  /// log Σ exp(x + scale·y).
  double (*log_sum_exp)(ptrdiff_t count, const double *x, double scale, const double *y);

  /// C ← A B, or C + A B if `adds`: rows × columns, the sums over `inner` terms in their order, each
  /// fused. Element (i, k) of A is at i·a_row + k·a_inner, (k, j) of B at k·b_inner + j·b_column, (i, j)
  /// of C at i·c_row + j.
  void (*product)(
      ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t inner, const double *a, ptrdiff_t a_row,
      ptrdiff_t a_inner, const double *b, ptrdiff_t b_inner, ptrdiff_t b_column, double *c,
      ptrdiff_t c_row, bool adds);
};

/// The kernels of a level that the processor supports.
const struct klsim_kernels *klsim_kernels_of(enum klsim_level level);

#endif

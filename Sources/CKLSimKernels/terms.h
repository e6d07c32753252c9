// SPDX-License-Identifier: GPL-3.0-or-later

// What a token adds to an objective: a term of the loss, and its slope, q times the derivative in q.
// Included once per instruction set. `KLSIM_…` in CKLSimKernels.h gives each formula.

#include "elementary.h"

/// Teacher and student on eight tokens; the log-ratio is log p − log q.
struct tokens {
  vec p, log_p, q, log_q, ratio;
};

struct term {
  vec loss, slope;
};

/// A product that is 0 where its factor is, whatever the other one.
INLINE vec product(vec factor, vec other) { return factor == 0.0 ? SPLAT(0.0) : factor * other; }

INLINE struct term term_blend(struct tokens at, const double *c) {
  vec forward = SPLAT(0.0), reverse = SPLAT(0.0);
  // An infinite divergence may have the weight 0.
  if (c[0] != 0.0) forward = product(at.p, at.ratio);
  if (c[1] != 0.0) reverse = product(at.q, -at.ratio);
  return (struct term){c[0] * forward + c[1] * reverse, c[1] * reverse - c[0] * at.p};
}

INLINE struct term term_squared_log_ratio(struct tokens at, const double *c) {
  (void)c;
  return (struct term){0.5 * at.ratio * at.ratio, -at.ratio};
}

/// c: α, β = 1 − α, neither near 0.
INLINE struct term term_power(struct tokens at, const double *c) {
  vec power = exp_natural(c[0] * at.log_p + c[1] * at.log_q);
  vec slope = (at.q - power) / c[0];
  return (struct term){(slope + (at.p - at.q)) / c[1], slope};
}

/// (to − from)/c where to = from·exp(c·ratio): the limit for c = 0, and no loss of digits near it.
INLINE vec power_gap(vec from, vec to, vec ratio, double c) {
  if (c == 0.0) return product(from, ratio);
  vec x = c * ratio;
  vec gap = magnitude(x) < 0.25 ? from * expm1_small(x) : to - from;
  return gap / c;
}

/// c: α, β. The smaller of them is never divided by.
INLINE struct term term_alpha_beta(struct tokens at, const double *c) {
  double alpha = c[0], beta = c[1], sum = alpha + beta;
  vec teacher = SPLAT(1.0), student = SPLAT(1.0), power = beta * at.log_q;
  // Where p = 0, not 0 · −∞.
  if (alpha != 0.0) power += alpha * at.log_p;
  if (sum != 0.0) teacher = exp_natural(sum * at.log_p), student = exp_natural(sum * at.log_q);
  vec mixed = exp_natural(power);
  vec slope = -power_gap(student, mixed, at.ratio, alpha);
  if (__builtin_fabs(beta) >= __builtin_fabs(alpha))
    return (struct term){(slope + power_gap(student, teacher, at.ratio, sum)) / beta, slope};
  vec loss = power_gap(teacher, student, -at.ratio, sum) -
             power_gap(teacher, mixed, -at.ratio, beta);
  return (struct term){loss / alpha, slope};
}

/// c: log β, log(1 − β), the weights of KL(p‖m) and KL(q‖m) in the loss, those of log(q/m), of βp/m
/// and of (1 − β)q/m in the slope, β, 1 − β.
INLINE struct term term_mixture(struct tokens at, const double *c) {
  // Relative to q, the logarithms of the two parts of m.
  vec teacher = at.ratio + c[0];
  ivec larger = teacher >= c[1];
  vec less = exp_natural(-magnitude(teacher - c[1]));
  vec sum = 1.0 + less;
  // m/p − 1 or m/q − 1, whichever is of the larger part: small where m is close to that.
  vec excess = larger ? c[7] * less - c[8] : c[8] * less - c[7];
  vec log = -log1p_of(excess, 1.0 + excess);
  vec log_p = larger ? log : at.ratio + log;
  vec log_q = larger ? log - at.ratio : log;
  vec major = 1.0 / sum, minor = less / sum;
  vec slope = c[4] * log_q + c[5] * (larger ? major : minor) + c[6] * (larger ? minor : major);
  return (struct term){
      c[2] * product(at.p, log_p) + c[3] * product(at.q, log_q), product(at.q, slope)};
}

INLINE struct term term_total_variation(struct tokens at, const double *c) {
  (void)c;
  vec gap = at.q - at.p;
  vec side = gap > 0.0 ? at.q : -at.q;
  return (struct term){0.5 * magnitude(gap), gap == 0.0 ? SPLAT(0.0) : 0.5 * side};
}

INLINE struct term term_brier(struct tokens at, const double *c) {
  (void)c;
  vec gap = at.q - at.p;
  return (struct term){gap * gap, 2.0 * at.q * gap};
}

/// The larger of p and q as part of their sum, and the logarithm of the sum over the larger.
struct share {
  vec less, sum;
};

INLINE struct share shares(vec ratio) {
  vec less = exp_natural(-magnitude(ratio));
  return (struct share){less, 1.0 + less};
}

/// p/(p + q).
INLINE vec teacher_share(struct share of, vec ratio) {
  return (ratio >= 0.0 ? SPLAT(1.0) : of.less) / of.sum;
}

INLINE struct term term_triangular(struct tokens at, const double *c) {
  (void)c;
  struct share share = shares(at.ratio);
  vec distance = magnitude(at.ratio);
  vec gap = (distance < 0.25 ? -expm1_small(-distance) : 1.0 - share.less) / share.sum;
  vec part = teacher_share(share, at.ratio);
  vec side = at.ratio > 0.0 ? -gap : gap;
  return (struct term){(at.p + at.q) * gap * gap, at.q * side * (1.0 + 2.0 * part)};
}

INLINE struct term term_arithmetic_geometric(struct tokens at, const double *c) {
  (void)c;
  struct share share = shares(at.ratio);
  vec excess = 0.5 * magnitude(at.ratio) + log1p_of(share.less, share.sum);
  vec sum = at.p + at.q;
  return (struct term){
      product(sum, excess), product(at.q, excess) - 0.5 * (at.p - at.q)};
}

/// c[0] is 1 for the dual.
INLINE struct term term_modified_gan(struct tokens at, const double *c) {
  struct share share = shares(at.ratio);
  vec log_sum = log1p_of(share.less, share.sum);
  vec part = teacher_share(share, at.ratio);
  if (c[0] != 0.0) {
    vec softplus = (at.ratio > 0.0 ? at.ratio : SPLAT(0.0)) + log_sum;
    return (struct term){product(at.p, softplus), -at.p * part};
  }
  vec softplus = (at.ratio < 0.0 ? -at.ratio : SPLAT(0.0)) + log_sum;
  return (struct term){product(at.q, softplus), product(at.q, softplus + (1.0 - part))};
}

/// c[0] is 1 for the dual.
INLINE struct term term_log_abs(struct tokens at, const double *c) {
  vec zero = SPLAT(0.0);
  if (c[0] != 0.0) {
    vec square = exp_natural(2.0 * at.log_p - at.log_q);
    vec loss = at.ratio < 0.0 ? at.q - at.p : square - at.p;
    vec slope = at.ratio < 0.0 ? at.q : -square;
    return (struct term){at.ratio == 0.0 ? zero : loss, at.ratio == 0.0 ? zero : slope};
  }
  vec square = exp_natural(2.0 * at.log_q - at.log_p);
  vec loss = at.ratio > 0.0 ? at.p - at.q : square - at.q;
  vec slope = at.ratio > 0.0 ? -at.q : 2.0 * square - at.q;
  return (struct term){at.ratio == 0.0 ? zero : loss, at.ratio == 0.0 ? zero : slope};
}

/// c[0]: β.
INLINE struct term term_sigmoid_blend(struct tokens at, const double *c) {
  vec x = c[0] * at.ratio;
  struct share share = shares(x);
  vec a = (x >= 0.0 ? SPLAT(1.0) : share.less) / share.sum;
  vec b = (x >= 0.0 ? share.less : SPLAT(1.0)) / share.sum;
  vec forward = a * product(at.p, at.ratio), reverse = b * product(at.q, -at.ratio);
  return (struct term){forward + reverse, reverse + b * at.q - a * at.p};
}

/// The terms of the first n tokens, and nothing for the others.
INLINE struct term present(struct term term, ptrdiff_t n) {
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  ivec here = lanes < (int64_t)n;
  return (struct term){here ? term.loss : SPLAT(0.0), here ? term.slope : SPLAT(0.0)};
}

#define TERMS(formula)                                                                        \
  FOR_VECTORS(count) {                                                                        \
    struct tokens at = {LOAD(p, 0.0), LOAD(log_p, 0.0), LOAD(q, 0.0), LOAD(log_q, 0.0),       \
                        SPLAT(0.0)};                                                          \
    at.ratio = at.log_p - at.log_q;                                                           \
    struct term term = formula(at, coefficients);                                             \
    if (n < 8) term = present(term, n);                                                       \
    vec slope = weight * term.slope;                                                          \
    if (add) slope += LOAD(slopes, 0.0);                                                      \
    STORE(slopes, slope);                                                                     \
    loss += term.loss;                                                                        \
    total += slope;                                                                           \
  }                                                                                           \
  break

static void pass_terms(
    enum klsim_term kind, const double *coefficients, double weight, bool add, ptrdiff_t count,
    const double *p, const double *log_p, const double *q, const double *log_q, double *slopes,
    double sums[2]) {
  vec loss = SPLAT(0.0), total = SPLAT(0.0);
  switch (kind) {
    case KLSIM_BLEND: TERMS(term_blend);
    case KLSIM_POWER: TERMS(term_power);
    case KLSIM_ALPHA_BETA: TERMS(term_alpha_beta);
    case KLSIM_SQUARED_LOG_RATIO: TERMS(term_squared_log_ratio);
    case KLSIM_MIXTURE: TERMS(term_mixture);
    case KLSIM_TOTAL_VARIATION: TERMS(term_total_variation);
    case KLSIM_BRIER: TERMS(term_brier);
    case KLSIM_TRIANGULAR: TERMS(term_triangular);
    case KLSIM_ARITHMETIC_GEOMETRIC: TERMS(term_arithmetic_geometric);
    case KLSIM_MODIFIED_GAN: TERMS(term_modified_gan);
    case KLSIM_LOG_ABS: TERMS(term_log_abs);
    case KLSIM_SIGMOID_BLEND: TERMS(term_sigmoid_blend);
  }
  sums[0] = lane_sum(loss);
  sums[1] = lane_sum(total);
}

static void pass_centre(ptrdiff_t count, const double *q, double mean, double scale, double *g) {
  vec rest = SPLAT(0.0), most = SPLAT(0.0);
  FOR_VECTORS(count) {
    vec weight = LOAD(q, 0.0);
    vec slope = scale * (LOAD(g, 0.0) - weight * mean);
    rest += weight > 0.5 ? SPLAT(0.0) : slope;
    most = weight > most ? weight : most;
    STORE(g, slope);
  }
  bool has_top = false;
  for (int lane = 0; lane < 8; lane++) has_top |= most[lane] > 0.5;
  if (!has_top) return;
  ptrdiff_t top = 0;
  while (!(q[top] > 0.5)) top++;
  // Its own difference has lost the digits that the others have kept.
  g[top] = -lane_sum(rest);
}

static void pass_linear(
    ptrdiff_t count, double a, const double *x, double b, const double *y, double *out) {
  FOR_VECTORS(count) {
    vec left = a == 0.0 ? SPLAT(0.0) : a * LOAD(x, 0.0);
    vec right = b == 0.0 ? SPLAT(0.0) : b * LOAD(y, 0.0);
    STORE(out, left + right);
  }
}

static double pass_dot(ptrdiff_t count, const double *x, const double *y) {
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count) sum += product(LOAD(x, 0.0), LOAD(y, 0.0));
  return lane_sum(sum);
}

static void pass_moments(
    ptrdiff_t count, const double *w, const double *x, const double *y, double centre,
    double sums[3]) {
  vec mass = SPLAT(0.0), first = SPLAT(0.0), second = SPLAT(0.0);
  FOR_VECTORS(count) {
    vec weight = LOAD(w, 0.0);
    vec gap = LOAD(x, 0.0) - LOAD(y, 0.0) - centre;
    vec moment = product(weight, gap);
    mass += weight;
    first += moment;
    second += weight == 0.0 ? SPLAT(0.0) : moment * gap;
  }
  sums[0] = lane_sum(mass);
  sums[1] = lane_sum(first);
  sums[2] = lane_sum(second);
}

static void pass_deviations(
    ptrdiff_t count, double scale, const double *w, const double *x, const double *y, double centre,
    double *out) {
  FOR_VECTORS(count) {
    vec gap = LOAD(x, 0.0) - LOAD(y, 0.0) - centre;
    STORE(out, LOAD(out, 0.0) + scale * product(LOAD(w, 0.0), gap));
  }
}

static double pass_log_sum_exp(
    ptrdiff_t count, const double *x, double scale, const double *y) {
  vec top = SPLAT(-__builtin_inf());
  FOR_VECTORS(count) {
    vec value = LOAD(x, -__builtin_inf()) + scale * LOAD(y, 0.0);
    top = value > top ? value : top;
  }
  double most = top[0];
  for (int lane = 1; lane < 8; lane++) most = top[lane] > most ? top[lane] : most;
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count)
    sum += exp_natural(LOAD(x, -__builtin_inf()) + scale * LOAD(y, 0.0) - most);
  return most + log_natural(SPLAT(lane_sum(sum)))[0];
}

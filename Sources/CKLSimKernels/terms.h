// SPDX-License-Identifier: GPL-3.0-or-later

// What a token contributes to an objective: a term of the loss, and its slope, q times the derivative
// in q. Included once per instruction set. The formulas are at `KLSIM_…` in CKLSimKernels.h.

#include "passes.h"

/// Teacher and student on eight tokens; the log-ratio is log p − log q.
struct tokens {
  vec p, log_p, q, log_q, ratio;
};

struct term {
  vec loss, slope;
};

INLINE struct term term_none(struct tokens at, const double *c) {
  (void)at, (void)c;
  return (struct term){SPLAT(0.0), SPLAT(0.0)};
}

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
  vec power = exp_of_rounded(c[0] * at.log_p + c[1] * at.log_q);
  vec gap = (power - at.q) * (1.0 / c[0]);
  return (struct term){((at.p - at.q) - gap) * (1.0 / c[1]), power * (-1.0 / c[0])};
}

/// Where exponents lie: all far from 0; far from 0 or 0 itself; or anywhere. Loops with fewer cases are
/// faster.
enum exponents { ALL_FAR, FAR_OR_ZERO, ANYWHERE };

/// (to − from)/c where to = from·exp(c·ratio): the limit for c = 0, and no loss of digits near it.
INLINE vec power_gap(vec from, vec to, vec ratio, double c, enum exponents lie) {
  if (lie != ALL_FAR && c == 0.0) return product(from, ratio);
  vec gap = to - from;
  if (lie == ANYWHERE && __builtin_fabs(c) < 0.1) {
    vec x = c * ratio;
    gap = magnitude(x) < 0.25 ? from * expm1_small(x) : gap;
  }
  return gap * (1.0 / c);
}

/// Where α, β and α + β lie.
INLINE enum exponents exponents_of(const double *c) {
  const double all[3] = {c[0], c[1], c[0] + c[1]};
  enum exponents lie = ALL_FAR;
  for (int i = 0; i < 3; i++) {
    if (__builtin_fabs(all[i]) >= 0.1) continue;
    lie = all[i] == 0.0 && lie != ANYWHERE ? FAR_OR_ZERO : ANYWHERE;
  }
  return lie;
}

/// c: α, β. The smaller of them is never divided by.
INLINE struct term alpha_beta(struct tokens at, const double *c, enum exponents lie) {
  double alpha = c[0], beta = c[1], sum = alpha + beta;
  vec teacher = SPLAT(1.0), student = SPLAT(1.0);
  if (sum == 1.0) {
    teacher = at.p, student = at.q;
  } else if (lie == ALL_FAR || sum != 0.0) {
    teacher = exp_of_rounded(sum * at.log_p), student = exp_of_rounded(sum * at.log_q);
  }
  vec mixed = alpha == 0.0 ? student : teacher;
  if (lie == ALL_FAR || (alpha != 0.0 && beta != 0.0)) {
    mixed = exp_of_rounded(alpha * at.log_p + beta * at.log_q);
  }
  vec slope = -power_gap(student, mixed, at.ratio, alpha, lie);
  if (__builtin_fabs(beta) >= __builtin_fabs(alpha)) {
    vec whole = power_gap(student, teacher, at.ratio, sum, lie);
    return (struct term){(slope + whole) * (1.0 / beta), slope};
  }
  vec loss = power_gap(teacher, student, -at.ratio, sum, lie) -
             power_gap(teacher, mixed, -at.ratio, beta, lie);
  return (struct term){loss * (1.0 / alpha), slope};
}

INLINE struct term term_far_alpha_beta(struct tokens at, const double *c) {
  return alpha_beta(at, c, ALL_FAR);
}
INLINE struct term term_limit_alpha_beta(struct tokens at, const double *c) {
  return alpha_beta(at, c, FAR_OR_ZERO);
}
INLINE struct term term_alpha_beta(struct tokens at, const double *c) {
  return alpha_beta(at, c, ANYWHERE);
}

/// log((p + q)/max(p, q)); 0 where both are 0.
INLINE vec log_excess(vec p, vec q, vec sum) {
  vec most = p >= q ? p : q, least = p >= q ? q : p;
  ivec high = sum > 0x1.6a09e667f3bcdp+0 * most;
  vec gap = high ? 0.5 * (least - most) : least, whole = (high ? 0.5 * sum : sum) + most;
  return log_quotient(high ? SPLAT(1.0) : SPLAT(0.0), gap / (whole + 0x1p-1074));
}

/// A number c = 2^k·f with f in [√½, √2).
struct scaling {
  double k, inverse_power;
};

INLINE struct scaling scaling_of(double c) {
  int64_t bits;
  memcpy(&bits, &c, sizeof bits);
  int64_t k = (bits - (int64_t)0x3fe6a09e667f3bcd) >> 52, power = (1023 - k) << 52;
  struct scaling of = {(double)k, 0.0};
  memcpy(&of.inverse_power, &power, sizeof power);
  return of;
}

/// c: the weights of KL(p‖m) and KL(q‖m) in the loss, those of log(q/m), of βp/m and of (1 − β)q/m in
/// the slope, β, 1 − β.
INLINE struct term term_mixture(struct tokens at, const double *c) {
  const struct scaling teacher = scaling_of(c[5]), student = scaling_of(c[6]);
  vec left = c[5] * at.p, right = c[6] * at.q, m = left + right;
  ivec first = left >= right;
  // m/p is from β to 2β where p has the larger part, m/q from 1 − β to 2(1 − β) where q has.
  vec base = first ? at.p : at.q;
  vec k = first ? SPLAT(teacher.k) : SPLAT(student.k);
  vec scaled = m * (first ? SPLAT(teacher.inverse_power) : SPLAT(student.inverse_power));
  ivec high = scaled > 0x1.6a09e667f3bcdp+0 * base;
  scaled = high ? 0.5 * scaled : scaled;
  k = high ? k + 1.0 : k;
  // m − p and m − q from q − p, which keeps its digits where p and q are close.
  vec gap = (first ? SPLAT(c[6]) : SPLAT(-c[5])) * (at.q - at.p);
  gap = k == 0.0 ? gap : scaled - base;
  vec log = -log_quotient(k, gap / (scaled + base + 0x1p-1074));
  vec log_q = first ? log - at.ratio : log;
  vec slope = c[2] * log_q, loss = SPLAT(0.0);
  if (c[0] != 0.0) loss += c[0] * product(at.p, first ? log : at.ratio + log);
  if (c[1] != 0.0) loss += c[1] * product(at.q, log_q);
  if (c[3] != 0.0 || c[4] != 0.0) slope += (c[3] * left + c[4] * right) / m;
  return (struct term){loss, product(at.q, slope)};
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

INLINE struct term term_triangular(struct tokens at, const double *c) {
  (void)c;
  vec sum = at.p + at.q;
  vec side = (at.q - at.p) / (sum + 0x1p-1074);
  return (struct term){sum * side * side, at.q * side * (2.0 - side)};
}

INLINE struct term term_arithmetic_geometric(struct tokens at, const double *c) {
  (void)c;
  vec sum = at.p + at.q, excess = 0.5 * magnitude(at.ratio) + log_excess(at.p, at.q, sum);
  return (struct term){product(sum, excess), product(at.q, excess) - 0.5 * (at.p - at.q)};
}

/// c[0] is 1 for the dual.
INLINE struct term term_modified_gan(struct tokens at, const double *c) {
  vec sum = at.p + at.q, log_sum = log_excess(at.p, at.q, sum);
  if (c[0] != 0.0) {
    vec softplus = (at.ratio > 0.0 ? at.ratio : SPLAT(0.0)) + log_sum;
    return (struct term){product(at.p, softplus), -at.p * (at.p / (sum + 0x1p-1074))};
  }
  vec softplus = (at.ratio < 0.0 ? -at.ratio : SPLAT(0.0)) + log_sum;
  return (struct term){product(at.q, softplus), product(at.q, softplus + at.q / (sum + 0x1p-1074))};
}

/// c[0] is 1 for the dual.
INLINE struct term term_log_abs(struct tokens at, const double *c) {
  vec zero = SPLAT(0.0);
  if (c[0] != 0.0) {
    vec square = exp_of_rounded(2.0 * at.log_p - at.log_q);
    vec loss = at.ratio < 0.0 ? at.q - at.p : square - at.p;
    vec slope = at.ratio < 0.0 ? at.q : -square;
    return (struct term){at.ratio == 0.0 ? zero : loss, at.ratio == 0.0 ? zero : slope};
  }
  vec square = exp_of_rounded(2.0 * at.log_q - at.log_p);
  vec loss = at.ratio > 0.0 ? at.p - at.q : square - at.q;
  vec slope = at.ratio > 0.0 ? -at.q : 2.0 * square - at.q;
  return (struct term){at.ratio == 0.0 ? zero : loss, at.ratio == 0.0 ? zero : slope};
}

/// c[0]: β.
INLINE struct term term_sigmoid_blend(struct tokens at, const double *c) {
  vec x = c[0] * at.ratio;
  vec less = exp_of_rounded(-magnitude(x)), major = 1.0 / (1.0 + less), minor = less * major;
  vec a = x >= 0.0 ? major : minor, b = x >= 0.0 ? minor : major;
  vec forward = a * product(at.p, at.ratio), reverse = b * product(at.q, -at.ratio);
  return (struct term){forward + reverse, reverse + b * at.q - a * at.p};
}

/// The terms of a span, and 0 in the lanes after it.
INLINE struct term present(struct term term, struct span span) {
  ivec here = has_lane(span);
  return (struct term){here ? term.loss : SPLAT(0.0), here ? term.slope : SPLAT(0.0)};
}

typedef struct term formula(struct tokens at, const double *c);

/// A loop over tokens for a formula that is a compile-time constant at every call.
typedef void term_loop(formula *formula, void *pass);

/// Runs a loop for the formula of a kind.
INLINE void for_kind(enum klsim_term kind, const double *c, term_loop *loop, void *pass) {
  switch (kind) {
    case KLSIM_NO_TERM: return loop(term_none, pass);
    case KLSIM_BLEND: return loop(term_blend, pass);
    case KLSIM_POWER: return loop(term_power, pass);
    case KLSIM_ALPHA_BETA:
      switch (exponents_of(c)) {
        case ALL_FAR: return loop(term_far_alpha_beta, pass);
        case FAR_OR_ZERO: return loop(term_limit_alpha_beta, pass);
        case ANYWHERE: return loop(term_alpha_beta, pass);
      }
      return;
    case KLSIM_SQUARED_LOG_RATIO: return loop(term_squared_log_ratio, pass);
    case KLSIM_MIXTURE: return loop(term_mixture, pass);
    case KLSIM_TOTAL_VARIATION: return loop(term_total_variation, pass);
    case KLSIM_BRIER: return loop(term_brier, pass);
    case KLSIM_TRIANGULAR: return loop(term_triangular, pass);
    case KLSIM_ARITHMETIC_GEOMETRIC: return loop(term_arithmetic_geometric, pass);
    case KLSIM_MODIFIED_GAN: return loop(term_modified_gan, pass);
    case KLSIM_LOG_ABS: return loop(term_log_abs, pass);
    case KLSIM_SIGMOID_BLEND: return loop(term_sigmoid_blend, pass);
  }
}

/// A pass over the terms of a known student.
struct terms_pass {
  ptrdiff_t count;
  const double *p, *log_p, *q, *log_q;
  double most, rest, weight;
  /// A copy that no store can alias, so that what depends on coefficients alone is computed once.
  double coefficients[KLSIM_TERM_COEFFICIENTS];
  const double *others;
  double *slopes, *losses;
  vec loss, total;
};

INLINE void terms_loop(formula *formula, void *pass) {
  struct terms_pass *x = pass;
  FOR_VECTORS(span, x->count) {
    struct tokens at = {
        .p = load_at(x->p, span, 0.0),
        .log_p = load_at(x->log_p, span, 0.0),
        .q = load_at(x->q, span, 0.0),
        .log_q = load_at(x->log_q, span, 0.0) - x->most - x->rest,
    };
    at.ratio = at.log_p - at.log_q;
    struct term term = present(formula(at, x->coefficients), span);
    vec slope = x->weight * term.slope;
    if (x->others) slope += load_at(x->others, span, 0.0);
    store_at(x->slopes, span, slope);
    if (x->losses) store_at(x->losses, span, term.loss);
    x->loss += term.loss;
    x->total += slope;
  }
}

static void pass_terms(
    enum klsim_term kind, const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight,
    ptrdiff_t count, const double *p, const double *log_p, const double *q, const double *log_q,
    const double log_mass[2], const double *others, double *slopes, double *losses, double sums[2]) {
  struct terms_pass pass = {
      .count = count,
      .p = p,
      .log_p = log_p,
      .q = q,
      .log_q = log_q,
      .most = log_mass[0],
      .rest = log_mass[1],
      .weight = weight,
      .others = others,
      .slopes = slopes,
      .losses = losses,
      .loss = SPLAT(0.0),
      .total = SPLAT(0.0),
  };
  memcpy(pass.coefficients, coefficients, sizeof pass.coefficients);
  for_kind(kind, pass.coefficients, terms_loop, &pass);
  sums[0] = lane_sum(pass.loss);
  sums[1] = lane_sum(pass.total);
}

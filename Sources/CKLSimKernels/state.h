// SPDX-License-Identifier: GPL-3.0-or-later

// A student from its logits, and what is summed over it on the way; included once per instruction
// set.

#include "terms.h"

/// A softmax but for its scale, which is left to the caller: z becomes scale·logits, e exp(z − most).
struct softmax {
  double most, log_total, inverse;
};

INLINE struct softmax begin_softmax(
    ptrdiff_t count, double scale, const double *logits, double most, double *z, double *e) {
  const double none = -__builtin_inf();
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count) {
    vec logit = scale * LOAD(logits, none), part = exp_natural(logit - most);
    STORE(z, logit);
    STORE(e, part);
    sum += part;
  }
  double total = lane_sum(sum);
  return (struct softmax){most, log_natural(SPLAT(total))[0], 1.0 / total};
}

/// The same from e = exp(z − shift).
INLINE struct softmax resume_softmax(double shift, double total, double most) {
  double log_total = log_natural(SPLAT(total))[0] + (shift - most);
  return (struct softmax){most, log_total, 1.0 / total};
}

/// Not z minus their sum: beside a large maximum the logarithm would lose its digits.
INLINE vec log_student(vec z, struct softmax of) { return z - of.most - of.log_total; }

static double pass_softmax(ptrdiff_t count, const double *z, double *log_q, double *q) {
  struct softmax of = begin_softmax(count, 1.0, z, pass_maximum(count, z), log_q, q);
  FOR_VECTORS(count) {
    STORE(log_q, log_student(LOAD(z, 0.0), of));
    STORE(q, LOAD(q, 0.0) * of.inverse);
  }
  return of.most + of.log_total;
}

struct divergences {
  vec forward, reverse, self;
};

INLINE void add_divergences(struct divergences *sums, struct tokens at) {
  sums->forward += product(at.p, at.ratio);
  sums->reverse -= product(at.q, at.ratio);
  sums->self += product(at.q, at.log_q);
}

INLINE void store_divergences(struct divergences of, double sums[3]) {
  sums[0] = lane_sum(of.forward);
  sums[1] = lane_sum(of.reverse);
  sums[2] = lane_sum(of.self);
}

static void pass_state(
    ptrdiff_t count, const double *p, const double *log_p, double scale, const double *logits,
    const double *most, const double *begun, double *z, double *log_q, double *q, double sums[5],
    enum klsim_term kind, const double given[KLSIM_TERM_COEFFICIENTS], double weight,
    double *slopes, double term_sums[2]) {
  struct softmax of;
  if (begun) {
    of = resume_softmax(begun[0], begun[1], begun[2]);
  } else {
    // The largest of the scaled logits is the largest one, scaled.
    const double top = scale * (most ? *most : pass_maximum(count, logits));
    of = begin_softmax(count, scale, logits, top, z, q);
  }
  double coefficients[KLSIM_TERM_COEFFICIENTS];
  memcpy(coefficients, given, sizeof coefficients);
  struct divergences all = {SPLAT(0.0), SPLAT(0.0), SPLAT(0.0)};
  vec absolute = SPLAT(0.0), loss = SPLAT(0.0), total = SPLAT(0.0);
#define LOOP(formula)                                                                      \
  FOR_VECTORS(count) {                                                                     \
    /* After the end of a row there is no mass, and no term counts. */                     \
    struct tokens at = {LOAD(p, 0.0), LOAD(log_p, 0.0), LOAD(q, 0.0) * of.inverse,         \
                        log_student(LOAD(z, 0.0), of), SPLAT(0.0)};                        \
    at.ratio = at.log_p - at.log_q;                                                        \
    STORE(log_q, at.log_q);                                                                \
    STORE(q, at.q);                                                                        \
    add_divergences(&all, at);                                                             \
    absolute += magnitude(at.q - at.p);                                                    \
    struct term term = present(formula(at, coefficients), n);                              \
    vec slope = weight * term.slope;                                                       \
    if (kind != KLSIM_NO_TERM) STORE(slopes, slope);                                       \
    loss += term.loss;                                                                     \
    total += slope;                                                                        \
  }
  FOR_KIND(kind, coefficients, LOOP)
#undef LOOP
  store_divergences(all, sums);
  sums[3] = lane_sum(absolute);
  sums[4] = of.most;
  term_sums[0] = lane_sum(loss);
  term_sums[1] = lane_sum(total);
}

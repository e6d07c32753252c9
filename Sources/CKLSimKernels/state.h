// SPDX-License-Identifier: GPL-3.0-or-later

// A student from its logits, and sums over it in the same pass; included once per instruction set.

#include "terms.h"

/// The first pass of a softmax: z = scale·logits and e = exp(z − most), not yet divided by their sum.
struct softmax {
  double most, log_total, inverse;
};

INLINE struct softmax begin_softmax(
    ptrdiff_t count, double scale, const double *logits, double most, double *z, double *e) {
  const double none = -__builtin_inf();
  vec sum = SPLAT(0.0);
  FOR_VECTORS(span, count) {
    vec logit = scale * load_at(logits, span, none), part = exp_natural(logit - most);
    store_at(z, span, logit);
    store_at(e, span, part);
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

/// Not z − (most + log_total): beside a large maximum the logarithm would lose digits.
INLINE vec log_student(vec z, struct softmax of) { return z - of.most - of.log_total; }

static double pass_softmax(ptrdiff_t count, const double *z, double *log_q, double *q) {
  struct softmax of = begin_softmax(count, 1.0, z, pass_maximum(count, z), log_q, q);
  FOR_VECTORS(span, count) {
    store_at(log_q, span, log_student(load_at(z, span, 0.0), of));
    store_at(q, span, load_at(q, span, 0.0) * of.inverse);
  }
  return of.most + of.log_total;
}

/// The second pass, over a student of which exp z is known up to a factor.
struct state_pass {
  ptrdiff_t count;
  const double *p, *log_p, *z;
  struct softmax softmax;
  double weight;
  /// A copy that no store can alias.
  double coefficients[KLSIM_TERM_COEFFICIENTS];
  double *log_q, *q, *slopes;
  vec forward, reverse, self, absolute;
  vec loss, total;
};

INLINE void state_loop(formula *formula, void *pass) {
  struct state_pass *x = pass;
  FOR_VECTORS(span, x->count) {
    // After the end of the row there is no mass and no term.
    struct tokens at = {
        .p = load_at(x->p, span, 0.0),
        .log_p = load_at(x->log_p, span, 0.0),
        .q = load_at(x->q, span, 0.0) * x->softmax.inverse,
        .log_q = log_student(load_at(x->z, span, 0.0), x->softmax),
    };
    at.ratio = at.log_p - at.log_q;
    store_at(x->log_q, span, at.log_q);
    store_at(x->q, span, at.q);
    x->forward += product(at.p, at.ratio);
    x->reverse -= product(at.q, at.ratio);
    x->self += product(at.q, at.log_q);
    x->absolute += magnitude(at.q - at.p);
    struct term term = present(formula(at, x->coefficients), span);
    vec slope = x->weight * term.slope;
    if (formula != term_none) store_at(x->slopes, span, slope);
    x->loss += term.loss;
    x->total += slope;
  }
}

static void pass_state(
    ptrdiff_t count, const double *p, const double *log_p, double scale, const double *logits,
    const double *most, const double *begun, double *z, double *log_q, double *q, double sums[5],
    enum klsim_term kind, const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight,
    double *slopes, double term_sums[2]) {
  struct softmax softmax;
  if (begun) {
    softmax = resume_softmax(begun[0], begun[1], begun[2]);
  } else {
    // The largest of the scaled logits is the largest one, scaled.
    const double top = scale * (most ? *most : pass_maximum(count, logits));
    softmax = begin_softmax(count, scale, logits, top, z, q);
  }
  const vec zero = SPLAT(0.0);
  struct state_pass pass = {
      .count = count,
      .p = p,
      .log_p = log_p,
      .z = z,
      .softmax = softmax,
      .weight = weight,
      .log_q = log_q,
      .q = q,
      .slopes = slopes,
      .forward = zero,
      .reverse = zero,
      .self = zero,
      .absolute = zero,
      .loss = zero,
      .total = zero,
  };
  memcpy(pass.coefficients, coefficients, sizeof pass.coefficients);
  for_kind(kind, pass.coefficients, state_loop, &pass);
  sums[0] = lane_sum(pass.forward);
  sums[1] = lane_sum(pass.reverse);
  sums[2] = lane_sum(pass.self);
  sums[3] = lane_sum(pass.absolute);
  sums[4] = softmax.most;
  term_sums[0] = lane_sum(pass.loss);
  term_sums[1] = lane_sum(pass.total);
}

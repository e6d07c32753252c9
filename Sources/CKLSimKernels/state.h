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

/// The elements of a column in up to 8 rows; beyond the last row they are its own again.
INLINE vec load_column(const double *x, ptrdiff_t width, ptrdiff_t rows) {
  vec value = SPLAT(0.0);
#pragma clang loop unroll(full)
  for (ptrdiff_t lane = 0; lane < 8; lane++) value[lane] = x[(lane < rows ? lane : rows - 1) * width];
  return value;
}

INLINE void store_column(double *x, ptrdiff_t width, ptrdiff_t rows, vec value) {
#pragma clang loop unroll(full)
  for (ptrdiff_t lane = 0; lane < 8; lane++)
    if (lane < rows) x[lane * width] = value[lane];
}

/// The same as of each row, of up to 8 rows of at most 8 columns at once: a lane is a row, and sums have the
/// order of lanes in a row.
INLINE void softmax_columns(
    ptrdiff_t rows, ptrdiff_t width, const double *z, double *log_q, double *q) {
  const double none = -__builtin_inf();
  vec x[8], e[8], most = SPLAT(none);
  for (ptrdiff_t k = 0; k < width; k++) {
    x[k] = load_column(z + k, width, rows);
    most = x[k] > most ? x[k] : most;
  }
  for (ptrdiff_t k = 0; k < width; k++) e[k] = exp_natural(x[k] - most);
  for (ptrdiff_t k = width; k < 8; k++) e[k] = exp_natural(SPLAT(none) - most);
  vec total = ((e[0] + e[1]) + (e[2] + e[3])) + ((e[4] + e[5]) + (e[6] + e[7]));
  vec log_total = log_natural(total), inverse = 1.0 / total;
  for (ptrdiff_t k = 0; k < width; k++) {
    store_column(log_q + k, width, rows, x[k] - most - log_total);
    store_column(q + k, width, rows, e[k] * inverse);
  }
}

static void pass_softmax_rows(
    ptrdiff_t rows, ptrdiff_t width, const double *z, double *log_q, double *q) {
  for (ptrdiff_t row = 0, count = 0; row < rows; row += count) {
    const ptrdiff_t first = row * width, rest = rows - row;
    // A few rows, or wide ones, are faster one by one.
    count = width > 8 || rest < 4 ? 1 : rest < 8 ? rest : 8;
    if (count == 1)
      pass_softmax(width, z + first, log_q + first, q + first);
    else
      softmax_columns(count, width, z + first, log_q + first, q + first);
  }
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

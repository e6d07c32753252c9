// SPDX-License-Identifier: GPL-3.0-or-later

// Passes over one row for objectives, students and optimizers; included once per instruction set. Sums
// run over vectors of 8 lanes, then over the lanes in a fixed order.

#include "elementary.h"

/// The last, incomplete vector of a row, filled up with a value. A copy through memory would stall.
#if defined(KLSIM_HAS_AVX512)
INLINE __mmask8 first_lanes(ptrdiff_t count) { return (__mmask8)((1u << count) - 1); }

INLINE vec load_some(const double *from, ptrdiff_t count, double absent) {
  return (vec)_mm512_mask_loadu_pd(_mm512_set1_pd(absent), first_lanes(count), from);
}

INLINE void store_some(double *to, ptrdiff_t count, vec value) {
  _mm512_mask_storeu_pd(to, first_lanes(count), (__m512d)value);
}
#else
INLINE vec load_some(const double *from, ptrdiff_t count, double absent) {
  vec value = SPLAT(absent);
  memcpy(&value, from, (size_t)count * sizeof(double));
  return value;
}

INLINE void store_some(double *to, ptrdiff_t count, vec value) {
  memcpy(to, &value, (size_t)count * sizeof(double));
}
#endif

/// The elements of a vector in a row: the index of the first one, and their number.
struct span {
  ptrdiff_t first, count;
};

INLINE vec load_at(const double *row, struct span at, double absent) {
  row += at.first;
  return at.count == 8 ? load(row) : load_some(row, at.count, absent);
}

INLINE void store_at(double *row, struct span at, vec value) {
  row += at.first;
  at.count == 8 ? store(row, value) : store_some(row, at.count, value);
}

/// Which lanes are elements.
INLINE ivec has_lane(struct span at) {
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  return lanes < (int64_t)at.count;
}

INLINE ptrdiff_t whole_vectors(ptrdiff_t count) { return count & ~(ptrdiff_t)7; }

/// Runs a body for each vector of a row, a `struct span` with the name `at`: first for the whole
/// ones, whose count is a constant, then for the rest.
#define FOR_VECTORS(at, size)                                                                 \
  _Pragma("clang loop unroll(full)") for (int rest_##at = 0; rest_##at < 2; rest_##at++)      \
      for (struct span at = {rest_##at ? whole_vectors(size) : 0,                             \
                             rest_##at ? (size) - whole_vectors(size) : 8};                   \
           at.first < (rest_##at ? (size) : whole_vectors(size)); at.first += 8)

/// A product that is 0 where its first factor is, whatever the other one.
INLINE vec product(vec factor, vec other) { return factor == 0.0 ? SPLAT(0.0) : factor * other; }

INLINE double lane_maximum(vec v) {
  double most = v[0];
  for (int lane = 1; lane < 8; lane++) most = v[lane] > most ? v[lane] : most;
  return most;
}

static double pass_maximum(ptrdiff_t count, const double *x) {
  vec top = SPLAT(-__builtin_inf());
  FOR_VECTORS(span, count) {
    vec value = load_at(x, span, -__builtin_inf());
    top = value > top ? value : top;
  }
  return lane_maximum(top);
}

static void pass_differences(
    ptrdiff_t count, const double *p, const double *q, double sums[2]) {
  vec absolute = SPLAT(0.0), signed_sum = SPLAT(0.0);
  FOR_VECTORS(span, count) {
    vec gap = load_at(q, span, 0.0) - load_at(p, span, 0.0);
    absolute += magnitude(gap);
    signed_sum += gap;
  }
  sums[0] = lane_sum(absolute);
  sums[1] = lane_sum(signed_sum);
}

/// A step of Adam on a row.
struct adam_step {
  double *parameters, *mean, *square, *z, *e;
  const double *gradient;
  vec keep1, keep2, take1, take2;
  double inverse, keep, step, epsilon, shift;
  vec sum, top;
};

INLINE void adam_moments(struct adam_step *x, struct span at) {
  vec slope = load_at(x->gradient, at, 0.0);
  store_at(x->mean, at, fused(x->keep1, load_at(x->mean, at, 0.0), x->take1 * slope));
  store_at(x->square, at, fused(x->keep2, load_at(x->square, at, 0.0), x->take2 * slope * slope));
}

INLINE void adam_move(struct adam_step *x, struct span at) {
  vec scale = root(load_at(x->square, at, 0.0)) * x->inverse + x->epsilon;
  vec move = x->step * (load_at(x->mean, at, 0.0) / scale);
  store_at(x->parameters, at, x->keep * load_at(x->parameters, at, 0.0) - move);
}

/// Begins the next softmax if the parameters are logits.
INLINE void adam_begin(struct adam_step *x, struct span at) {
  if (!x->z) return;
  vec next = load_at(x->parameters, at, -__builtin_inf()), e = exp_natural(next - x->shift);
  store_at(x->z, at, next);
  store_at(x->e, at, e);
  x->sum += e;
  x->top = next > x->top ? next : x->top;
}

/// Elements between the stages of a step: while the square root and division of some elements are in
/// progress, other units work on the moments and exponentials of others.
enum { DELAY = 8 * 4 };

static void pass_adam(
    ptrdiff_t count, double *parameters, const double *gradient, double *mean, double *square,
    double beta1, double beta2, double keep, double step, double root_correction, double epsilon,
    double *z, double *e, double shift, double sums[2]) {
  struct adam_step of = {
      .parameters = parameters,
      .mean = mean,
      .square = square,
      .z = z,
      .e = e,
      .gradient = gradient,
      .keep1 = SPLAT(beta1),
      .keep2 = SPLAT(beta2),
      .take1 = SPLAT(1.0 - beta1),
      .take2 = SPLAT(1.0 - beta2),
      .inverse = 1.0 / root_correction,
      .keep = keep,
      .step = step,
      .epsilon = epsilon,
      .shift = shift,
      .sum = SPLAT(0.0),
      .top = SPLAT(-__builtin_inf()),
  };
  struct adam_step *x = &of;
  const ptrdiff_t whole = whole_vectors(count);
  ptrdiff_t i = 0;
  for (; i < whole && i < 2 * DELAY; i += 8) {
    adam_moments(x, (struct span){i, 8});
    if (i >= DELAY) adam_move(x, (struct span){i - DELAY, 8});
  }
  for (; i < whole; i += 8) {
    adam_moments(x, (struct span){i, 8});
    adam_move(x, (struct span){i - DELAY, 8});
    adam_begin(x, (struct span){i - 2 * DELAY, 8});
  }
  for (; i < whole + 2 * DELAY; i += 8) {
    if (i >= DELAY && i < whole + DELAY) adam_move(x, (struct span){i - DELAY, 8});
    if (i >= 2 * DELAY) adam_begin(x, (struct span){i - 2 * DELAY, 8});
  }
  if (whole < count) {
    const struct span rest = {whole, count - whole};
    adam_moments(x, rest);
    adam_move(x, rest);
    adam_begin(x, rest);
  }
  sums[0] = lane_sum(of.sum);
  sums[1] = lane_maximum(of.top);
}

static void pass_exp(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(span, count) store_at(y, span, exp_natural(load_at(x, span, 0.0)));
}

static void pass_log(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(span, count) store_at(y, span, log_natural(load_at(x, span, 1.0)));
}

static void pass_centre(
    ptrdiff_t count, const double *q, const double *slopes, double mean, double scale, double sum,
    double *g) {
  vec rest = SPLAT(0.0), most = SPLAT(0.0);
  FOR_VECTORS(span, count) {
    vec weight = load_at(q, span, 0.0);
    vec slope = scale * (load_at(slopes, span, 0.0) - weight * mean);
    store_at(g, span, slope);
    rest += weight > 0.5 ? SPLAT(0.0) : slope;
    most = weight > most ? weight : most;
  }
  if (!(lane_maximum(most) > 0.5)) return;
  ptrdiff_t top = 0;
  while (!(q[top] > 0.5)) top++;
  // Its own difference has lost digits that the others have kept.
  g[top] = sum - lane_sum(rest);
}

static void pass_linear(
    ptrdiff_t count, double a, const double *x, double b, const double *y, double *out) {
  FOR_VECTORS(span, count) {
    vec left = a == 0.0 ? SPLAT(0.0) : a * load_at(x, span, 0.0);
    vec right = b == 0.0 ? SPLAT(0.0) : b * load_at(y, span, 0.0);
    store_at(out, span, left + right);
  }
}

static void pass_divide(ptrdiff_t count, double *x, double divisor) {
  FOR_VECTORS(span, count) store_at(x, span, load_at(x, span, 0.0) / divisor);
}

static double pass_dot(ptrdiff_t count, const double *x, const double *y) {
  vec sum = SPLAT(0.0);
  FOR_VECTORS(span, count) sum += product(load_at(x, span, 0.0), load_at(y, span, 0.0));
  return lane_sum(sum);
}

static void pass_shift(
    ptrdiff_t count, const double *x, double shift, double rest, double *out) {
  FOR_VECTORS(span, count) store_at(out, span, load_at(x, span, 0.0) + shift + rest);
}

static double pass_total(ptrdiff_t count, const double *x) {
  vec sum = SPLAT(0.0);
  FOR_VECTORS(span, count) sum += load_at(x, span, 0.0);
  return lane_sum(sum);
}

static void pass_moments(
    ptrdiff_t count, const double *w, const double *x, const double *y, double centre,
    double sums[3]) {
  vec mass = SPLAT(0.0), first = SPLAT(0.0), second = SPLAT(0.0);
  FOR_VECTORS(span, count) {
    vec weight = w ? load_at(w, span, 0.0) : has_lane(span) ? SPLAT(1.0) : SPLAT(0.0);
    vec gap = load_at(x, span, 0.0) - load_at(y, span, 0.0) - centre;
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
  FOR_VECTORS(span, count) {
    vec gap = load_at(x, span, 0.0) - load_at(y, span, 0.0) - centre;
    store_at(out, span, load_at(out, span, 0.0) + scale * product(load_at(w, span, 0.0), gap));
  }
}

static double pass_log_sum_exp(
    ptrdiff_t count, const double *x, double scale, const double *y) {
  vec top = SPLAT(-__builtin_inf());
  FOR_VECTORS(span, count) {
    vec value = load_at(x, span, -__builtin_inf()) + scale * load_at(y, span, 0.0);
    top = value > top ? value : top;
  }
  double most = lane_maximum(top);
  vec sum = SPLAT(0.0);
  FOR_VECTORS(span, count)
    sum += exp_natural(load_at(x, span, -__builtin_inf()) + scale * load_at(y, span, 0.0) - most);
  return most + log_natural(SPLAT(lane_sum(sum)))[0];
}

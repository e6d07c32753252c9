// SPDX-License-Identifier: GPL-3.0-or-later

// Passes over one row that objectives, students and optimizers share; included once per instruction
// set. Sums run over vectors of 8 lanes, then over the lanes in a fixed order.

#include "elementary.h"

/// The last, incomplete vector of a row, with a value where the row has ended.
INLINE vec load_some(const double *from, ptrdiff_t count, double absent) {
  vec value = SPLAT(absent);
  memcpy(&value, from, (size_t)count * sizeof(double));
  return value;
}

INLINE void store_some(double *to, ptrdiff_t count, vec value) {
  memcpy(to, &value, (size_t)count * sizeof(double));
}

/// Runs a body for each vector: `i` is its first element, `n` how many there are of it. First for the
/// whole ones, in which n is a constant, then for what is left.
#define FOR_VECTORS(count)                                                            \
  _Pragma("clang loop unroll(full)") for (int part = 0; part < 2; part++)             \
      for (ptrdiff_t i = part ? (count) & ~(ptrdiff_t)7 : 0, n = part ? (count)-i : 8, \
                     end = part ? (count) : (count) & ~(ptrdiff_t)7;                  \
           i < end; i += 8)
#define LOAD(array, absent) (n == 8 ? load((array) + i) : load_some((array) + i, n, absent))
#define STORE(array, value) (n == 8 ? store((array) + i, value) : store_some((array) + i, n, value))

/// A product that is 0 where its factor is, whatever the other one.
INLINE vec product(vec factor, vec other) { return factor == 0.0 ? SPLAT(0.0) : factor * other; }

INLINE double lane_maximum(vec v) {
  double most = v[0];
  for (int lane = 1; lane < 8; lane++) most = v[lane] > most ? v[lane] : most;
  return most;
}

static double pass_maximum(ptrdiff_t count, const double *x) {
  vec top = SPLAT(-__builtin_inf());
  FOR_VECTORS(count) {
    vec value = LOAD(x, -__builtin_inf());
    top = value > top ? value : top;
  }
  return lane_maximum(top);
}

static void pass_differences(
    ptrdiff_t count, const double *p, const double *q, double sums[2]) {
  vec absolute = SPLAT(0.0), signed_sum = SPLAT(0.0);
  FOR_VECTORS(count) {
    vec gap = LOAD(q, 0.0) - LOAD(p, 0.0);
    absolute += magnitude(gap);
    signed_sum += gap;
  }
  sums[0] = lane_sum(absolute);
  sums[1] = lane_sum(signed_sum);
}

/// Vectors between the stages of a step: while square root and divide of some are under way, other
/// units are at the moments and exponentials of others.
#define DELAY (8 * 4)

static void pass_adam(
    ptrdiff_t count, double *parameters, const double *gradient, double *mean, double *square,
    double beta1, double beta2, double step, double root_correction, double epsilon, double *z,
    double *e, double shift, double sums[2]) {
  const vec keep1 = SPLAT(beta1), keep2 = SPLAT(beta2);
  const vec take1 = SPLAT(1.0 - beta1), take2 = SPLAT(1.0 - beta2);
  const double inverse = 1.0 / root_correction;
  vec sum = SPLAT(0.0), top = SPLAT(-__builtin_inf());
#define MOMENTS(at)                                                                        \
  {                                                                                        \
    const ptrdiff_t i = at;                                                                \
    vec slope = LOAD(gradient, 0.0);                                                       \
    STORE(mean, fused(keep1, LOAD(mean, 0.0), take1 * slope));                             \
    STORE(square, fused(keep2, LOAD(square, 0.0), take2 * slope * slope));                 \
  }
#define MOVE(at)                                                                           \
  {                                                                                        \
    const ptrdiff_t i = at;                                                                \
    vec scale = root(LOAD(square, 0.0)) * inverse + epsilon;                               \
    STORE(parameters, LOAD(parameters, 0.0) - step * (LOAD(mean, 0.0) / scale));           \
  }
#define EXPONENTIATE(at)                                                                   \
  if (z) {                                                                                 \
    const ptrdiff_t i = at;                                                                \
    vec next = LOAD(parameters, -__builtin_inf()), part = exp_natural(next - shift);       \
    STORE(z, next);                                                                        \
    STORE(e, part);                                                                        \
    sum += part;                                                                           \
    top = next > top ? next : top;                                                         \
  }
  const ptrdiff_t whole = count & ~(ptrdiff_t)7;
  {
    const ptrdiff_t n = 8;
    ptrdiff_t j = 0;
    for (; j < whole && j < 2 * DELAY; j += 8) {
      MOMENTS(j)
      if (j >= DELAY) MOVE(j - DELAY)
    }
    for (; j < whole; j += 8) {
      MOMENTS(j)
      MOVE(j - DELAY)
      EXPONENTIATE(j - 2 * DELAY)
    }
    for (; j < whole + 2 * DELAY; j += 8) {
      if (j >= DELAY && j < whole + DELAY) MOVE(j - DELAY)
      if (j >= 2 * DELAY) EXPONENTIATE(j - 2 * DELAY)
    }
  }
  const ptrdiff_t n = count - whole;
  if (n > 0) {
    MOMENTS(whole)
    MOVE(whole)
    EXPONENTIATE(whole)
  }
#undef MOMENTS
#undef MOVE
#undef EXPONENTIATE
  sums[0] = lane_sum(sum);
  sums[1] = lane_maximum(top);
}

static void pass_exp(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(count) STORE(y, exp_natural(LOAD(x, 0.0)));
}

static void pass_log(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(count) STORE(y, log_natural(LOAD(x, 1.0)));
}

static void pass_centre(
    ptrdiff_t count, const double *q, const double *slopes, double mean, double scale, double sum,
    double *g) {
  vec rest = SPLAT(0.0), most = SPLAT(0.0);
  FOR_VECTORS(count) {
    vec weight = LOAD(q, 0.0);
    vec slope = scale * (LOAD(slopes, 0.0) - weight * mean);
    STORE(g, slope);
    rest += weight > 0.5 ? SPLAT(0.0) : slope;
    most = weight > most ? weight : most;
  }
  if (!(lane_maximum(most) > 0.5)) return;
  ptrdiff_t top = 0;
  while (!(q[top] > 0.5)) top++;
  // Its own difference has lost the digits that the others have kept.
  g[top] = sum - lane_sum(rest);
}

static void pass_linear(
    ptrdiff_t count, double a, const double *x, double b, const double *y, double *out) {
  FOR_VECTORS(count) {
    vec left = a == 0.0 ? SPLAT(0.0) : a * LOAD(x, 0.0);
    vec right = b == 0.0 ? SPLAT(0.0) : b * LOAD(y, 0.0);
    STORE(out, left + right);
  }
}

static void pass_divide(ptrdiff_t count, double *x, double divisor) {
  FOR_VECTORS(count) STORE(x, LOAD(x, 0.0) / divisor);
}

static double pass_dot(ptrdiff_t count, const double *x, const double *y) {
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count) sum += product(LOAD(x, 0.0), LOAD(y, 0.0));
  return lane_sum(sum);
}

static void pass_shift(
    ptrdiff_t count, const double *x, double shift, double rest, double *out) {
  FOR_VECTORS(count) STORE(out, LOAD(x, 0.0) + shift + rest);
}

static double pass_total(ptrdiff_t count, const double *x) {
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count) sum += LOAD(x, 0.0);
  return lane_sum(sum);
}

static void pass_moments(
    ptrdiff_t count, const double *w, const double *x, const double *y, double centre,
    double sums[3]) {
  vec mass = SPLAT(0.0), first = SPLAT(0.0), second = SPLAT(0.0);
  const ivec lanes = {0, 1, 2, 3, 4, 5, 6, 7};
  FOR_VECTORS(count) {
    vec weight = w ? LOAD(w, 0.0) : lanes < (int64_t)n ? SPLAT(1.0) : SPLAT(0.0);
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
  double most = lane_maximum(top);
  vec sum = SPLAT(0.0);
  FOR_VECTORS(count)
    sum += exp_natural(LOAD(x, -__builtin_inf()) + scale * LOAD(y, 0.0) - most);
  return most + log_natural(SPLAT(lane_sum(sum)))[0];
}

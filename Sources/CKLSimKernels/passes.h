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

static void pass_adam(
    ptrdiff_t count, double *parameters, const double *gradient, double *mean, double *square,
    double beta1, double beta2, double step, double root_correction, double epsilon) {
  const vec keep1 = SPLAT(beta1), keep2 = SPLAT(beta2);
  const vec take1 = SPLAT(1.0 - beta1), take2 = SPLAT(1.0 - beta2);
  const double inverse = 1.0 / root_correction;
  FOR_VECTORS(count) {
    vec slope = LOAD(gradient, 0.0);
    vec m = fused(keep1, LOAD(mean, 0.0), take1 * slope);
    vec v = fused(keep2, LOAD(square, 0.0), take2 * slope * slope);
    STORE(mean, m);
    STORE(square, v);
    vec scale = root(v) * inverse + epsilon;
    STORE(parameters, LOAD(parameters, 0.0) - step * (m / scale));
  }
}

static void pass_exp(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(count) STORE(y, exp_natural(LOAD(x, 0.0)));
}

static void pass_log(ptrdiff_t count, const double *x, double *y) {
  FOR_VECTORS(count) STORE(y, log_natural(LOAD(x, 1.0)));
}

// SPDX-License-Identifier: GPL-3.0-or-later

// From a level to its kernels. A level that the processor does not have is not looked for here:
// callers ask `klsim_best_level` first.

#include "kernels.h"

static const struct kernels *at(enum klsim_level level) {
#if defined(__x86_64__)
  if (level == KLSIM_AVX512) return &klsim_avx512_kernels;
  if (level == KLSIM_AVX2) return &klsim_avx2_kernels;
#endif
  (void)level;
  return &klsim_baseline_kernels;
}

enum klsim_level klsim_best_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return KLSIM_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return KLSIM_AVX2;
#endif
  return KLSIM_BASELINE;
}

void klsim_blend_start(enum klsim_level level, struct klsim_blend *block) {
  at(level)->blend_start(block);
}

void klsim_blend_run(
    enum klsim_level level, struct klsim_blend *block, ptrdiff_t epochs, bool finish,
    double *rows) {
  at(level)->blend_run(block, epochs, finish, rows);
}

double klsim_softmax(
    enum klsim_level level, ptrdiff_t count, const double *z, double *log_q, double *q) {
  return at(level)->softmax(count, z, log_q, q);
}

void klsim_state(
    enum klsim_level level, ptrdiff_t count, const double *p, const double *log_p, double scale,
    const double *logits, const double *most, const double *begun, double *z, double *log_q,
    double *q, double sums[5], enum klsim_term kind,
    const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight, double *slopes,
    double term_sums[2]) {
  at(level)->state(
      count, p, log_p, scale, logits, most, begun, z, log_q, q, sums, kind, coefficients, weight,
      slopes, term_sums);
}

void klsim_differences(
    enum klsim_level level, ptrdiff_t count, const double *p, const double *q, double sums[2]) {
  at(level)->differences(count, p, q, sums);
}

void klsim_adam(
    enum klsim_level level, ptrdiff_t count, double *parameters, const double *gradient,
    double *mean, double *square, double beta1, double beta2, double step, double root,
    double epsilon, double *z, double *e, double shift, double sums[2]) {
  at(level)->adam(
      count, parameters, gradient, mean, square, beta1, beta2, step, root, epsilon, z, e, shift,
      sums);
}

void klsim_exp(enum klsim_level level, ptrdiff_t count, const double *x, double *y) {
  at(level)->exp(count, x, y);
}

void klsim_log(enum klsim_level level, ptrdiff_t count, const double *x, double *y) {
  at(level)->log(count, x, y);
}

void klsim_terms(
    enum klsim_level level, enum klsim_term kind,
    const double coefficients[KLSIM_TERM_COEFFICIENTS], double weight, ptrdiff_t count,
    const double *p, const double *log_p, const double *q, const double *log_q,
    const double log_mass[2], const double *others, double *slopes, double sums[2]) {
  at(level)->terms(
      kind, coefficients, weight, count, p, log_p, q, log_q, log_mass, others, slopes, sums);
}

void klsim_centre(
    enum klsim_level level, ptrdiff_t count, const double *q, const double *slopes, double mean,
    double scale, double sum, double *g) {
  at(level)->centre(count, q, slopes, mean, scale, sum, g);
}

void klsim_linear(
    enum klsim_level level, ptrdiff_t count, double a, const double *x, double b, const double *y,
    double *out) {
  at(level)->linear(count, a, x, b, y, out);
}

void klsim_divide(enum klsim_level level, ptrdiff_t count, double *x, double divisor) {
  at(level)->divide(count, x, divisor);
}

double klsim_dot(enum klsim_level level, ptrdiff_t count, const double *x, const double *y) {
  return at(level)->dot(count, x, y);
}

void klsim_shift(
    enum klsim_level level, ptrdiff_t count, const double *x, double shift, double rest,
    double *out) {
  at(level)->shift(count, x, shift, rest, out);
}

double klsim_total(enum klsim_level level, ptrdiff_t count, const double *x) {
  return at(level)->total(count, x);
}

double klsim_maximum(enum klsim_level level, ptrdiff_t count, const double *x) {
  return at(level)->maximum(count, x);
}

void klsim_moments(
    enum klsim_level level, ptrdiff_t count, const double *w, const double *x, const double *y,
    double centre, double sums[3]) {
  at(level)->moments(count, w, x, y, centre, sums);
}

void klsim_deviations(
    enum klsim_level level, ptrdiff_t count, double scale, const double *w, const double *x,
    const double *y, double centre, double *out) {
  at(level)->deviations(count, scale, w, x, y, centre, out);
}

double klsim_log_sum_exp(
    enum klsim_level level, ptrdiff_t count, const double *x, double scale, const double *y) {
  return at(level)->log_sum_exp(count, x, scale, y);
}

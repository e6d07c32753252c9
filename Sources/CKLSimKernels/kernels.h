// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernels of one instruction set.

#ifndef KLSIM_KERNELS_H
#define KLSIM_KERNELS_H

#include "CKLSimKernels.h"

struct kernels {
  void (*blend_start)(struct klsim_blend *);
  void (*blend_run)(struct klsim_blend *, ptrdiff_t, bool, double *);
  double (*softmax)(ptrdiff_t, const double *, double *, double *);
  void (*state)(
      ptrdiff_t, const double *, const double *, double, const double *, const double *,
      const double *, double *, double *, double *, double[5], enum klsim_term, const double *,
      double, double *, double[2]);
  void (*differences)(ptrdiff_t, const double *, const double *, double[2]);
  void (*adam)(
      ptrdiff_t, double *, const double *, double *, double *, double, double, double, double,
      double, double *, double *, double, double[2]);
  void (*exp)(ptrdiff_t, const double *, double *);
  void (*log)(ptrdiff_t, const double *, double *);
  void (*terms)(
      enum klsim_term, const double *, double, ptrdiff_t, const double *, const double *,
      const double *, const double *, const double *, const double *, double *, double[2]);
  void (*centre)(ptrdiff_t, const double *, const double *, double, double, double, double *);
  void (*linear)(ptrdiff_t, double, const double *, double, const double *, double *);
  void (*divide)(ptrdiff_t, double *, double);
  double (*dot)(ptrdiff_t, const double *, const double *);
  void (*shift)(ptrdiff_t, const double *, double, double, double *);
  double (*total)(ptrdiff_t, const double *);
  double (*maximum)(ptrdiff_t, const double *);
  void (*moments)(
      ptrdiff_t, const double *, const double *, const double *, double, double[3]);
  void (*deviations)(
      ptrdiff_t, double, const double *, const double *, const double *, double, double *);
  double (*log_sum_exp)(ptrdiff_t, const double *, double, const double *);
};

#define KERNELS                                                                              \
  {blend_start, blend_run, pass_softmax, pass_state, pass_differences, pass_adam,            \
   pass_exp, pass_log, pass_terms, pass_centre, pass_linear, pass_divide, pass_dot,          \
   pass_shift, pass_total, pass_maximum, pass_moments, pass_deviations, pass_log_sum_exp}

extern const struct kernels klsim_baseline_kernels;
#if defined(__x86_64__)
extern const struct kernels klsim_avx2_kernels;
extern const struct kernels klsim_avx512_kernels;
#endif

#endif

// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernels of one instruction set.

#ifndef KLSIM_KERNELS_H
#define KLSIM_KERNELS_H

#include "CKLSimKernels.h"

struct kernels {
  void (*blend_start)(struct klsim_blend *);
  void (*blend_run)(struct klsim_blend *, ptrdiff_t, bool, double *);
  double (*softmax)(ptrdiff_t, const double *, double *, double *);
  void (*divergences)(
      ptrdiff_t, const double *, const double *, const double *, const double *, double[3]);
  void (*differences)(ptrdiff_t, const double *, const double *, double[2]);
  void (*adam)(
      ptrdiff_t, double *, const double *, double *, double *, double, double, double, double,
      double);
  void (*exp)(ptrdiff_t, const double *, double *);
  void (*log)(ptrdiff_t, const double *, double *);
};

#define KERNELS                                                                              \
  {blend_start, blend_run, pass_softmax, pass_divergences, pass_differences, pass_adam,      \
   pass_exp, pass_log}

extern const struct kernels klsim_baseline_kernels;
#if defined(__x86_64__)
extern const struct kernels klsim_avx2_kernels;
extern const struct kernels klsim_avx512_kernels;
#endif

#endif

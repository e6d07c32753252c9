// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernels of each instruction set.

#ifndef KLSIM_LEVELS_H
#define KLSIM_LEVELS_H

#include "CKLSimKernels.h"

extern const struct klsim_kernels *const klsim_baseline_kernels;
#if defined(__x86_64__)
extern const struct klsim_kernels *const klsim_avx2_kernels;
extern const struct klsim_kernels *const klsim_avx512_kernels;
#endif

#endif

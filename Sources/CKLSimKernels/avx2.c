// SPDX-License-Identifier: GPL-3.0-or-later

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define KLSIM_HAS_AVX2
#include "kernels.h"
#pragma clang attribute pop

const struct klsim_kernels *const klsim_avx2_kernels = &kernels;

#endif

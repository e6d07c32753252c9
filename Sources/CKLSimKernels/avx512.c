// SPDX-License-Identifier: GPL-3.0-or-later

#if defined(__x86_64__)

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#define KLSIM_HAS_AVX512
#include "kernels.h"
#pragma clang attribute pop

const struct klsim_kernels *const klsim_avx512_kernels = &kernels;

#endif

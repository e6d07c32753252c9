// SPDX-License-Identifier: GPL-3.0-or-later

#include "levels.h"

enum klsim_level klsim_best_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl"))
    return KLSIM_AVX512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return KLSIM_AVX2;
#endif
  return KLSIM_BASELINE;
}

const struct klsim_kernels *klsim_kernels_of(enum klsim_level level) {
#if defined(__x86_64__)
  if (level == KLSIM_AVX512) return klsim_avx512_kernels;
  if (level == KLSIM_AVX2) return klsim_avx2_kernels;
#endif
  (void)level;
  return klsim_baseline_kernels;
}

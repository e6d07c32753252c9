// SPDX-License-Identifier: GPL-3.0-or-later

#include "CFloor.h"

#include <stdbool.h>

typedef double vec __attribute__((ext_vector_type(8), aligned(64)));

enum { VECTORS = CFLOOR_COUNT / 8 };

static vec a[VECTORS], b[VECTORS], y[VECTORS];

/// The loop; the compiler must take it that the empty assembly reads and writes the arrays.
static inline __attribute__((always_inline)) void divide_by_root(ptrdiff_t repeats) {
  for (; repeats > 0; repeats--) {
    for (ptrdiff_t i = 0; i < VECTORS; i++) y[i] = b[i] / __builtin_elementwise_sqrt(a[i]);
    __asm__ volatile("" ::"r"(a), "r"(b), "r"(y) : "memory");
  }
}

static void run_baseline(ptrdiff_t repeats) { divide_by_root(repeats); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void run_avx2(ptrdiff_t repeats) {
  divide_by_root(repeats);
}

__attribute__((target("avx512f"))) static void run_avx512(ptrdiff_t repeats) {
  divide_by_root(repeats);
}
#endif

struct level {
  const char *name;
  void (*run)(ptrdiff_t);
};

static struct level widest(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return (struct level){"avx512", run_avx512};
  if (__builtin_cpu_supports("avx2")) return (struct level){"avx2", run_avx2};
#endif
  return (struct level){"baseline", run_baseline};
}

void cfloor_run(ptrdiff_t repeats) {
  // Like Adam's: squares of every size that is no special case.
  for (ptrdiff_t i = 0; i < CFLOOR_COUNT; i++) {
    a[i / 8][i % 8] = 1e-3 * (double)(i + 1);
    b[i / 8][i % 8] = 1.0 / (double)(i + 1);
  }
  widest().run(repeats);
}

const char *cfloor_level(void) { return widest().name; }

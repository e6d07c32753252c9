// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef CGSL_MT19937_H
#define CGSL_MT19937_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

/// MT19937 of Matsumoto and Nishimura, seeded by `init_genrand`, as a generator of GSL.
///
/// GSL's own makes 624 words before it gives the first. This one makes a word when it is asked for:
/// what many short streams draw costs a fraction, and the words are the same.
struct cgsl_mt19937 {
  uint32_t words[624];
  int next;
};

static inline void cgsl_mt19937_set(void *state, unsigned long seed) {
  struct cgsl_mt19937 *mt = (struct cgsl_mt19937 *)state;
  uint32_t word = (uint32_t)seed;
  mt->words[0] = word;
  for (uint32_t i = 1; i < 624; i++)
    mt->words[i] = word = 1812433253u * (word ^ (word >> 30)) + i;
  mt->next = 0;
}

/// Renews a word, which follows from itself, the next and a middle one, and tempers it.
static inline uint32_t cgsl_mt19937_renew(uint32_t *word, uint32_t following, uint32_t middle) {
  const uint32_t y = (*word & 0x80000000u) | (following & 0x7fffffffu);
  uint32_t x = middle ^ (y >> 1) ^ (-(y & 1) & 0x9908b0dfu);
  *word = x;
  x ^= x >> 11;
  x ^= (x << 7) & 0x9d2c5680u;
  x ^= (x << 15) & 0xefc60000u;
  return x ^ (x >> 18);
}

static inline unsigned long cgsl_mt19937_get(void *state) {
  struct cgsl_mt19937 *mt = (struct cgsl_mt19937 *)state;
  const int i = mt->next, following = i < 623 ? i + 1 : 0, middle = i < 227 ? i + 397 : i - 227;
  mt->next = following;
  return cgsl_mt19937_renew(mt->words + i, mt->words[following], mt->words[middle]);
}

/// The next `count` words. The three words of a place are constant distances apart, so that the compiler
/// can make several places at once.
static inline void cgsl_mt19937_fill(void *state, uint32_t *__restrict__ out, size_t count) {
  struct cgsl_mt19937 *mt = (struct cgsl_mt19937 *)state;
  while (count > 0) {
    const size_t i = (size_t)mt->next, end = i < 227 ? 227 : i < 623 ? 623 : 624;
    const size_t n = end - i < count ? end - i : count;
    uint32_t *const words = mt->words + i;
    if (i < 227)
      for (size_t j = 0; j < n; j++)
        out[j] = cgsl_mt19937_renew(words + j, words[j + 1], words[j + 397]);
    else if (i < 623)
      for (size_t j = 0; j < n; j++)
        out[j] = cgsl_mt19937_renew(words + j, words[j + 1], (words - 227)[j]);
    else
      out[0] = cgsl_mt19937_renew(words, mt->words[0], mt->words[396]);
    mt->next = i + n < 624 ? (int)(i + n) : 0;
    out += n;
    count -= n;
  }
}

static inline double cgsl_mt19937_get_double(void *state) {
  return (double)cgsl_mt19937_get(state) / 4294967296.0;
}

static const gsl_rng_type cgsl_mt19937_type = {
    "mt19937",        0xffffffffu,      0, sizeof(struct cgsl_mt19937),
    cgsl_mt19937_set, cgsl_mt19937_get, cgsl_mt19937_get_double};

static inline gsl_rng *cgsl_new_mt19937(void) { return gsl_rng_alloc(&cgsl_mt19937_type); }

#endif

// SPDX-License-Identifier: GPL-3.0-or-later

// Seeded inputs for the kernels, and digests of what they give.

#include "CKLSimKernels.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// Inputs are rounded as they are written, on every processor.
#pragma clang fp contract(off)

/// The length of the longest row, or more.
enum { MOST = 1100 };

static const struct klsim_kernels *kernels;

/// Every size up to 70 ends vectors, pairs of vectors and delayed stages at other places; the others are
/// long enough for the main loops.
static const ptrdiff_t long_sizes[] = {127, 128, 131, 1000, 1029};
enum { SIZES = 71 + 5 };
static ptrdiff_t size_at(int i) { return i <= 70 ? i : long_sizes[i - 71]; }

// Inputs: no function of the system's mathematical library, which differs between systems.

static uint64_t random_state;

/// SplitMix64.
static uint64_t random_bits(void) {
  uint64_t x = random_state += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

static double uniform(double low, double high) {
  return low + (high - low) * ((double)(random_bits() >> 11) * 0x1p-53);
}

/// What rows are made of.
enum flavour { PLAIN, WIDE, EXTREME, FLAVOURS };

static double value(enum flavour flavour) {
  static const double extremes[] = {
      0.0, -0.0, 0x1p-1074, -0x1p-1074, 0x1.8p-1040, 0x1p-1022, 0x1.fffffffffffffp-1023, 1e-300, 1.0, -1.0,
      0.5, 708.5, 709.8, -708.4, -744.9, -745.2, -746.5, 1e4, -1e4, 1e17, 1e300, -1e300,
      0x1.fffffffffffffp+1023, -0x1.fffffffffffffp+1023};
  const uint64_t bits = random_bits();
  if (flavour == PLAIN || (flavour == EXTREME && bits % 3 != 0)) return uniform(-5.0, 5.0);
  if (flavour == WIDE) return uniform(-1.0, 1.0) * (bits % 2 ? 40.0 : 800.0);
  if (bits % 97 == 0) return (bits >> 20) % 2 ? __builtin_inf() : -__builtin_inf();
  return extremes[(bits >> 8) % (sizeof extremes / sizeof *extremes)];
}

static void fill(ptrdiff_t count, enum flavour flavour, double *row) {
  for (ptrdiff_t i = 0; i < count; i++) row[i] = value(flavour);
}

static void fill_between(ptrdiff_t count, double low, double high, double *row) {
  for (ptrdiff_t i = 0; i < count; i++) row[i] = uniform(low, high);
}

/// A distribution and its logarithms. EXTREME ones have zeros, and a spread of logits that makes
/// subnormal probabilities.
static void distribution(ptrdiff_t count, enum flavour flavour, double *p, double *log_p) {
  double z[MOST];
  const double spread = flavour == PLAIN ? 3.0 : flavour == WIDE ? 40.0 : 760.0;
  fill_between(count, -spread, 0.0, z);
  if (flavour == EXTREME)
    for (ptrdiff_t i = 0; i < count; i++)
      if (random_bits() % 7 == 0) z[i] = i % 2 ? -__builtin_inf() : 0.0;
  kernels->softmax(count, z, log_p, p);
}

// Digests.

static const char *shown_name;
static uint64_t digest;
static const char *present_name;

static void begin(const char *name) {
  present_name = name;
  digest = 0xcbf29ce484222325;
  random_state = 0;
  for (const char *c = name; *c; c++) random_state = random_state * 131 + (unsigned char)*c;
}

/// Every NaN counts as the same: its sign and payload differ between processors, and no output has them.
static void add(ptrdiff_t count, const double *values) {
  for (ptrdiff_t i = 0; i < count; i++) {
    uint64_t bits = 0x7ff8000000000000;
    if (values[i] == values[i]) memcpy(&bits, values + i, sizeof bits);
    if (shown_name && strcmp(shown_name, present_name) == 0)
      printf("%016" PRIx64 " %.17g\n", bits, values[i]);
    for (int byte = 0; byte < 64; byte += 8) digest = (digest ^ (bits >> byte & 255)) * 0x100000001b3;
  }
}

static void end(void) {
  if (!shown_name) printf("%s %016" PRIx64 "\n", present_name, digest);
}

/// Runs a body for rows of every size and flavour.
#define FOR_ROWS(name, count, flavour)                                          \
  for (int once_ = (begin(name), 1); once_; once_ = (end(), 0))                 \
    for (int size_ = 0; size_ < SIZES; size_++)                                 \
      for (ptrdiff_t count = size_at(size_), stop_ = 0; !stop_; stop_ = 1)      \
        for (enum flavour flavour = PLAIN; flavour < FLAVOURS; flavour++)

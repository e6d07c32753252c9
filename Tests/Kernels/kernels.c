// SPDX-License-Identifier: GPL-3.0-or-later

// Prints a digest of what each kernel gives on seeded inputs of awkward sizes and values, so that instruction
// sets and processors can be compared bit by bit. `kernels LEVEL` uses an instruction set (0: generic
// vectors), `kernels LEVEL NAME` prints the values of one kernel in place of digests, `kernels` the
// number of instruction sets that the processor has.

#include "blends.h"

#include <stdlib.h>

// Passes over rows.

static double a[MOST], b[MOST], c[MOST], d[MOST], e[MOST], f[MOST];

static void elementary(void) {
  FOR_ROWS("exp", count, flavour) {
    fill(count, flavour, a);
    kernels->exp(count, a, b);
    add(count, b);
  }
  FOR_ROWS("log", count, flavour) {
    fill(count, flavour, a);
    kernels->log(count, a, b);
    add(count, b);
    // Any positive number whatever.
    for (ptrdiff_t i = 0; i < count; i++) {
      const uint64_t bits = random_bits() >> 1;
      memcpy(a + i, &bits, sizeof bits);
    }
    kernels->log(count, a, b);
    add(count, b);
  }
}

static void sums(void) {
  FOR_ROWS("differences", count, flavour) {
    double result[2];
    distribution(count, flavour, a, b);
    distribution(count, flavour, c, d);
    kernels->differences(count, a, c, result);
    add(2, result);
  }
  FOR_ROWS("dot", count, flavour) {
    fill(count, flavour, a), fill(count, flavour, b);
    add(1, (double[]){kernels->dot(count, a, b)});
  }
  FOR_ROWS("total", count, flavour) {
    fill(count, flavour, a);
    add(1, (double[]){kernels->total(count, a)});
  }
  FOR_ROWS("maximum", count, flavour) {
    fill(count, flavour, a);
    add(1, (double[]){kernels->maximum(count, a)});
  }
  FOR_ROWS("moments", count, flavour) {
    double result[3];
    distribution(count, flavour, a, b), fill(count, flavour, c), fill(count, PLAIN, d);
    for (int weighted = 0; weighted < 2; weighted++) {
      kernels->moments(count, weighted ? a : NULL, c, d, 0.3, result);
      add(3, result);
    }
  }
  FOR_ROWS("log_sum_exp", count, flavour) {
    fill(count, flavour, a), fill(count, flavour, b);
    add(1, (double[]){kernels->log_sum_exp(count, a, 0.7, b)});
  }
}

static void rows(void) {
  FOR_ROWS("linear", count, flavour) {
    fill(count, flavour, a), fill(count, flavour, b);
    for (int weights = 0; weights < 4; weights++) {
      kernels->linear(count, weights & 1 ? 0.3 : 0.0, a, weights & 2 ? -1.7 : 0.0, b, c);
      add(count, c);
    }
  }
  FOR_ROWS("divide", count, flavour) {
    fill(count, flavour, a);
    kernels->divide(count, a, 2.9);
    add(count, a);
  }
  FOR_ROWS("shift", count, flavour) {
    fill(count, flavour, a);
    kernels->shift(count, a, -2.7, 1e-9, b);
    add(count, b);
  }
  FOR_ROWS("deviations", count, flavour) {
    distribution(count, flavour, a, b), fill(count, flavour, c), fill(count, PLAIN, d), fill(count, PLAIN, e);
    kernels->deviations(count, 0.3, a, c, d, 0.1, e);
    add(count, e);
  }
  FOR_ROWS("centre", count, flavour) {
    distribution(count, flavour, a, b), fill(count, flavour, c);
    kernels->centre(count, a, c, 0.2, 1.3, 0.4, d);
    add(count, d);
  }
  FOR_ROWS("adam", count, flavour) {
    double result[2];
    fill(count, PLAIN, a), fill(count, flavour, b), fill(count, PLAIN, c);
    fill_between(count, 0.0, 1.0, d);
    for (int step = 0; step < 4; step++) {
      const bool begins = step % 2 == 0;
      kernels->adam(
          count, a, b, c, d, 0.9, 0.999, 0.999, 0.3, 0.2, 1e-8, begins ? e : NULL, begins ? f : NULL, 2.0,
          result);
      add(count, a), add(count, c), add(count, d), add(2, result);
      if (begins) add(count, e), add(count, f);
    }
  }
  FOR_ROWS("softmax", count, flavour) {
    fill(count, flavour, a);
    add(1, (double[]){kernels->softmax(count, a, b, c)});
    add(count, b), add(count, c);
  }
  FOR_ROWS("softmax_rows", count, flavour) {
    fill(count, flavour, a);
    for (ptrdiff_t width = 1; width <= 9; width++) {
      const ptrdiff_t rows = count / width;
      kernels->softmax_rows(rows, width, a, b, c);
      add(rows * width, b), add(rows * width, c);
    }
  }
}

// Terms of objectives.

struct kind {
  const char *name;
  enum klsim_term kind;
  double coefficients[KLSIM_TERM_COEFFICIENTS];
};

static const struct kind kinds[] = {
    {"none", KLSIM_NO_TERM, {0}},
    {"blend", KLSIM_BLEND, {0.3, 0.7}},
    {"forward", KLSIM_BLEND, {1.0, 0.0}},
    {"reverse", KLSIM_BLEND, {0.0, 1.0}},
    {"power", KLSIM_POWER, {0.3, 0.7}},
    {"alpha_beta far", KLSIM_ALPHA_BETA, {0.2, 0.7}},
    {"alpha_beta negative", KLSIM_ALPHA_BETA, {1.5, -0.5}},
    {"alpha_beta limit", KLSIM_ALPHA_BETA, {1.0, 0.0}},
    {"alpha_beta opposite", KLSIM_ALPHA_BETA, {0.5, -0.5}},
    {"alpha_beta near", KLSIM_ALPHA_BETA, {0.03, 0.97}},
    {"alpha_beta small", KLSIM_ALPHA_BETA, {0.01, 0.02}},
    {"squared_log_ratio", KLSIM_SQUARED_LOG_RATIO, {0}},
    {"mixture even", KLSIM_MIXTURE, {0.5, 0.5, 0.5, 0.0, 0.0, 0.5, 0.5}},
    {"mixture skewed", KLSIM_MIXTURE, {1.0, 0.3, 0.3, 0.1, -0.9, 0.1, 0.9}},
    {"total_variation", KLSIM_TOTAL_VARIATION, {0}},
    {"brier", KLSIM_BRIER, {0}},
    {"triangular", KLSIM_TRIANGULAR, {0}},
    {"arithmetic_geometric", KLSIM_ARITHMETIC_GEOMETRIC, {0}},
    {"modified_gan", KLSIM_MODIFIED_GAN, {0.0}},
    {"modified_gan dual", KLSIM_MODIFIED_GAN, {1.0}},
    {"log_abs", KLSIM_LOG_ABS, {0.0}},
    {"log_abs dual", KLSIM_LOG_ABS, {1.0}},
    {"sigmoid_blend", KLSIM_SIGMOID_BLEND, {1.3}},
};

static void terms(const struct kind *kind) {
  char name[64];
  double result[5], term_sums[2];
  snprintf(name, sizeof name, "terms %s", kind->name);
  FOR_ROWS(name, count, flavour) {
    distribution(count, flavour, a, b), distribution(count, flavour, c, d), fill(count, PLAIN, e);
    if (flavour == WIDE && count > 1) c[1] = a[1], d[1] = b[1];
    for (int bare = 0; bare < 2; bare++) {
      kernels->terms(
          kind->kind, kind->coefficients, 0.6, count, a, b, c, d, (double[2]){0.0, 0.0}, bare ? NULL : e, f,
          bare ? NULL : e, result);
      add(2, result), add(count, f);
      if (!bare) add(count, e);
    }
  }
  snprintf(name, sizeof name, "state %s", kind->name);
  FOR_ROWS(name, count, flavour) {
    double z[MOST], q[MOST], shifted[3] = {1.5, 0.0, -__builtin_inf()};
    distribution(count, flavour, a, b), fill(count, flavour, c);
    for (int begun = 0; begun < 2; begun++) {
      const double most = kernels->maximum(count, c);
      if (begun) {
        memcpy(z, c, sizeof z);
        kernels->shift(count, c, -shifted[0], 0.0, q), kernels->exp(count, q, q);
        shifted[1] = kernels->total(count, q), shifted[2] = most;
      }
      kernels->state(
          count, a, b, begun ? 1.0 : 0.8, c, count % 2 ? &most : NULL, begun ? shifted : NULL, z, d, q, result,
          kind->kind, kind->coefficients, 0.6, e, term_sums);
      add(count, z), add(count, d), add(count, q), add(5, result);
      if (kind->kind != KLSIM_NO_TERM) add(count, e), add(2, term_sums);
    }
  }
}

// Products of matrices.

static void products(void) {
  static const ptrdiff_t heights[] = {0, 1, 2, 4, 5, 6, 7, 8, 9, 49, 97}, widths[] = {1, 7, 8, 9, 23, 24, 25, 50};
  static const ptrdiff_t depths[] = {0, 1, 5, 128, 131};
  static double left[97 * 131], right[131 * 50], result[97 * 50];
  begin("product");
  for (size_t i = 0; i < sizeof heights / sizeof *heights; i++)
    for (size_t j = 0; j < sizeof widths / sizeof *widths; j++)
      for (size_t k = 0; k < sizeof depths / sizeof *depths; k++)
        for (int form = 0; form < 8; form++) {
          const ptrdiff_t height = heights[i], width = widths[j], depth = depths[k];
          const bool turns_left = form & 1, turns_right = form & 2, adds = form & 4;
          const enum flavour flavour = (enum flavour)((i + j + k) % FLAVOURS);
          fill(height * depth, flavour, left), fill(depth * width, PLAIN, right);
          fill(height * width, PLAIN, result);
          kernels->product(
              height, width, depth, left, turns_left ? 1 : depth, turns_left ? height : 1, right,
              turns_right ? 1 : width, turns_right ? depth : 1, result, width, adds);
          add(height * width, result);
        }
  end();
}

int main(int count, char **arguments) {
  if (count < 2) {
    printf("%d\n", klsim_best_level() + 1);
    return 0;
  }
  kernels = klsim_kernels_of((enum klsim_level)atoi(arguments[1]));
  shown_name = count > 2 ? arguments[2] : NULL;
  elementary();
  sums();
  rows();
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) terms(kinds + i);
  products();
  blends();
  return 0;
}

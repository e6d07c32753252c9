// SPDX-License-Identifier: GPL-3.0-or-later

// Fits of blocks of runs, as in `BlendFit`: lanes that are runs, and lanes that are tokens.

#include "digest.h"

enum { EPOCHS = 10, PARTS = 2 };

/// Learning rates: usual ones, none, and one that loses runs or moves them far out of range.
static const double blend_rates[][EPOCHS] = {
    {0.1, 0.1, 0.05, 0.05, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1},
    {1.0, 0.0, 30.0, 1e-3, 1.0, 400.0, 1.0, 1e-9, 5.0, 1.0},
    {1e5, 1e300, 1e300, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}};

struct blend_form {
  const char *name;
  double forward, reverse;
  bool is_adaptive;
};

static const struct blend_form blend_forms[] = {
    {"forward", 1.0, 0.0, false},
    {"reverse", 0.0, 1.0, false},
    {"both", 0.3, 0.7, false},
    {"adaptive", 0.0, 0.0, true}};

struct blend_optimizer {
  const char *name;
  enum klsim_optimizer optimizer;
  double beta1, beta2, epsilon, weight_decay;
  bool corrects, nesterov;
};

static const struct blend_optimizer blend_optimizers[] = {
    {"adam", KLSIM_ADAM, 0.9, 0.999, 1e-8, 0.0, true, false},
    {"adam decay", KLSIM_ADAM, 0.8, 0.99, 1e-3, 0.01, false, false},
    {"sgd", KLSIM_SGD, 0.0, 0.0, 0.0, 0.0, false, false},
    {"nesterov", KLSIM_SGD, 0.9, 0.0, 0.0, 0.0, false, true}};

/// Arrays of a block, with room for lanes that are runs.
enum { PLANE = 8 * 72 };

struct blend_arrays {
  double p[PLANE], log_p[PLANE], numerator[PLANE], log_ratio[PLANE], mean[PLANE], square[PLANE];
  double segment_sums[16 * 3];
} __attribute__((aligned(64)));

/// A fit to `size` tokens from logits of a flavour; the tokens of the head are half of all.
static void blend(
    ptrdiff_t size, enum flavour flavour, bool lanes_are_runs, const double *rates,
    const struct blend_form *form, const struct blend_optimizer *optimizer) {
  static struct blend_arrays arrays;
  static double rows[(EPOCHS + 1) * 8 * (6 + 2 * PARTS)] __attribute__((aligned(64)));
  memset(&arrays, 0, sizeof arrays);
  const ptrdiff_t width = lanes_are_runs ? 1 : 8, stride = lanes_are_runs ? 8 : 1;
  const ptrdiff_t vectors = (size + 2 * width - 1) / (2 * width) * 2;
  distribution(size, flavour, arrays.p, arrays.log_p);
  for (ptrdiff_t i = 0; i < width * vectors; i++) {
    const double scaled = arrays.log_p[i] * KLSIM_PER_NAT;
    arrays.log_p[i] = i >= size ? KLSIM_ABSENT : scaled == -__builtin_inf() ? 0.0 : scaled;
  }
  for (ptrdiff_t lane = 0; lane < stride; lane++) {
    double logits[72];
    fill_between(size, flavour == PLAIN ? -5.0 : flavour == WIDE ? -40.0 : -1400.0, 0.0, logits);
    for (ptrdiff_t i = 0; i < size; i++)
      arrays.log_ratio[stride * i + lane] = logits[i] * KLSIM_PER_NAT - arrays.log_p[i];
  }

  // Where lanes are tokens the vector that the cut divides is a segment of its own.
  const ptrdiff_t cut = (size + 1) / 2;
  ptrdiff_t ends[3], segments = 0;
  int parts[3 * 8];
  const ptrdiff_t bounds[3] = {cut / width, (cut + width - 1) / width, vectors};
  for (int i = 0; i < 3; i++) {
    if (bounds[i] == (segments > 0 ? ends[segments - 1] : 0)) continue;
    for (int lane = 0; lane < 8; lane++)
      parts[8 * segments + lane] = (bounds[i] - 1) * width + (lanes_are_runs ? 0 : lane) >= cut;
    ends[segments++] = bounds[i];
  }

  struct klsim_blend block = {
      .vectors = vectors,
      .teacher_is_shared = lanes_are_runs,
      .p = arrays.p,
      .log_p = arrays.log_p,
      .numerator = arrays.numerator,
      .log_ratio = arrays.log_ratio,
      .mean = arrays.mean,
      .square = arrays.square,
      .segments = segments,
      .segment_ends = ends,
      .segment_parts = parts,
      .parts = PARTS,
      .segment_sums = arrays.segment_sums,
      .forward = form->forward,
      .reverse = form->reverse,
      .scale = 0.9,
      .adaptive_parts = form->is_adaptive ? 1 : 0,
      .optimizer = optimizer->optimizer,
      .beta1 = optimizer->beta1,
      .beta2 = optimizer->beta2,
      .epsilon = optimizer->epsilon,
      .weight_decay = optimizer->weight_decay,
      .beta1_power = optimizer->corrects ? 1.0 : 0.0,
      .beta2_power = optimizer->corrects ? 1.0 : 0.0,
      .nesterov = optimizer->nesterov,
  };
  kernels->blend_start(&block);
  kernels->blend_run(&block, rates, EPOCHS, true, rows);

  // What is in a lost lane is invalid; that it is lost is a result.
  for (int lane = 0; lane < 8; lane++) {
    add(1, (double[]){block.lost[lane]});
    if (block.lost[lane]) continue;
    for (ptrdiff_t row = 0; row < (EPOCHS + 1) * klsim_rows(PARTS); row++) add(1, rows + 8 * row + lane);
    for (ptrdiff_t i = 0; i < vectors; i++) {
      const ptrdiff_t at = 8 * i + lane;
      add(1, arrays.numerator + at), add(1, arrays.log_ratio + at);
      add(1, arrays.mean + at), add(1, arrays.square + at);
    }
  }
}

static void blends(void) {
  for (size_t form = 0; form < sizeof blend_forms / sizeof *blend_forms; form++)
    for (size_t o = 0; o < sizeof blend_optimizers / sizeof *blend_optimizers; o++)
      for (int lanes_are_runs = 0; lanes_are_runs < 2; lanes_are_runs++) {
        char name[64];
        snprintf(
            name, sizeof name, "blend %s %s %s", blend_forms[form].name, blend_optimizers[o].name,
            lanes_are_runs ? "runs" : "tokens");
        begin(name);
        for (ptrdiff_t size = 1; size <= 70; size++)
          for (enum flavour flavour = PLAIN; flavour < FLAVOURS; flavour++)
            for (size_t rates = 0; rates < sizeof blend_rates / sizeof *blend_rates; rates++)
              blend(
                  size, flavour, lanes_are_runs, blend_rates[rates], blend_forms + form, blend_optimizers + o);
        end();
      }
}

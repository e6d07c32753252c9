// SPDX-License-Identifier: GPL-3.0-or-later

// The pass over a block that measures a state and makes an update; included once per instruction set.

#include "elementary.h"

/// The coefficients of a pass, by lane where runs may differ.
struct coefficients {
  vec inverse_sum;
  /// The gradient is forward·(q − p) + reverse·q∘(ρ − K), K = Σ q ρ: exactly 0 where one token has
  /// all mass. If only one of the two is present, its weight is part of step and epsilon.
  vec forward;
  vec reverse;
  vec mean_ratio;
  double step;
  double epsilon;
  /// Weight decay multiplies the logits by keep = 1 - drop.
  double keep;
  double drop;
  /// Adam's step and epsilon without bias correction.
  double late_step;
  double late_epsilon;
  /// Gradient descent moves by fresh·gradient + carried·velocity.
  double fresh;
  double carried;
};

/// Which of the two divergences are present. ADAPTIVE has both, and its head and tail errors are summed
/// before the pass; otherwise the pass sums them.
enum form { FORWARD, REVERSE, BOTH, ADAPTIVE };

/// What a pass is compiled for: a compile-time constant at every call.
struct variant {
  /// Whether the lanes are runs, which share the teacher.
  bool is_shared;
  /// Adam, or gradient descent with momentum.
  bool is_adam;
  /// Whether Adam's weights decay.
  bool decays;
  enum form form;
};

/// The data of a pass.
struct pass {
  const double *p, *log_p;
  vec *numerator, *log_ratio, *mean, *square;
  vec inverse, mean_ratio, forward, reverse;
  vec beta1, beta2, step, epsilon, keep, drop, fresh, carried;
  vec sum, p_ratio, e_ratio, e_log;
  /// Of the segment that is being summed.
  vec absolute, signed_sum;
  const ptrdiff_t *segment_end;
  double *segment_sums;
};

INLINE struct pass begin_pass(
    const struct klsim_blend *block, const struct coefficients *x, struct variant is) {
  const vec zero = SPLAT(0.0);
  struct pass pass = {
      .p = block->p,
      .log_p = block->log_p,
      .numerator = (vec *)block->numerator,
      .log_ratio = (vec *)block->log_ratio,
      .mean = (vec *)block->mean,
      .square = (vec *)block->square,
      .inverse = x->inverse_sum,
      .mean_ratio = x->mean_ratio,
      .forward = x->forward,
      .reverse = x->reverse,
      .beta1 = SPLAT(block->beta1),
      .step = SPLAT(x->step),
      .sum = zero,
      .p_ratio = zero,
      .e_ratio = zero,
      .e_log = zero,
      .absolute = zero,
      .signed_sum = zero,
      .segment_end = block->segment_ends,
      .segment_sums = block->segment_sums,
  };
  if (is.is_adam) {
    pass.beta2 = SPLAT(block->beta2);
    pass.epsilon = SPLAT(x->epsilon);
    pass.keep = SPLAT(x->keep);
    pass.drop = SPLAT(x->drop);
  } else {
    pass.fresh = SPLAT(x->fresh);
    pass.carried = SPLAT(x->carried);
  }
  return pass;
}

INLINE vec teacher_of_pass(const double *array, ptrdiff_t i, struct variant is) {
  return is.is_shared ? SPLAT(array[i]) : ((const vec *)array)[i];
}

/// Adds q − p of a vector to the sums of its segment.
INLINE void add_gap(struct pass *x, ptrdiff_t i, vec gap) {
  x->absolute += magnitude(gap);
  x->signed_sum += gap;
  if (i + 1 == *x->segment_end) {
    store(x->segment_sums, x->absolute);
    store(x->segment_sums + 8, x->signed_sum);
    x->absolute = x->signed_sum = SPLAT(0.0);
    x->segment_end++;
    x->segment_sums += 16;
  }
}

/// The gradient, up to a factor that is part of step and epsilon.
INLINE vec slope_of(const struct pass *x, ptrdiff_t i, vec gap, vec ratio, enum form form) {
  if (form == FORWARD) return gap;
  vec q = x->numerator[i] * x->inverse;
  return form == REVERSE ? q * ratio : fused(q * x->reverse, ratio, x->forward * gap);
}

/// q, its gradient, and the moments; gradient descent makes its step here.
INLINE void find_gradient(struct pass *x, ptrdiff_t i, struct variant is) {
  vec gap = fused(x->numerator[i], x->inverse, -teacher_of_pass(x->p, i, is));
  if (is.form != ADAPTIVE) add_gap(x, i, gap);
  vec ratio = x->log_ratio[i] - x->mean_ratio;
  vec slope = slope_of(x, i, gap, ratio, is.form);
  x->mean[i] = fused(x->beta1, x->mean[i], slope);
  if (is.is_adam) {
    x->square[i] = fused(x->beta2, x->square[i], slope * slope);
  } else {
    x->log_ratio[i] = fused(-x->step, fused(x->fresh, slope, x->carried * x->mean[i]), ratio);
  }
}

/// Adam's root, stored in place of the numerator, which is no longer needed.
INLINE void take_root(struct pass *x, ptrdiff_t i, struct variant is) {
  if (is.is_adam) x->numerator[i] = root(x->square[i]) + x->epsilon;
}

/// The log-ratio before Adam's step: minus its mean, so that Σe stays in range, and after the decay of
/// the logit. Lanes without a token keep a numerator of 0.
INLINE vec decayed(const struct pass *x, ptrdiff_t i, struct variant is) {
  vec ratio = x->log_ratio[i] - x->mean_ratio;
  if (!is.decays) return ratio;
  vec log_p = teacher_of_pass(x->log_p, i, is);
  log_p = log_p == KLSIM_ABSENT ? SPLAT(0.0) : log_p;
  return fused(x->keep, ratio, -x->drop * log_p);
}

/// Adam's update of two vectors.
INLINE void move_pair(struct pass *x, ptrdiff_t i, struct variant is) {
  if (!is.is_adam) return;
  vec first = x->numerator[i], second = x->numerator[i + 1];
  vec quotient = x->step / (first * second);
  x->log_ratio[i] = fused(-x->mean[i], second * quotient, decayed(x, i, is));
  x->log_ratio[i + 1] = fused(-x->mean[i + 1], first * quotient, decayed(x, i + 1, is));
}

/// The next numerator and the sums over it.
INLINE void find_numerator(struct pass *x, ptrdiff_t i, struct variant is) {
  vec ratio = x->log_ratio[i], u = ratio + teacher_of_pass(x->log_p, i, is), e = exp_scaled(u);
  x->numerator[i] = e;
  x->sum += e;
  x->p_ratio = fused(teacher_of_pass(x->p, i, is), ratio, x->p_ratio);
  x->e_ratio = fused(e, ratio, x->e_ratio);
  x->e_log = fused(e, u, x->e_log);
}

enum {
  /// The number of vectors between two stages of a pass.
  DISTANCE = 4,
  /// The number of vectors between moments and roots.
  ROOT_DISTANCE = 2
};

/// Three stages, DISTANCE vectors apart, share data through the arrays only: while the square root and
/// division of one vector are in progress, other units compute exponentials and gradients of others.
/// Roots are taken ahead of divisions, so that neither waits for the other. Two vectors share a
/// division, 1/a = b/(ab), so vectors go through the stages in pairs.
INLINE void run_pass(
    struct klsim_blend *block, const struct coefficients *coefficients, struct variant is) {
  const ptrdiff_t count = block->vectors;
  struct pass pass = begin_pass(block, coefficients, is), *x = &pass;
  ptrdiff_t i = 0;
  for (; i < count && i < 2 * DISTANCE; i += 2) {
    find_gradient(x, i, is);
    find_gradient(x, i + 1, is);
    if (i >= ROOT_DISTANCE) {
      take_root(x, i - ROOT_DISTANCE, is);
      take_root(x, i - ROOT_DISTANCE + 1, is);
    }
    if (i >= DISTANCE) move_pair(x, i - DISTANCE, is);
  }
  for (; i < count; i += 2) {
    // In this order the divider is idle least.
    take_root(x, i - ROOT_DISTANCE, is);
    find_gradient(x, i, is);
    find_gradient(x, i + 1, is);
    take_root(x, i - ROOT_DISTANCE + 1, is);
    find_numerator(x, i - 2 * DISTANCE, is);
    move_pair(x, i - DISTANCE, is);
    find_numerator(x, i - 2 * DISTANCE + 1, is);
  }
  for (; i < count + 2 * DISTANCE; i += 2) {
    if (i >= ROOT_DISTANCE && i < count + ROOT_DISTANCE) {
      take_root(x, i - ROOT_DISTANCE, is);
      take_root(x, i - ROOT_DISTANCE + 1, is);
    }
    if (i >= DISTANCE && i < count + DISTANCE) move_pair(x, i - DISTANCE, is);
    if (i >= 2 * DISTANCE) {
      find_numerator(x, i - 2 * DISTANCE, is);
      find_numerator(x, i - 2 * DISTANCE + 1, is);
    }
  }
  store(block->sums[0], pass.sum);
  store(block->sums[1], pass.p_ratio);
  store(block->sums[2], pass.e_ratio);
  store(block->sums[3], pass.e_log);
  store(block->reference, SPLAT(0.0));
}

/// The pass of a form, for lanes and an optimizer that are compile-time constants.
INLINE void run_form(
    struct klsim_blend *block, const struct coefficients *x, enum form form, bool is_shared,
    bool is_adam, bool decays) {
  switch (form) {
    case FORWARD: return run_pass(block, x, (struct variant){is_shared, is_adam, decays, FORWARD});
    case REVERSE: return run_pass(block, x, (struct variant){is_shared, is_adam, decays, REVERSE});
    case BOTH: return run_pass(block, x, (struct variant){is_shared, is_adam, decays, BOTH});
    case ADAPTIVE:
      return run_pass(block, x, (struct variant){is_shared, is_adam, decays, ADAPTIVE});
  }
}

/// The pass for lanes that are a constant.
INLINE void run_optimizer(
    struct klsim_blend *block, const struct coefficients *x, enum form form, bool is_shared) {
  if (block->optimizer != KLSIM_ADAM) {
    run_form(block, x, form, is_shared, false, false);
  } else if (block->weight_decay == 0.0) {
    run_form(block, x, form, is_shared, true, false);
  } else {
    run_form(block, x, form, is_shared, true, true);
  }
}

/// Not inlined, so that the loops have all registers.
static __attribute__((noinline)) void make_update(
    struct klsim_blend *block, const struct coefficients *x, enum form form) {
  if (block->teacher_is_shared) {
    run_optimizer(block, x, form, true);
  } else {
    run_optimizer(block, x, form, false);
  }
}

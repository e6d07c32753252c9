// SPDX-License-Identifier: GPL-3.0-or-later

// The fit of a block of runs; included once per instruction set.

#include "blend_pass.h"

static const double nats_per_unit = 0x1.62e42fefa39efp-5;

INLINE vec teacher_at(const struct klsim_blend *block, const double *array, ptrdiff_t i) {
  return block->teacher_is_shared ? SPLAT(array[i]) : ((const vec *)array)[i];
}

/// Where the lanes are tokens of one run, the sum of all lanes in every lane.
INLINE vec over_run(const struct klsim_blend *block, vec lanes) {
  return block->teacher_is_shared ? lanes : SPLAT(lane_sum(lanes));
}

/// Numerators and sums from the log-ratios, after subtracting a shift from those of each lane.
static void exponentiate(struct klsim_blend *block, vec shift) {
  vec *log_ratio = (vec *)block->log_ratio;
  vec sum = SPLAT(0.0), p_ratio = SPLAT(0.0), e_ratio = SPLAT(0.0), e_log = SPLAT(0.0);
  vec from_reference = SPLAT(0.0);
  for (ptrdiff_t i = 0; i < block->vectors; i++) {
    vec ratio = log_ratio[i] - shift, u = ratio + teacher_at(block, block->log_p, i);
    vec e = exp_scaled(u);
    log_ratio[i] = ratio;
    ((vec *)block->numerator)[i] = e;
    sum += e;
    p_ratio = fused(teacher_at(block, block->p, i), ratio, p_ratio);
    e_ratio = fused(e, ratio, e_ratio);
    e_log = fused(e, u, e_log);
  }
  vec reference = over_run(block, e_ratio) / over_run(block, sum);
  for (ptrdiff_t i = 0; i < block->vectors; i++) {
    vec e = ((const vec *)block->numerator)[i];
    from_reference = fused(e, log_ratio[i] - reference, from_reference);
  }
  store(block->sums[0], sum);
  store(block->sums[1], p_ratio);
  store(block->sums[2], from_reference);
  store(block->sums[3], e_log);
  store(block->reference, reference);
}

/// The largest u of each lane, or of the run where the lanes are tokens.
static vec largest(const struct klsim_blend *block) {
  vec top = SPLAT(-__builtin_inf());
  for (ptrdiff_t i = 0; i < block->vectors; i++) {
    vec u = ((const vec *)block->log_ratio)[i] + teacher_at(block, block->log_p, i);
    top = u > top ? u : top;
  }
  if (block->teacher_is_shared) return top;
  double most = top[0];
  for (int lane = 1; lane < 8; lane++) most = top[lane] > most ? top[lane] : most;
  return SPLAT(most);
}

/// Shifts lanes whose Σe is about to under- or overflow, and marks lanes that are lost.
static __attribute__((noinline)) void bring_into_range(struct klsim_blend *block) {
  vec sum = over_run(block, load(block->sums[0]));
  vec top = SPLAT(0.0);
  bool is_measured = false;
  vec shift = SPLAT(0.0);
  bool moves = false;
  for (int lane = 0; lane < 8; lane++) {
    if (block->lost[lane] || (sum[lane] > 0x1p-500 && sum[lane] < 0x1p500)) continue;
    if (!is_measured) top = largest(block);
    is_measured = true;
    shift[lane] = top[lane];
    moves = true;
  }
  if (moves) exponentiate(block, shift);
  for (int row = 0; row < 4; row++) {
    vec value = over_run(block, load(block->sums[row]));
    for (int lane = 0; lane < 8; lane++) {
      bool is_finite = value[lane] - value[lane] == 0.0;
      if (!is_finite || (row == 0 && value[lane] == 0.0)) block->lost[lane] = true;
    }
  }
}

INLINE void keep_in_range(struct klsim_blend *block) {
  vec sum = over_run(block, load(block->sums[0]));
  // 0 where all is finite.
  vec finite = (load(block->sums[1]) + load(block->sums[2]) + load(block->sums[3])) * 0.0;
  if (!__builtin_reduce_and((sum > 0x1p-500) & (sum < 0x1p500) & (finite == 0.0)))
    bring_into_range(block);
}

static void blend_start(struct klsim_blend *block) {
  for (int lane = 0; lane < 8; lane++) block->lost[lane] = false;
  exponentiate(block, largest(block));
  keep_in_range(block);
}

/// Σ|q−p| and Σ(q−p) by segment, without an update.
static void measure(struct klsim_blend *block, vec inverse_sum) {
  ptrdiff_t i = 0;
  for (ptrdiff_t segment = 0; segment < block->segments; segment++) {
    vec absolute = SPLAT(0.0), signed_sum = SPLAT(0.0);
    for (ptrdiff_t end = block->segment_ends[segment]; i < end; i++) {
      vec gap = ((const vec *)block->numerator)[i] * inverse_sum - teacher_at(block, block->p, i);
      absolute += magnitude(gap);
      signed_sum += gap;
    }
    store(block->segment_sums + 16 * segment, absolute);
    store(block->segment_sums + 16 * segment + 8, signed_sum);
  }
}

/// Sums the segments of each part: rows of absolute sums, then rows of signed ones.
static void collect_parts(const struct klsim_blend *block, double *rows) {
  const ptrdiff_t parts = block->parts;
  memset(rows, 0, sizeof(double) * 16 * (size_t)parts);
  for (ptrdiff_t segment = 0; segment < block->segments; segment++) {
    const double *sums = block->segment_sums + 16 * segment;
    const int *part = block->segment_parts + 8 * segment;
    if (block->teacher_is_shared) {
      // Where lanes are runs, all of them lie in one part.
      double *absolute = rows + 8 * part[0], *signed_sum = absolute + 8 * parts;
      store(absolute, load(absolute) + load(sums));
      store(signed_sum, load(signed_sum) + load(sums + 8));
      continue;
    }
    for (int lane = 0; lane < 8; lane++) {
      rows[8 * part[lane]] += sums[lane];
      rows[8 * (parts + part[lane])] += sums[8 + lane];
    }
  }
}

/// The total variation distance, half the sum of all absolute differences.
static vec total_variation(const struct klsim_blend *block, const double *parts) {
  vec sum = SPLAT(0.0);
  for (ptrdiff_t part = 0; part < block->parts; part++) sum += load(parts + 8 * part);
  return 0.5 * sum;
}

/// AKL's weight of FKL by lane.
static vec head_weight(const struct klsim_blend *block, const double *parts) {
  vec head = SPLAT(0.0), tail = SPLAT(0.0);
  for (ptrdiff_t part = 0; part < block->parts; part++) {
    vec error = load(parts + 8 * part);
    if (part < block->adaptive_parts) {
      head += error;
    } else {
      tail += error;
    }
  }
  vec weight = head / (head + tail);
  weight = head + tail == 0.0 ? SPLAT(0.5) : weight;
  return block->teacher_is_shared ? weight : SPLAT(weight[0]);
}

/// Sets what depends on the learning rate; the passes leave the factor `unit` out of the gradient.
static void set_rate(
    const struct klsim_blend *block, double rate, double unit, struct coefficients *x) {
  if (block->optimizer == KLSIM_SGD) {
    x->step = rate * KLSIM_PER_NAT * unit;
    x->fresh = block->nesterov ? 1.0 : 0.0;
    x->carried = block->nesterov ? block->beta1 : 1.0;
    return;
  }
  // The moments leave out their factors 1-beta.
  const double root = __builtin_sqrt(1.0 - block->beta2);
  x->late_epsilon = block->epsilon / unit / root;
  x->late_step = rate * (1.0 - block->beta1) / root * KLSIM_PER_NAT;
  x->drop = rate * block->weight_decay;
  x->keep = 1.0 - x->drop;
}

/// Adam's bias corrections.
static void advance_powers(struct klsim_blend *block, struct coefficients *x) {
  block->beta1_power *= block->beta1;
  block->beta2_power *= block->beta2;
  const double correction = __builtin_sqrt(1.0 - block->beta2_power);
  x->epsilon = x->late_epsilon * correction;
  x->step = x->late_step * correction / (1.0 - block->beta1_power);
}

static void blend_run(
    struct klsim_blend *block, const double *learning_rates, ptrdiff_t epochs, bool finish,
    double *rows) {
  const bool is_adaptive = block->adaptive_parts > 0;
  const enum form form = is_adaptive           ? ADAPTIVE
                         : block->reverse == 0 ? FORWARD
                         : block->forward == 0 ? REVERSE
                                               : BOTH;
  const ptrdiff_t states = epochs + (finish ? 1 : 0);
  const double weight = form == FORWARD   ? block->forward
                        : form == REVERSE ? block->reverse * nats_per_unit
                                          : 1.0;
  struct coefficients x = {0};
  double rate = __builtin_nan("");
  for (ptrdiff_t state = 0; state < states; state++, rows += 8 * klsim_rows(block->parts)) {
    const bool moves = state < epochs;
    if (moves && learning_rates[state] != rate) {
      rate = learning_rates[state];
      set_rate(block, rate, block->scale * weight, &x);
    }
    // First what does not depend on the last pass, and last what no pass depends on.
    if (moves && block->optimizer == KLSIM_ADAM) advance_powers(block, &x);
    vec sum = over_run(block, load(block->sums[0]));
    vec p_ratio = over_run(block, load(block->sums[1]));
    vec e_ratio = over_run(block, load(block->sums[2]));
    vec e_log = over_run(block, load(block->sums[3]));
    double *parts = rows + 48;
    vec log_sum = log_natural(sum);
    x.inverse_sum = 1.0 / sum;
    x.mean_ratio = fused(e_ratio, x.inverse_sum, load(block->reference));

    vec a = SPLAT(block->forward), b = SPLAT(block->reverse);
    if (is_adaptive || !moves) {
      measure(block, x.inverse_sum);
      collect_parts(block, parts);
    }
    if (is_adaptive) {
      a = head_weight(block, parts);
      b = 1.0 - a;
    }
    if (moves) {
      x.forward = a;
      x.reverse = b * nats_per_unit;
      make_update(block, &x, form);
      if (!is_adaptive) collect_parts(block, parts);
      keep_in_range(block);
    }
    store(rows, log_sum - p_ratio * nats_per_unit);
    store(rows + 8, x.mean_ratio * nats_per_unit - log_sum);
    store(rows + 16, log_sum - e_log * x.inverse_sum * nats_per_unit);
    store(rows + 24, total_variation(block, parts));
    store(rows + 32, a);
    store(rows + 40, b);
  }
}

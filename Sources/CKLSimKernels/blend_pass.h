// SPDX-License-Identifier: GPL-3.0-or-later

// One pass of an epoch over a block; included once for each combination of
//   PASS            the function's name
//   SHARED          whether the lanes are runs, which share the teacher
//   ADAM            Adam, or gradient descent with momentum
//   MEASURED        whether head and tail errors are summed on the way
//   FORM            which of the two divergences there are: FORWARD, REVERSE or BOTH

#if SHARED
#define TEACHER(array, i) SPLAT((array)[i])
#else
#define TEACHER(array, i) ((const vec *)(array))[i]
#endif

/// Three stages, DISTANCE vectors apart, talk through the arrays only: while square root and divide
/// of one vector are under way, its predecessor's exp and its successor's gradient fill the other
/// units. The roots are taken ahead of the divides, so that neither waits for the other.
static void PASS(struct klsim_blend *block, const struct coefficients *x) {
  const ptrdiff_t count = block->vectors;
  const double *p = block->p, *log_p = block->log_p;
  vec *numerator = (vec *)block->numerator, *log_ratio = (vec *)block->log_ratio;
  vec *mean = (vec *)block->mean;
  const vec inverse = x->inverse_sum;
#if FORM == BOTH
  const vec forward = x->forward, reverse = x->reverse;
#endif
  const vec mean_ratio = x->mean_ratio, shift = x->shift, reference = mean_ratio - shift;
  const vec beta1 = SPLAT(block->beta1), step = SPLAT(x->step);
#if ADAM
  vec *square = (vec *)block->square, roots[ROOTS];
  const vec beta2 = SPLAT(block->beta2), epsilon = SPLAT(x->epsilon);
#else
  const vec fresh = SPLAT(x->fresh), carried = SPLAT(x->carried);
#endif
  vec sum = SPLAT(0.0), p_ratio = SPLAT(0.0), e_ratio = SPLAT(0.0), e_log = SPLAT(0.0);

  // q, its gradient, and the moments.
#define GRADIENT(i)                                                                       \
  {                                                                                       \
    vec q = numerator[i] * inverse, gap = q - TEACHER(p, i);                              \
    MEASURE                                                                               \
    vec slope = SLOPE(i);                                                                 \
    mean[i] = fused(beta1, mean[i], slope);                                               \
    MOMENTS(i)                                                                            \
  }
#if ADAM
#define MOMENTS(i) square[i] = fused(beta2, square[i], slope * slope);
#define ROOT(i) roots[(i) & (ROOTS - 1)] = root(square[i]) + epsilon;
#define MOVE(i) \
  { log_ratio[i] = fused(-mean[i], step / roots[(i) & (ROOTS - 1)], log_ratio[i] - shift); }
#else
#define MOMENTS(i) \
  log_ratio[i] = fused(-step, fused(fresh, slope, carried * mean[i]), log_ratio[i] - shift);
#define ROOT(i) {}
#define MOVE(i) {}
#endif
#if MEASURED
#define MEASURE absolute += magnitude(gap), signed_sum += gap;
#else
#define MEASURE
#endif
  // Up to the factor `unit` of the coefficients.
#if FORM == FORWARD
#define SLOPE(i) gap
#elif FORM == REVERSE
#define SLOPE(i) q * (log_ratio[i] - mean_ratio)
#else
#define SLOPE(i) fused(q * reverse, log_ratio[i] - mean_ratio, forward * gap)
#endif
  // The next numerator and the sums over it.
#define EXPONENTIATE(i)                                                                   \
  {                                                                                       \
    vec ratio = log_ratio[i], u = ratio + TEACHER(log_p, i), e = exp_scaled(u);           \
    numerator[i] = e;                                                                     \
    sum += e;                                                                             \
    p_ratio = fused(TEACHER(p, i), ratio, p_ratio);                                       \
    e_ratio = fused(e, ratio - reference, e_ratio);                                       \
    e_log = fused(e, u, e_log);                                                           \
  }

  ptrdiff_t i = 0;
  for (ptrdiff_t segment = 0; segment < block->segments; segment++) {
#if MEASURED
    vec absolute = SPLAT(0.0), signed_sum = SPLAT(0.0);
#endif
    const ptrdiff_t end = block->segment_ends[segment];
    for (; i < end && i < 2 * DISTANCE; i++) {
      GRADIENT(i)
      if (i >= DISTANCE) MOVE(i - DISTANCE)
      if (i >= ROOT_DISTANCE) ROOT(i - ROOT_DISTANCE)
    }
    for (; i < end; i++) {
      GRADIENT(i)
      MOVE(i - DISTANCE)
      ROOT(i - ROOT_DISTANCE)
      EXPONENTIATE(i - 2 * DISTANCE)
    }
#if MEASURED
    store(block->segment_sums + 16 * segment, absolute);
    store(block->segment_sums + 16 * segment + 8, signed_sum);
#endif
  }
  for (; i < count + DISTANCE; i++) {
    if (i >= DISTANCE) MOVE(i - DISTANCE)
    if (i >= ROOT_DISTANCE && i < count + ROOT_DISTANCE) ROOT(i - ROOT_DISTANCE)
    if (i >= 2 * DISTANCE) EXPONENTIATE(i - 2 * DISTANCE)
  }
  for (; i < count + 2 * DISTANCE; i++) {
    if (i >= 2 * DISTANCE) EXPONENTIATE(i - 2 * DISTANCE)
  }

  store(block->sums[0], sum);
  store(block->sums[1], p_ratio);
  store(block->sums[2], e_ratio);
  store(block->sums[3], e_log);
  store(block->reference, reference);
}

#undef TEACHER
#undef GRADIENT
#undef MOMENTS
#undef ROOT
#undef MOVE
#undef MEASURE
#undef SLOPE
#undef FORM
#undef EXPONENTIATE
#undef PASS
#undef SHARED
#undef ADAM
#undef MEASURED

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
/// units. The roots are taken ahead of the divides, so that neither waits for the other, and two
/// vectors share a divide, 1/a = b/(ab). So vectors go through the stages in pairs.
static void PASS(struct klsim_blend *block, const struct coefficients *x) {
  const ptrdiff_t count = block->vectors;
  const double *p = block->p, *log_p = block->log_p;
  vec *numerator = (vec *)block->numerator, *log_ratio = (vec *)block->log_ratio;
  vec *mean = (vec *)block->mean;
  const vec inverse = x->inverse_sum, mean_ratio = x->mean_ratio;
#if FORM == BOTH
  const vec forward = x->forward, reverse = x->reverse;
#endif
  const vec beta1 = SPLAT(block->beta1), step = SPLAT(x->step);
#if ADAM
  vec *square = (vec *)block->square;
  const vec beta2 = SPLAT(block->beta2), epsilon = SPLAT(x->epsilon);
#else
  const vec fresh = SPLAT(x->fresh), carried = SPLAT(x->carried);
#endif
  vec sum = SPLAT(0.0), p_ratio = SPLAT(0.0), e_ratio = SPLAT(0.0), e_log = SPLAT(0.0);

  // q, its gradient, and the moments.
#define GRADIENT(i)                                                                       \
  {                                                                                       \
    vec gap = fused(numerator[i], inverse, -TEACHER(p, i));                               \
    MEASURE(i)                                                                            \
    vec ratio = log_ratio[i] - mean_ratio, slope = SLOPE(i);                              \
    mean[i] = fused(beta1, mean[i], slope);                                               \
    MOMENTS(i)                                                                            \
  }
#if ADAM
#define MOMENTS(i) square[i] = fused(beta2, square[i], slope * slope);
  // Where the numerator is needed no more.
#define ROOT(i) numerator[i] = root(square[i]) + epsilon;
  // With the mean taken off the log-ratios, Σe stays in range.
#define MOVE(i)                                                                           \
  {                                                                                       \
    vec first = numerator[i], second = numerator[(i) + 1];                                \
    vec quotient = step / (first * second);                                               \
    log_ratio[i] = fused(-mean[i], second * quotient, log_ratio[i] - mean_ratio);         \
    log_ratio[(i) + 1] =                                                                  \
        fused(-mean[(i) + 1], first * quotient, log_ratio[(i) + 1] - mean_ratio);         \
  }
#else
#define MOMENTS(i) \
  log_ratio[i] = fused(-step, fused(fresh, slope, carried * mean[i]), ratio);
#define ROOT(i) {}
#define MOVE(i) {}
#endif
#if MEASURED
  vec absolute = SPLAT(0.0), signed_sum = SPLAT(0.0);
  const ptrdiff_t *segment_end = block->segment_ends;
  double *segment_sums = block->segment_sums;
#define MEASURE(i)                                                                        \
  absolute += magnitude(gap);                                                             \
  signed_sum += gap;                                                                      \
  if ((i) + 1 == *segment_end) {                                                          \
    store(segment_sums, absolute);                                                        \
    store(segment_sums + 8, signed_sum);                                                  \
    absolute = signed_sum = SPLAT(0.0);                                                   \
    segment_end++;                                                                        \
    segment_sums += 16;                                                                   \
  }
#else
#define MEASURE(i)
#endif
  // Up to a factor that step and epsilon make up for.
#if FORM == FORWARD
#define SLOPE(i) gap
#elif FORM == REVERSE
#define SLOPE(i) numerator[i] * inverse * ratio
#else
#define SLOPE(i) fused(numerator[i] * inverse * reverse, ratio, forward * gap)
#endif
  // The next numerator and the sums over it.
#define EXPONENTIATE(i)                                                                   \
  {                                                                                       \
    vec ratio = log_ratio[i], u = ratio + TEACHER(log_p, i), e = exp_scaled(u);           \
    numerator[i] = e;                                                                     \
    sum += e;                                                                             \
    p_ratio = fused(TEACHER(p, i), ratio, p_ratio);                                       \
    e_ratio = fused(e, ratio, e_ratio);                                                   \
    e_log = fused(e, u, e_log);                                                           \
  }
#define PAIR(stage, i) stage(i) stage((i) + 1)

  ptrdiff_t i = 0;
  for (; i < count && i < 2 * DISTANCE; i += 2) {
    PAIR(GRADIENT, i)
    if (i >= ROOT_DISTANCE) { PAIR(ROOT, i - ROOT_DISTANCE) }
    if (i >= DISTANCE) MOVE(i - DISTANCE)
  }
  for (; i < count; i += 2) {
    // In this order the divider has breaks the least.
    ROOT(i - ROOT_DISTANCE)
    PAIR(GRADIENT, i)
    ROOT(i - ROOT_DISTANCE + 1)
    EXPONENTIATE(i - 2 * DISTANCE)
    MOVE(i - DISTANCE)
    EXPONENTIATE(i - 2 * DISTANCE + 1)
  }
  for (; i < count + 2 * DISTANCE; i += 2) {
    if (i >= ROOT_DISTANCE && i < count + ROOT_DISTANCE) { PAIR(ROOT, i - ROOT_DISTANCE) }
    if (i >= DISTANCE && i < count + DISTANCE) MOVE(i - DISTANCE)
    if (i >= 2 * DISTANCE) { PAIR(EXPONENTIATE, i - 2 * DISTANCE) }
  }

  store(block->sums[0], sum);
  store(block->sums[1], p_ratio);
  store(block->sums[2], e_ratio);
  store(block->sums[3], e_log);
  store(block->reference, SPLAT(0.0));
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
#undef PAIR
#undef PASS
#undef SHARED
#undef ADAM
#undef MEASURED

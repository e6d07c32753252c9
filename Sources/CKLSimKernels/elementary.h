// SPDX-License-Identifier: GPL-3.0-or-later

// exp and log on vectors, for the instruction set of the including file.

#ifndef KLSIM_ELEMENTARY_H
#define KLSIM_ELEMENTARY_H

#include "vector.h"

INLINE vec fused(vec a, vec b, vec c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vec root(vec a) { return __builtin_elementwise_sqrt(a); }
INLINE vec magnitude(vec a) { return (vec)((ivec)a & INT64_MAX); }

/// Eight doubles from any address.
INLINE vec load(const double *from) {
  vec value;
  memcpy(&value, from, sizeof value);
  return value;
}

INLINE void store(double *to, vec value) { memcpy(to, &value, sizeof value); }

/// The entries of a table of 16 at the low four bits.
INLINE vec entry(const double *table, ivec bits) {
#if defined(KLSIM_HAS_AVX512)
  return (vec)_mm512_permutex2var_pd(
      _mm512_load_pd(table), (__m512i)bits, _mm512_load_pd(table + 8));
#elif defined(KLSIM_HAS_AVX2)
  ivec index = bits & 15;
  __m256d low = _mm256_i64gather_pd(table, (__m256i)index.lo, 8);
  __m256d high = _mm256_i64gather_pd(table, (__m256i)index.hi, 8);
  vec value;
  value.lo = low;
  value.hi = high;
  return value;
#else
  vec value;
  for (int lane = 0; lane < 8; lane++) value[lane] = table[bits[lane] & 15];
  return value;
#endif
}

/// 2^(n/16) for the whole numbers n in the low bits of `bits`, −1022·16 ≤ n ≤ 1024·16; 0 for
/// n = −1023·16, and a number in between for n in between.
INLINE vec power_of_two(ivec bits) {
  return (vec)((ivec)entry(klsim_exp_table, bits) + (bits << 48));
}

/// u, clamped to ±limit.
INLINE vec clamped(vec u, vec limit) {
#if defined(KLSIM_HAS_AVX512)
  // The smaller of the magnitudes, with the sign of u.
  return (vec)_mm512_range_pd((__m512d)u, (__m512d)limit, 2);
#else
  u = u < -limit ? -limit : u;
  return u > limit ? limit : u;
#endif
}

/// exp of a logarithm in units of ln2/16, within 1.1 ulp.
///
/// Below −1022·16 it is less than 2^−1022 and from −1023·16 on 0, which is negligible beside a term of
/// order 1; above 1023·16 it is 2^1023.
INLINE vec exp_scaled(vec u) {
  const vec shifter = SPLAT(0x1.8p52);
  u = clamped(u, SPLAT(16368.0));
  vec shifted = u + shifter;
  vec r = u + (shifter - shifted);
  vec scale = power_of_two((ivec)shifted);
  // (exp(r·ln2/16) − 1)/r on [−½, ½] within 1.4e-17.
  vec r2 = r * r;
  vec c01 = fused(SPLAT(0x1.ebfbdff82c590p-11), r, SPLAT(0x1.62e42fefa39f3p-5));
  vec c23 = fused(SPLAT(0x1.3b2ab6fb41213p-23), r, SPLAT(0x1.c6b08d6f2a289p-17));
  vec c45 = fused(SPLAT(0x1.430a1d08ec681p-37), r, SPLAT(0x1.5d897e525c216p-30));
  return fused(scale * r, fused(fused(c45, r2, c23), r2, c01), scale);
}

/// 2^(n/16)·exp r, within 1.2 ulp, for whole n and |r| ≤ ln2/32; the low bits of `bits` hold n.
INLINE vec exp_parts(ivec bits, vec n, vec r) {
  // (exp r − 1)/r within 6.5e-16.
  vec r2 = r * r;
  vec c01 = fused(SPLAT(0x1.0000000000001p-1), r, SPLAT(0x1.0000000000003p+0));
  vec c23 = fused(SPLAT(0x1.55555554e9468p-5), r, SPLAT(0x1.555555547d378p-3));
  vec c45 = fused(SPLAT(0x1.6c17ed4cc4834p-10), r, SPLAT(0x1.11123cf1dba3ap-7));
  vec tail = fused(fused(c45, r2, c23), r2, c01);
  vec scale = entry(klsim_root_table, bits);
#if defined(KLSIM_HAS_AVX512)
  vec value = fused(scale * r, tail, scale);
  return (vec)_mm512_scalef_pd((__m512d)value, (__m512d)(n * 0.0625));
#else
  (void)n;
  // Half of the power at a time: 2^1024 and 2^-1074 do not exist as factors.
  ivec whole = (bits << 16) >> 20;
  ivec half = whole >> 1;
  scale = (vec)((ivec)scale + (half << 52));
  vec rest = (vec)((whole - half + 1023) << 52);
  return fused(scale * r, tail, scale) * rest;
#endif
}

/// exp of a natural logarithm, within 1.2 ulp, subnormal results included.
INLINE vec exp_natural(vec x) {
  const vec shifter = SPLAT(0x1.8p52);
  x = x < -746.0 ? SPLAT(-746.0) : x;
  x = x > 710.0 ? SPLAT(710.0) : x;
  vec shifted = fused(x, SPLAT(KLSIM_PER_NAT), shifter);
  vec n = shifted - shifter;
  // ln2/16 in two parts, so that the remainder keeps its digits.
  vec r = fused(n, SPLAT(-0x1.62e42fefa39efp-5), x);
  r = fused(n, SPLAT(-0x1.abc9e3b39803fp-60), r);
  return exp_parts((ivec)shifted, n, r);
}

/// exp of a rounded natural logarithm: faster than `exp_natural`, with an error of about the effect of
/// that rounding.
INLINE vec exp_of_rounded(vec x) {
  const vec shifter = SPLAT(0x1.8p52);
  vec u = x * KLSIM_PER_NAT;
  u = u < -17300.0 ? SPLAT(-17300.0) : u;
  u = u > 17300.0 ? SPLAT(17300.0) : u;
  vec shifted = u + shifter;
  vec n = shifted - shifter;
  return exp_parts((ivec)shifted, n, (u - n) * 0x1.62e42fefa39efp-5);
}

/// log((1+s)/(1−s))/s − 2 for |s| up to about 0.172, with fdlibm's coefficients.
INLINE vec log_series(vec s) {
  vec z = s * s;
  vec w = z * z;
  vec even = w * fused(w, fused(w, SPLAT(0x1.39a09d078c69fp-3), SPLAT(0x1.c71c51d8e78afp-3)),
                       SPLAT(0x1.999999997fa04p-2));
  vec odd = z * fused(w,
                      fused(w, fused(w, SPLAT(0x1.2f112df3e5244p-3), SPLAT(0x1.7466496cb03dep-3)),
                            SPLAT(0x1.2492494229359p-2)),
                      SPLAT(0x1.5555555555593p-1));
  return even + odd;
}

/// log 2^k (1 + f), for 1 + f in [√½, √2) or just outside.
INLINE vec log_parts(vec k, vec f) {
  vec s = f / (f + 2.0);
  vec half_square = 0.5 * f * f;
  vec correction = fused(s, half_square + log_series(s), k * 0x1.a39ef35793c76p-33);
  return fused(k, SPLAT(0x1.62e42feep-1), f - (half_square - correction));
}

/// log 2^k (a/b) with s = (a − b)/(a + b), for a/b in [√½, √2) or just outside, within 2 ulp.
INLINE vec log_quotient(vec k, vec s) {
  vec rest = fused(s, log_series(s), k * 0x1.a39ef35793c76p-33);
  return fused(k, SPLAT(0x1.62e42feep-1), 2.0 * s + rest);
}

/// The natural logarithm of x ≥ 0, within 1 ulp; −inf of 0, NaN below 0.
INLINE vec log_natural(vec x) {
  // Subnormal numbers are scaled into range first.
  vec normal = x < 0x1p-1022 ? x * 0x1p54 : x;
  vec extra = x < 0x1p-1022 ? SPLAT(-54.0) : SPLAT(0.0);
  // x = 2^k·m with m in [√½, √2).
  ivec bits = (ivec)normal - (int64_t)0x3fe6a09e667f3bcd;
  ivec exponent = bits >> 52;
  vec m = (vec)((bits & (int64_t)0x000fffffffffffff) + (int64_t)0x3fe6a09e667f3bcd);
  vec k = __builtin_convertvector(exponent, vec) + extra;
  vec y = log_parts(k, m - 1.0);
  y = x == 0.0 ? SPLAT(-__builtin_inf()) : y;
  y = x == __builtin_inf() ? x : y;
  return x >= 0.0 ? y : SPLAT(__builtin_nan(""));
}

/// exp x − 1 for |x| ≤ ¼, within 1 ulp; invalid elsewhere.
INLINE vec expm1_small(vec x) {
  // 1/2! + x/3! + …, to 1/13!.
  vec y = SPLAT(0x1.6124613a86d09p-33);
  y = fused(y, x, SPLAT(0x1.1eed8eff8d898p-29));
  y = fused(y, x, SPLAT(0x1.ae64567f544e4p-26));
  y = fused(y, x, SPLAT(0x1.27e4fb7789f5cp-22));
  y = fused(y, x, SPLAT(0x1.71de3a556c734p-19));
  y = fused(y, x, SPLAT(0x1.a01a01a01a01ap-16));
  y = fused(y, x, SPLAT(0x1.a01a01a01a01ap-13));
  y = fused(y, x, SPLAT(0x1.6c16c16c16c17p-10));
  y = fused(y, x, SPLAT(0x1.1111111111111p-7));
  y = fused(y, x, SPLAT(0x1.5555555555555p-5));
  y = fused(y, x, SPLAT(0x1.5555555555555p-3));
  y = fused(y, x, SPLAT(0.5));
  return fused(x * x, y, x);
}

/// The sum of the lanes, in a fixed order.
INLINE double lane_sum(vec v) {
  return ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
}

#endif

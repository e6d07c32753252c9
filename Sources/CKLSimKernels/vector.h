// SPDX-License-Identifier: GPL-3.0-or-later

/// Vectors of eight doubles, and tables; nothing here depends on the instruction set.
///
/// All processors give the same bits, because multiply-add is fused where it is written as `fused`,
/// and nowhere else.

#ifndef KLSIM_VECTOR_H
#define KLSIM_VECTOR_H

#include "CKLSimKernels.h"

#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)

// Vectors are passed between functions of one file only, which share one calling convention.
#pragma clang diagnostic ignored "-Wpsabi"

typedef double vec __attribute__((ext_vector_type(8), aligned(64)));
typedef int64_t ivec __attribute__((ext_vector_type(8), aligned(64)));

#define INLINE static inline __attribute__((always_inline))
#define SPLAT(x) ((vec)(x))

/// 2^(i/16) with i·2^48 subtracted from its bits: adding n·2^48 to entry n mod 16 gives 2^(n/16).
static const double klsim_exp_table[16] __attribute__((aligned(64))) = {
    0x1.0000000000000p+0, 0x1.fb5586cf9890fp-1, 0x1.f72b83c7d517bp-1, 0x1.f387a6e756238p-1,
    0x1.f06fe0a31b715p-1, 0x1.edea64c123422p-1, 0x1.ebfdad5362a27p-1, 0x1.eab07dd485429p-1,
    0x1.ea09e667f3bcdp-1, 0x1.ea11473eb0187p-1, 0x1.eace5422aa0dbp-1, 0x1.ec49182a3f090p-1,
    0x1.ee89f995ad3adp-1, 0x1.f199bdd85529cp-1, 0x1.f5818dcfba487p-1, 0x1.fa4afa2a490dap-1};

/// 2^(i/16).
static const double klsim_root_table[16] __attribute__((aligned(64))) = {
    0x1.0000000000000p+0, 0x1.0b5586cf9890fp+0, 0x1.172b83c7d517bp+0, 0x1.2387a6e756238p+0,
    0x1.306fe0a31b715p+0, 0x1.3dea64c123422p+0, 0x1.4bfdad5362a27p+0, 0x1.5ab07dd485429p+0,
    0x1.6a09e667f3bcdp+0, 0x1.7a11473eb0187p+0, 0x1.8ace5422aa0dbp+0, 0x1.9c49182a3f090p+0,
    0x1.ae89f995ad3adp+0, 0x1.c199bdd85529cp+0, 0x1.d5818dcfba487p+0, 0x1.ea4afa2a490dap+0};

#endif

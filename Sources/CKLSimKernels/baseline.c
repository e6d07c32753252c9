// SPDX-License-Identifier: GPL-3.0-or-later

// What every processor has. On x86-64 without FMA each fused multiply-add is a library call: right,
// and slow.

#include "kernels.h"

const struct klsim_kernels *const klsim_baseline_kernels = &kernels;

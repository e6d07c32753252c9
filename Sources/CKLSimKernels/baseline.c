// SPDX-License-Identifier: GPL-3.0-or-later

// Instructions of every processor. On x86-64 without FMA each fused multiply-add is a library call:
// correct, but slow.

#include "kernels.h"

const struct klsim_kernels *const klsim_baseline_kernels = &kernels;

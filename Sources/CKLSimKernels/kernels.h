// SPDX-License-Identifier: GPL-3.0-or-later

// All kernels; included once per instruction set.

#include "blend.h"
#include "levels.h"
#include "product.h"
#include "state.h"

static const struct klsim_kernels kernels = {
    .blend_start = blend_start,
    .blend_run = blend_run,
    .softmax = pass_softmax,
    .softmax_rows = pass_softmax_rows,
    .state = pass_state,
    .differences = pass_differences,
    .adam = pass_adam,
    .exp = pass_exp,
    .log = pass_log,
    .terms = pass_terms,
    .centre = pass_centre,
    .linear = pass_linear,
    .divide = pass_divide,
    .dot = pass_dot,
    .shift = pass_shift,
    .total = pass_total,
    .maximum = pass_maximum,
    .moments = pass_moments,
    .deviations = pass_deviations,
    .log_sum_exp = pass_log_sum_exp,
    .product = pass_product,
};

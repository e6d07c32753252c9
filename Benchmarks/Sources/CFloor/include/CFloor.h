// SPDX-License-Identifier: GPL-3.0-or-later

/// What no kernel that steps with Adam can do without, and nothing else.

#ifndef CFLOOR_H
#define CFLOOR_H

#include <stddef.h>

/// Three arrays of so many doubles fit in the smallest L1 caches.
#define CFLOOR_COUNT 1024

/// y ← b / √a, so many times over arrays in L1, at the widest SIMD that the processor has.
void cfloor_run(ptrdiff_t repeats);

/// The name of that SIMD.
const char *cfloor_level(void);

#endif

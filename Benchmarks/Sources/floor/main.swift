// SPDX-License-Identifier: GPL-3.0-or-later

// Prints the nanoseconds that one square root and one divide take per element, and at which SIMD.

internal import CFloor

let samples = 201
let repeats = 200

cfloor_run(20 * repeats)
let clock = ContinuousClock()
let times = (0..<samples).map { _ in clock.measure { cfloor_run(repeats) } }.sorted()
let nanoseconds = times[samples / 2] / .nanoseconds(1) / Double(repeats * Int(CFLOOR_COUNT))
print(nanoseconds, unsafe String(cString: cfloor_level()))

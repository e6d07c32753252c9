// SPDX-License-Identifier: GPL-3.0-or-later

internal import RealModule

/// The cosine of an angle in radians.
package func cosine(_ angle: Double) -> Double { .cos(angle) }

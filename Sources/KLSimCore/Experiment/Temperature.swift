// SPDX-License-Identifier: GPL-3.0-or-later

/// Logits at a temperature, `(z − top)/T`: a softmax of them is that of `z/T`.
///
/// With the largest at 0, none overflows at a low temperature.
///
/// - Parameters:
///   - logits: z.
///   - temperature: T, above 0.
///   - top: the largest of z; nil if it is not known.
/// - Returns: as many logits.
func tempered(_ logits: [Double], by temperature: Double, top: Double? = nil) -> [Double] {
  let top = top ?? logits.reduce(-.infinity, Double.maximum)
  return logits.map { ($0 - top) / temperature }
}

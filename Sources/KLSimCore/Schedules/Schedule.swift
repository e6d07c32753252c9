// SPDX-License-Identifier: GPL-3.0-or-later

/// How the learning rate changes from update to update, after the warm-up.
public protocol Schedule: Component {
  /// What the learning rate is multiplied by.
  ///
  /// - Parameters:
  ///   - update: how many updates were made since the warm-up, from 0.
  ///   - count: how many updates there are after the warm-up, above `update`.
  /// - Returns: a factor of at least 0.
  func factor(update: Int, of count: Int) -> Double
}

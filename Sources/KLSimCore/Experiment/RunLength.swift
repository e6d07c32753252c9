// SPDX-License-Identifier: GPL-3.0-or-later

/// How long a run is: its epochs, and the updates that an epoch makes.
///
/// An epoch on the full batch is one update; with minibatches it is one pass over the training contexts.
/// States are counted by updates, from 0 for the initial student.
package struct RunLength: Hashable, Sendable {
  /// The number of epochs.
  package let epochs: Int
  /// The number of updates of an epoch, at least 1.
  package let updatesPerEpoch: Int

  /// - Parameters:
  ///   - epochs: the number of epochs.
  ///   - updatesPerEpoch: the number of updates of an epoch, at least 1.
  package init(epochs: Int, updatesPerEpoch: Int = 1) {
    self.epochs = epochs
    self.updatesPerEpoch = updatesPerEpoch
  }

  /// The number of updates, which is also the last state.
  package var updates: Int { epochs * updatesPerEpoch }

  /// The epoch of a state, a fraction between two passes.
  package func epoch(of update: Int) -> Double { Double(update) / Double(updatesPerEpoch) }

  /// The same as a value of a table, an integer if it is whole.
  package func value(of update: Int) -> Value {
    Value(epoch: epoch(of: update))
  }

  /// An epoch in words, with three digits of a fraction: `10`, `0.667`.
  package static func words(epoch: Double) -> String {
    let whole = epoch.rounded(.down)
    guard epoch != whole else { return Int(exactly: epoch)?.description ?? epoch.description }
    var scale = 1000.0
    while (epoch - whole) * scale < 100, scale < 1e15 { scale *= 10 }
    let rounded = (whole * scale + ((epoch - whole) * scale).rounded()) / scale
    return rounded == rounded.rounded() ? words(epoch: rounded) : rounded.description
  }

  /// The state that is nearest to an epoch, the initial student only for epoch 0; the largest number if there
  /// are not so many.
  package func update(at epoch: Double) -> Int {
    let nearest = Int(exactly: (epoch * Double(updatesPerEpoch)).rounded()) ?? .max
    return epoch > 0 ? max(1, nearest) : nearest
  }
}

extension Value {
  /// An epoch, an integer if it is whole.
  package init(epoch: Double) { self = Int(exactly: epoch).map { Value($0) } ?? .number(epoch) }
}

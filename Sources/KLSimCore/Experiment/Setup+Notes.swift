// SPDX-License-Identifier: GPL-3.0-or-later

extension Setup {
  /// How many contexts are held out, trained on or in a minibatch, where that may be unexpected.
  package var notes: [String] {
    var notes: [String] = []
    let (training, heldOut) = (contextCount(of: .train), contextCount(of: .heldOut))
    if heldOutShare > 0, training == 1 || heldOut == 1 {
      notes.append(
        "\(HeldOutAxis.name) \(specification(on: HeldOutAxis.self)) of \(training + heldOut) contexts:"
          + " \(heldOut) held out, \(training) trained on")
    }
    if let batchSize, batchSize >= training, sampling == .shuffle {
      notes.append(
        "\(BatchAxis.name) \(batchSize): an epoch is one minibatch of all \(training) contexts that are"
          + " trained on")
    }
    return notes
  }
}

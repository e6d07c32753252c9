// SPDX-License-Identifier: GPL-3.0-or-later

/// A choice of epochs: `all`, `every=k`, or a list such as `0,1,5,10`.
package enum EpochSelection: Equatable, Sendable {
  /// Every epoch.
  case all
  /// Epochs 0, k, 2k, … and the last.
  case every(Int)
  /// These alone.
  case list([Int])

  /// Reads a selection.
  ///
  /// - Throws: `SpecificationError` for anything else.
  package init(parsing text: String) throws(SpecificationError) {
    let expected = SpecificationError.unreadable(
      text,
      expected: "a selection of epochs: all, every=k with k above 0, or a list such as 0,1,5,10")
    if text == "all" {
      self = .all
    } else if text.hasPrefix("every=") {
      guard let stride = Int(text.dropFirst("every=".count)), stride > 0 else { throw expected }
      self = .every(stride)
    } else {
      guard let epochs = Self.epochs(listed: text) else { throw expected }
      self = .list(epochs)
    }
  }

  /// The epochs of a list such as `0,1,5,10`, nil if the text is none.
  package static func epochs(listed text: String) -> [Int]? {
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    let epochs = items.compactMap { Int($0) }
    return epochs.count == items.count && epochs.allSatisfy { $0 >= 0 } ? epochs : nil
  }

  /// Whether an epoch is selected.
  ///
  /// - Parameters:
  ///   - epoch: the epoch.
  ///   - last: the run's last epoch.
  /// - Returns: true if it is.
  package func contains(_ epoch: Int, last: Int) -> Bool {
    switch self {
    case .all: true
    case .every(let stride): epoch.isMultiple(of: stride) || epoch == last
    case .list(let epochs): epochs.contains(epoch)
    }
  }

  /// The same as a function of the epoch and the last one, quick where the answer is always the same.
  package var predicate: @Sendable (_ epoch: Int, _ last: Int) -> Bool {
    switch self {
    case .all: { _, _ in true }
    case .list([]): { _, _ in false }
    default: { contains($0, last: $1) }
    }
  }

  /// The largest epoch that is named, nil unless the selection is a list.
  package var largest: Int? {
    guard case .list(let epochs) = self else { return nil }
    return epochs.max()
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// A choice of states: `all`, `every=k`, `every=k` with `steps` after it, or a list of epochs such as
/// `0,1,5,10`.
package enum EpochSelection: Equatable, Sendable {
  /// Every whole epoch.
  case all
  /// Epochs 0, k, 2k, … and the last.
  case every(Int)
  /// The states after 0, k, 2k, … updates and the last.
  case everySteps(Int)
  /// The listed epochs; of a fraction, the nearest state, which is the initial student only for 0.
  case list([Double])

  /// Reads a selection.
  ///
  /// - Throws: `SpecificationError` for anything else.
  package init(parsing text: String) throws(SpecificationError) {
    let expected = SpecificationError.unreadable(
      text,
      expected:
        "a selection of epochs: all, every=k or every=ksteps with k above 0, or a list such as"
        + " 0,1,5,10")
    if text == "all" {
      self = .all
    } else if text.hasPrefix("every=") {
      let (word, unit) = (text.dropFirst("every=".count), "steps")
      let countsSteps = word.hasSuffix(unit)
      guard let stride = Int(countsSteps ? word.dropLast(unit.count) : word), stride > 0 else {
        throw expected
      }
      self = countsSteps ? .everySteps(stride) : .every(stride)
    } else {
      guard let epochs = Self.epochs(listed: text) else { throw expected }
      self = .list(epochs)
    }
  }

  /// The epochs of a list such as `0,0.5,5,10`, nil if the text is not a list.
  package static func epochs(listed text: String) -> [Double]? {
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
    let epochs = items.compactMap { Double($0) }
    return epochs.count == items.count && epochs.allSatisfy { $0 >= 0 && $0.isFinite }
      ? epochs : nil
  }

  /// The recorded epoch that a number names: the same one, or of a fraction the nearest that agrees in
  /// all its digits after the point, at least two, so that 0.33 names ⅓, but 0.5 not 0.516.
  ///
  /// - Parameters:
  ///   - epoch: the number.
  ///   - recorded: the recorded epochs.
  /// - Returns: one of them, nil if there is none.
  package static func epoch(
    named epoch: Double, among recorded: some Collection<Double>
  ) -> Double? {
    guard !recorded.contains(epoch), epoch != epoch.rounded() else {
      return recorded.first { $0 == epoch }
    }
    let digits = max(2, epoch.description.split(separator: ".").last.map(\.count) ?? 0)
    guard let unit = Double("1e-\(digits)"),
      let nearest = recorded.min(by: { abs($0 - epoch) < abs($1 - epoch) })
    else { return nil }
    return abs(nearest - epoch) <= unit / 2 ? nearest : nil
  }

  /// The recorded epoch that is meant by a number: the one that it names, else the nearest.
  ///
  /// Of two that are as near it is the later; a quarter of an epoch is too far. The initial student stands for no
  /// other epoch, and no other state for it.
  ///
  /// - Parameters:
  ///   - epoch: the number.
  ///   - recorded: the recorded epochs.
  /// - Returns: one of them, nil if none is near enough.
  package static func epoch(
    nearest epoch: Double, among recorded: some Collection<Double>
  ) -> Double? {
    self.epoch(named: epoch, among: recorded)
      ?? recorded.filter { ($0 > 0) == (epoch > 0) && abs($0 - epoch) < 0.25 }.min {
        (abs($0 - epoch), -$0) < (abs($1 - epoch), -$1)
      }
  }

  /// Says which listed epochs are recorded at another one, and which at the same.
  ///
  /// - Parameter length: the length of the run.
  /// - Returns: a sentence for each such state.
  package func notes(on length: RunLength) -> [String] {
    guard case .list(let epochs) = self else { return [] }
    let asked = Dictionary(grouping: Set(epochs).sorted()) { length.update(at: $0) }
    return asked.sorted { $0.key < $1.key }.compactMap { update, asked in
      let (epoch, isOne) = (length.epoch(of: update), asked.count == 1)
      guard !isOne || Self.epoch(named: asked[0], among: [epoch]) == nil else { return nil }
      return (isOne ? "epoch " : "epochs ")
        + asked.map(RunLength.words).joined(separator: " and ") + (isOne ? " is" : " are")
        + " recorded at \(RunLength.words(epoch: epoch)), after"
        + " \(update) update\(update == 1 ? "" : "s"); an epoch has \(length.updatesPerEpoch)"
    }
  }

  /// The number of selected states of a run.
  package func count(of length: RunLength) -> Int {
    func count(_ stride: Int, in last: Int) -> Int {
      last / stride + 1 + (last.isMultiple(of: stride) ? 0 : 1)
    }
    return switch self {
    case .all: length.epochs + 1
    case .every(let stride): count(stride, in: length.epochs)
    case .everySteps(let stride): count(stride, in: length.updates)
    case .list(let epochs):
      Set(epochs.map { length.update(at: $0) }).count { $0 <= length.updates }
    }
  }

  /// Whether a state is selected.
  ///
  /// - Parameters:
  ///   - update: the number of updates made.
  ///   - length: the length of the run.
  /// - Returns: true if it is.
  package func contains(_ update: Int, of length: RunLength) -> Bool {
    switch self {
    case .all: update.isMultiple(of: length.updatesPerEpoch)
    case .every(let stride):
      update.isMultiple(of: length.updatesPerEpoch)
        && (update / length.updatesPerEpoch).isMultiple(of: stride) || update == length.updates
    case .everySteps(let stride): update.isMultiple(of: stride) || update == length.updates
    case .list(let epochs): epochs.contains { length.update(at: $0) == update }
    }
  }

  /// The same as `contains(_:of:)`, for many states.
  package var membership: @Sendable (_ update: Int, _ length: RunLength) -> Bool {
    guard case .list(let epochs) = self else { return { contains($0, of: $1) } }
    let whole = Set(epochs.compactMap { Int(exactly: $0) }).sorted()
    let fractions = epochs.filter { Int(exactly: $0) == nil }
    let others = fractions.isEmpty ? nil : EpochSelection.list(fractions)
    return { update, length in
      let (epoch, rest) = update.quotientAndRemainder(dividingBy: length.updatesPerEpoch)
      return rest == 0 && whole.containsSorted(epoch)
        || others?.contains(update, of: length) ?? false
    }
  }

  /// Refuses a list with an epoch after the last.
  ///
  /// - Parameters:
  ///   - epochs: the number of epochs.
  ///   - key: what the selection is called.
  /// - Throws: `SetupError`.
  package func check(upTo epochs: Int, key: String) throws(SetupError) {
    guard case .list(let chosen) = self, let last = chosen.max(), last > Double(epochs) else {
      return
    }
    throw SetupError(
      "`\(key)` asks for epoch \(RunLength.words(epoch: last)), but `epochs` is \(epochs)")
  }

  /// The first epoch of a list that is no whole number; nil for other selections.
  var firstFraction: Double? {
    guard case .list(let epochs) = self else { return nil }
    return epochs.first { $0 != $0.rounded() }
  }
}

extension [Int] {
  /// Whether a number is among ascending ones, by bisection: a set would hash it at every update.
  fileprivate func containsSorted(_ number: Int) -> Bool {
    var (first, end) = (0, count)
    while first < end {
      let middle = (first + end) / 2
      if self[middle] < number { first = middle + 1 } else { end = middle }
    }
    return first < count && self[first] == number
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The epochs of a comparison, run by run.
///
/// Of each run an epoch is the recorded one that `EpochSelection.epoch(nearest:among:)` finds, as runs with
/// other batch sizes have other states.
struct ChosenEpochs {
  /// The epochs, ascending.
  private(set) var asked: [Double]
  /// The recorded ones that are compared of each run, one for each of those.
  private(set) var ofRun: [[Double]]
  /// A sentence for each epoch that others stand for.
  private(set) var notes: [String] = []

  /// Chooses epochs.
  ///
  /// - Parameters:
  ///   - asked: the epochs; nil for those that a comparison shows, as far as they are recorded.
  ///   - recorded: the recorded epochs of each run.
  ///   - conditions: the runs of each condition; these take the same state where they have one.
  /// - Throws: `StudyError` for an epoch of which a run has no state.
  init(
    _ asked: [Double]?, of recorded: [Set<Double>], conditions: [[Int]]
  ) throws(StudyError) {
    guard let asked else {
      let common = Self.common(recorded)
      guard let last = common.max() else {
        throw StudyError(
          "no epoch is recorded of all runs; choose some by `at`, or select runs by `where`")
      }
      self.asked = Comparison.earlyEpochs.filter { $0 < last && common.contains($0) } + [last]
      ofRun = Array(repeating: self.asked, count: recorded.count)
      return
    }
    self.asked = Set(asked).sorted()
    ofRun = Array(repeating: [], count: recorded.count)
    for runs in conditions {
      let shared = Self.common(runs.map { recorded[$0] })
      for run in runs {
        let states = self.asked.map { epoch in
          EpochSelection.epoch(nearest: epoch, among: shared)
            ?? EpochSelection.epoch(nearest: epoch, among: recorded[run])
        }
        let missing = zip(self.asked, states).filter { $1 == nil }.map(\.0)
        guard missing.isEmpty else {
          throw StudyError(
            "`at`: \(Table.list(missing.map(RunLength.words))) is not recorded of all runs; recorded is"
              + " \(Table.list(recorded[run].sorted().map(RunLength.words)))")
        }
        ofRun[run] = states.compactMap { $0 }
      }
    }
    notes = self.asked.indices.compactMap { note(at: $0) }
    // Epochs that have the same states in all runs are one.
    let states = self.asked.indices.map { place in ofRun.map { $0[place] } }
    let kept = states.indices.filter { states.firstIndex(of: states[$0]) == $0 }
    self.asked = kept.map { self.asked[$0] }
    ofRun = ofRun.map { own in kept.map { own[$0] } }
  }

  /// The epochs of a condition: those recorded, where its runs agree in them, else those asked for.
  func epochs(of runs: [Int]) -> [Double] {
    asked.indices.map { place in
      let recorded = Set(runs.map { ofRun[$0][place] })
      return recorded.count == 1 ? recorded.first ?? asked[place] : asked[place]
    }
  }

  private func note(at place: Int) -> String? {
    let others = Set(ofRun.map { $0[place] }).filter {
      EpochSelection.epoch(named: asked[place], among: [$0]) == nil
    }
    guard !others.isEmpty else { return nil }
    return "epoch \(RunLength.words(epoch: asked[place])) is not recorded of all runs: epoch"
      + " \(others.sorted().map(RunLength.words).joined(separator: " or ")) stands for it"
  }

  private static func common(_ recorded: [Set<Double>]) -> Set<Double> {
    recorded.dropFirst().reduce(recorded.first ?? []) { $0.intersection($1) }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The objectives of a study side by side, for people: who leads where.
///
/// Collects trajectories and lays them out in a table for each combination of teacher, student and
/// start, and for each head rule. Where there are several optimizers, learning rates or schedules, there
/// are two: every objective under the choice that is best for all, and each under its own best.
package struct Comparison: Sendable {
  /// The epochs that are shown where they are recorded, besides the last.
  static let earlyEpochs = [1.0, 5, 10]
  /// A list of so many recorded epochs is shown in full.
  private static let maximumEpochs = 6
  /// Of every objective and choice, so many runs are compared at most, the first ones.
  package static let maximumRuns = 10_000

  /// About how many bytes so many runs of a setup take.
  static func size(ofRuns count: Double, _ measurement: Measurement) -> Double {
    min(count, Double(maximumRuns)) * (Double(maximumEpochs) * measurement.recordBytes + 200)
  }

  let heads: [String]
  /// The columns of the metrics that were asked for.
  private let extras: [Column]
  private let recorded: EpochSelection
  private var groups: [Group] = []

  /// The runs that differ in nothing but objective, tuned axes, seed and context.
  struct Group {
    let key: [String]
    let setup: Setup
    /// Whether the contexts are trained on or held out; nil if none is held out.
    let split: Split?
    let size: Int
    var headCounts: [ClosedRange<Int>]
    let epochs: [Int]
    /// The places of units.
    var units: [Unit: Int] = [:]
    var runs: [Runs] = []
    /// Choices on the tuned axes in words.
    var words: [[String]: String] = [:]

    /// What counts as one pair.
    var pairing: Pairing {
      let units = units.sorted { $0.value < $1.value }.map(\.key)
      var contexts: [TrajectoryContext: Int] = [:]
      for unit in units { contexts[unit.context] = contexts[unit.context] ?? contexts.count }
      var values = [[Double?]](repeating: [], count: units.count)
      if units.count > 1 {
        for runs in runs {
          let ofUnit = Dictionary(runs.runs.map { ($0.unit, $0.run) }) { first, _ in first }
          for unit in values.indices {
            values[unit] += ofUnit[unit].map { $0.records.flatMap { $0?.numbers ?? [] } } ?? [nil]
          }
        }
      }
      return Pairing(
        units.map {
          Pairing.Unit(
            seed: Int(truncatingIfNeeded: $0.seed), context: contexts[$0.context] ?? 0)
        }, areDrawn: setup.teacher.component.drawsContexts
      ) { values[$0] }
    }

    /// Whether the runs are means over contexts.
    var isMean: Bool { units.keys.contains { $0.context == .mean } }

    /// What the rows are of, such as `mean of 12 held-out contexts`; nil for an only context.
    var contextWords: String? {
      let count = setup.contextCount(of: split)
      guard count > 1 || split != nil else { return nil }
      let words = ["\(count)", split?.rawValue, "context\(count == 1 ? "" : "s")"]
      return (isMean && count > 1 ? "mean of " : "")
        + words.compactMap { $0 }.joined(separator: " ")
    }

    /// Takes note of the number of head ranks for other seeds and contexts.
    mutating func widen(by trajectories: [Trajectory]) {
      for trajectory in trajectories {
        for (cut, count) in trajectory.headCounts.enumerated() {
          let known = headCounts[cut]
          headCounts[cut] = min(known.lowerBound, count)...max(known.upperBound, count)
        }
      }
    }
  }

  struct Unit: Hashable {
    let seed: UInt64
    let context: TrajectoryContext
  }

  /// The runs of one objective and choice.
  struct Runs {
    let objective: String
    let choice: [String]
    var runs: [(unit: Int, run: ComparisonTable.Run)] = []
  }

  /// An empty comparison.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - recorded: the epochs that are recorded.
  init(_ measurement: Measurement, recorded: EpochSelection) {
    heads = measurement.heads.map(\.specification)
    extras = Array(measurement.columns.dropFirst(Measurement.standardColumns.count))
    self.recorded = recorded
  }

  /// An empty comparison of the runs of a study.
  ///
  /// - Throws: `SpecificationError`, or `StudyError`.
  package init(_ fits: FitStudy) throws {
    self.init(fits.measurement, recorded: try fits.study.recordedEpochs)
  }

  /// The recorded states that are shown, by updates made, ascending.
  func states(of length: RunLength) -> [Int] {
    let early = Self.earlyEpochs.map(length.update(at:))
    if case .list(let epochs) = recorded {
      let states = Set(epochs.map { length.update(at: $0) }).sorted()
      if states.count <= Self.maximumEpochs { return states }
      let usual = states.filter { early.contains($0) }
      return usual + states.suffix(1).filter { !usual.contains($0) }
    }
    let last = length.updates
    return early.filter { $0 < last && recorded.contains($0, of: length) } + [last]
  }

  /// Adds runs of one setup; contexts trained on and held out are compared apart.
  package mutating func add(_ trajectories: [Trajectory], of setup: Setup) {
    for split in Split.parts {
      add(trajectories.filter { $0.split == split }, of: setup, split)
    }
  }

  private mutating func add(_ trajectories: [Trajectory], of setup: Setup, _ split: Split?) {
    guard let first = trajectories.first else { return }
    let length = setup.length
    let key =
      setup.specifications { !$0.isCompared && !$0.isTuned } + (split.map { [$0.rawValue] } ?? [])
    let index = groups.firstIndex { $0.key == key } ?? groups.count
    if index == groups.count {
      groups.append(
        Group(
          key: key, setup: setup, split: split, size: first.vocabularySize,
          headCounts: first.headCounts.map { $0...$0 }, epochs: states(of: length)))
    }
    groups[index].widen(by: trajectories)
    let objective = setup.objective.specification
    let choice = setup.specifications { $0.isTuned }
    groups[index].words[choice] = setup.tunedWords
    let place =
      groups[index].runs.firstIndex { $0.objective == objective && $0.choice == choice }
      ?? groups[index].runs.count
    if place == groups[index].runs.count {
      groups[index].runs.append(Runs(objective: objective, choice: choice))
    }
    let room = max(0, Self.maximumRuns - groups[index].runs[place].runs.count)
    for trajectory in trajectories.prefix(room) {
      let unit = Unit(seed: trajectory.seed, context: trajectory.context)
      let number = groups[index].units[unit] ?? groups[index].units.count
      groups[index].units[unit] = number
      let run = ComparisonTable.Run(
        convergenceEpoch: trajectory.context == .mean
          ? nil : trajectory.convergenceEpoch.map(length.epoch) ?? .infinity,
        records: groups[index].epochs.map { trajectory[epoch: $0] })
      groups[index].runs[place].runs.append((number, run))
    }
  }

  /// The tables, in the order of the study, and what there is to be warned of.
  package func answer() -> (tables: [ComparisonTable], warnings: [String]) {
    var tables: [ComparisonTable] = []
    var warnings: [String] = []
    func named(_ warning: String, _ group: Group) -> String {
      groups.count > 1
        ? ([group.setup.teacher.specification] + (group.split.map { [$0.rawValue] } ?? []) + [
          warning
        ])
        .joined(separator: ": ") : warning
    }
    for group in groups {
      let pairing = group.pairing
      warnings += pairing.warning.map { [named($0, group)] } ?? []
      for head in heads.indices {
        let questions = ComparisonTable.questions(
          states: group.epochs, of: group.setup.length, head: head, extras: extras,
          tellsConvergence: !group.isMean)
        func samples(_ question: ComparisonTable.Question) -> [Sample] {
          group.runs.map { runs in
            var values = [Double?](repeating: nil, count: group.units.count)
            for (unit, run) in runs.runs { values[unit] = question.answer(run) }
            return Sample(level: runs.objective, choice: runs.choice, values: values)
          }
        }
        func table(
          _ title: [String], _ selection: Selection, choices: [String: [String]],
          note: String? = nil
        ) -> ComparisonTable {
          let contests = questions.map { question in
            Contest(
              samples(question).filter { choices[$0.level] == $0.choice }, over: pairing,
              better: question.better)
          }
          return ComparisonTable(
            title: title, questions: questions, contests: contests,
            choices: note.map { ($0, choices.mapValues { group.words[$0] ?? "" }) },
            members: members(of: group, pairing, head: head, selection, choices))
        }
        func title(_ tuned: String) -> [String] {
          self.title(of: group, pairing, head: head, tuned: tuned)
        }

        guard group.words.count > 1 else {
          let choices = group.runs.map { ($0.objective, $0.choice) }
          tables.append(
            table(
              title(group.setup.tunedWords), .only,
              choices: Dictionary(choices) { first, _ in first }))
          continue
        }
        let decisive = samples(questions[group.epochs.count - 1])
        let best = Contest(decisive, over: pairing, better: .lower)
        let own = Dictionary(best.entries.map { ($0.level, $0.choice) }) { first, _ in first }
        let common = Self.bestForAll(decisive, over: pairing)
        let count = "best of \(group.words.count)"
        let isCommon = own.values.allSatisfy { $0 == common }
        tables.append(
          table(
            title("\(group.words[common] ?? ""), \(count) for \(isCommon ? "each" : "all")"),
            .common,
            choices: own.mapValues { _ in common }))
        if !isCommon {
          tables.append(
            table(title("each objective at its \(count)"), .own, choices: own, note: "at"))
        }
        let columns = Axes.all.filter { $0.isTuned }.map { $0.column.name }
        warnings += best.edgeWarnings(on: columns).map { named($0, group) }
      }
    }
    return (tables, warnings.uniqued())
  }

  /// The choice under which the levels' medians have the least mean.
  private static func bestForAll(_ samples: [Sample], over pairing: Pairing) -> [String] {
    let means = samples.map(\.choice).uniqued().map { choice in
      let medians = samples.filter { $0.choice == choice }.map {
        $0.median(over: pairing, worst: .infinity) ?? .infinity
      }
      return (choice, Statistics.mean(medians))
    }
    return means.min { $0.1 < $1.1 }?.0 ?? []
  }

  private func title(
    of group: Group, _ pairing: Pairing, head: Int, tuned: String
  ) -> [String] {
    let seeds = Set(group.units.keys.map(\.seed)).sorted()
    let range =
      seeds.count == 1 ? "seed \(seeds[0])" : "seeds \(seeds[0])…\(seeds[seeds.count - 1])"
    let counts = group.headCounts[head]
    let share =
      counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound)…\(counts.upperBound)"
    return [
      group.setup.teacher.specification, group.setup.student.specification, tuned,
      group.setup.initialization.specification, range,
    ]
      + Axes.all.filter { $0.isAddition && !$0.isTuned && group.setup.departs(on: $0) }.map {
        "\($0.name) \(group.setup.specification(on: $0))"
      }
      + (group.contextWords.map { [$0] } ?? [])
      + (pairing.count > 1 ? ["medians over \(pairing.words)"] : [])
      + ["head \(heads[head])" + (group.isMean ? "" : " (\(share) of \(group.size) tokens)")]
  }
}

extension Setup {
  /// How a title names the choices on the tuned axes.
  fileprivate var tunedWords: String {
    let schedule = schedule.component.isConstant ? "" : " \(schedule.specification)"
    return "\(optimizer.specification) at \(learningRate)\(schedule)"
  }
}

extension EpochRecord {
  /// The values at all cuts.
  fileprivate var numbers: [Double?] { heads.indices.flatMap { values(cut: $0) } }
}

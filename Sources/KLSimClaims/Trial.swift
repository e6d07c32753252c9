// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
public import KLSimNumerics

/// One condition of a claim and its cells.
public struct Trial<Cell: ClaimCell>: Sendable {
  let condition: Condition
  /// Does the work that all seeds share, and lists the cells.
  let prepare: @Sendable (_ kernels: VectorKernels) throws -> Examination<Cell>
}

extension Trial {
  /// A trial at single points, without fits.
  ///
  /// - Parameters:
  ///   - condition: what the seeds share.
  ///   - cells: the cells.
  ///   - outcomes: the outcomes of a seed, one a cell.
  public init(
    _ condition: Condition, cells: [Cell],
    outcomes: @escaping @Sendable (_ seed: UInt64, _ kernels: VectorKernels) throws -> [Outcome]
  ) {
    self.init(condition: condition) { kernels in
      Examination(cells: cells) { seeds, _ in try seeds.map { try outcomes($0, kernels) } }
    }
  }

  /// A trial at the initial students, for claims about gradients; the optimizer has no effect.
  ///
  /// - Throws: `SpecificationError`, or `TeacherError`.
  init(
    atStartOf condition: Condition, cells: [Cell],
    outcomes: @escaping @Sendable (_ state: FitState) -> [Outcome]
  ) throws {
    let setup = try condition.setup(objective: ForwardKL.name, epochs: 0)
    let teachers = try SeedTeachers(setup.teacher)
    self.init(condition, cells: cells) { seed, kernels in
      let teacher = try teachers(seed: seed)[0]
      let logits = try setup.initialization.component.logits(for: teacher, seed: seed)
      return outcomes(
        FitState(teacher: teacher, logits: teacher.byRank(logits), kernels: kernels))
    }
  }

  /// A trial of fits.
  ///
  /// - Parameters:
  ///   - condition: what the seeds share.
  ///   - runs: the fits of each seed.
  ///   - questions: the predicates, one a cell.
  public init(_ condition: Condition, runs: PairedRuns, questions: [FitQuestion<Cell>]) {
    self.init(condition: condition) { Examination(runs: runs, questions: questions, $0) }
  }
}

/// The student of one of a seed's fits at one epoch.
public struct FittedState: Hashable, Sendable {
  /// The index of the fit among those of the seed.
  public let run: Int
  /// The epoch, a fraction between two passes over the contexts.
  public let epoch: Double

  /// A student.
  ///
  /// - Parameters:
  ///   - run: the index of the fit among those of the seed, in the order of the objectives.
  ///   - epoch: the epoch.
  public init(run: Int, epoch: Int) { self.init(run: run, epoch: Double(epoch)) }

  /// A student; the epoch may be a fraction.
  package init(run: Int, epoch: Double) {
    self.run = run
    self.epoch = epoch
  }
}

/// A predicate on the fits of a seed.
public struct FitQuestion<Cell: ClaimCell>: Sendable {
  let cell: Cell
  let states: [FittedState]
  let outcome: @Sendable (_ fits: [Fit]) -> Outcome

  /// A predicate on fits.
  ///
  /// - Parameters:
  ///   - cell: its cell, different from all others of the condition.
  ///   - states: the students that the outcome depends on: it is chaotic if one of them is. Empty if it
  ///     depends on the start alone.
  ///   - outcome: the outcome of a seed's fits, given in the order of the objectives.
  public init(
    _ cell: Cell, of states: [FittedState],
    outcome: @escaping @Sendable (_ fits: [Fit]) -> Outcome
  ) {
    self.cell = cell
    self.states = states
    self.outcome = outcome
  }

  /// A predicate on the records of some fits at one epoch.
  ///
  /// - Parameters:
  ///   - cell: its cell.
  ///   - runs: the indices of the fits.
  ///   - epoch: the epoch, which must be recorded.
  ///   - split: the contexts whose mean is looked at.
  ///   - outcome: the outcome of the records, one a fit.
  init(
    _ cell: Cell, runs: [Int], at epoch: Double, _ split: Split = .train,
    outcome: @escaping @Sendable (_ records: [EpochRecord]) -> Outcome
  ) {
    self.init(cell, of: runs.map { FittedState(run: $0, epoch: epoch) }) { fits in
      outcome(runs.map { fits[$0].record(epoch, split) })
    }
  }

  /// The same at a whole epoch.
  init(
    _ cell: Cell, runs: [Int], at epoch: Int,
    outcome: @escaping @Sendable (_ records: [EpochRecord]) -> Outcome
  ) {
    self.init(cell, runs: runs, at: Double(epoch), outcome: outcome)
  }
}

/// A prepared trial.
struct Examination<Cell: ClaimCell>: Sendable {
  let cells: [Cell]
  /// The outcomes of seeds, seeds × cells; when probing, those of fits say whether they are chaotic.
  let outcomes: @Sendable (_ seeds: [UInt64], _ isProbing: Bool) throws -> [[Outcome]]
}

extension Examination {
  /// Fits the students of each seed; when probing, a second time from starts that differ in the last digit.
  init(runs: PairedRuns, questions: [FitQuestion<Cell>], _ kernels: VectorKernels) {
    self.init(cells: questions.map(\.cell)) { seeds, isProbing in
      try runs.portions(of: seeds).flatMap { seeds in
        isProbing
          ? try Self.probed(Array(seeds), runs, questions, kernels)
          : try runs(Array(seeds), kernels).map { fits in questions.map { $0.outcome(fits) } }
      }
    }
  }

  private static func probed(
    _ seeds: [UInt64], _ runs: PairedRuns, _ questions: [FitQuestion<Cell>],
    _ kernels: VectorKernels
  ) throws -> [[Outcome]] {
    let states = Set(questions.flatMap(\.states))
    let epochs = Set(states.map(\.epoch))
    return try runs.probed(seeds, kernels, at: epochs).map { probed in
      let (fits, others) = (probed.map(\.fit), probed.map(\.other))
      let moved = states.filter {
        let distance = probed[$0.run].distances[$0.epoch] ?? .nan
        return !(distance <= Trajectory.convergenceThreshold)
      }
      return questions.map { question in
        var outcome = question.outcome(fits)
        if !question.states.isEmpty {
          outcome.isChaotic =
            question.outcome(others).holds != outcome.holds
            || !moved.isDisjoint(with: question.states)
        }
        return outcome
      }
    }
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
public import KLSimNumerics

/// One condition of a claim and its cells.
public struct Trial<Cell: ClaimCell>: Sendable {
  let condition: Condition
  /// Does what all seeds share: teachers, and choices that the cells tell of.
  let prepare: @Sendable (_ kernels: VectorKernels) throws -> Examination<Cell>

  /// A trial that finds its cells when it is prepared.
  init(
    _ condition: Condition,
    prepare: @escaping @Sendable (_ kernels: VectorKernels) throws -> Examination<Cell>
  ) {
    self.condition = condition
    self.prepare = prepare
  }

  /// A trial at single points, without fits.
  ///
  /// - Parameters:
  ///   - condition: what the seeds share.
  ///   - cells: what is asked.
  ///   - outcomes: what a seed says, one a cell.
  public init(
    _ condition: Condition, cells: [Cell],
    outcomes: @escaping @Sendable (_ seed: UInt64, _ kernels: VectorKernels) throws -> [Outcome]
  ) {
    self.init(condition) { kernels in
      Examination(cells: cells) { seeds, _ in try seeds.map { try outcomes($0, kernels) } }
    }
  }

  /// A trial of fits.
  ///
  /// - Parameters:
  ///   - condition: what the seeds share.
  ///   - runs: the fits of each seed.
  ///   - questions: what is asked of them.
  public init(_ condition: Condition, runs: PairedRuns, questions: [FitQuestion<Cell>]) {
    self.init(condition) { Examination(runs: runs, questions: questions, $0) }
  }
}

/// A trial that is ready to be asked.
struct Examination<Cell: ClaimCell>: Sendable {
  let cells: [Cell]
  /// The outcomes of seeds, seeds × cells; probed if asked and something is fitted.
  let outcomes: @Sendable (_ seeds: [UInt64], _ probing: Bool) throws -> [[Outcome]]
}

extension Examination {
  /// Asks the fits of seeds.
  init(runs: PairedRuns, questions: [FitQuestion<Cell>], _ kernels: VectorKernels) {
    let fits = FitExamination(runs: runs, questions: questions)
    self.init(cells: questions.map(\.cell)) { try fits.outcomes($0, kernels, probing: $1) }
  }
}

/// The student of one of a seed's fits at one epoch.
public struct FittedState: Hashable, Sendable {
  /// The place of the fit among those of the seed.
  public let run: Int
  /// The epoch.
  public let epoch: Int

  /// A student.
  ///
  /// - Parameters:
  ///   - run: the place of the fit among those of the seed, in the order of the objectives.
  ///   - epoch: the epoch.
  public init(run: Int, epoch: Int) {
    self.run = run
    self.epoch = epoch
  }
}

/// A predicate that is put to the fits of a seed.
public struct FitQuestion<Cell: ClaimCell>: Sendable {
  let cell: Cell
  /// The students that the outcome depends on; none if on the start alone.
  let states: [FittedState]
  /// What the fits of a seed say.
  let outcome: @Sendable (_ fits: [Fit]) -> Outcome

  /// A predicate.
  ///
  /// - Parameters:
  ///   - cell: what tells it from others of its condition.
  ///   - states: the students that the outcome depends on, whose chaos is the outcome's; none if it
  ///     depends on the start alone.
  ///   - outcome: what the fits of a seed say, in the order of the objectives.
  public init(
    _ cell: Cell, of states: [FittedState],
    outcome: @escaping @Sendable (_ fits: [Fit]) -> Outcome
  ) {
    self.cell = cell
    self.states = states
    self.outcome = outcome
  }
}

/// Asks the fits of seeds, and whether they hang on the last digit of their start.
struct FitExamination<Cell: ClaimCell>: Sendable {
  let runs: PairedRuns
  let questions: [FitQuestion<Cell>]

  /// The outcomes of seeds, seeds × questions.
  func outcomes(
    _ seeds: [UInt64], _ kernels: VectorKernels, probing: Bool
  ) throws -> [[Outcome]] {
    guard probing else {
      return try runs(seeds, kernels).map { fits in questions.map { $0.outcome(fits) } }
    }
    let states = Set(questions.flatMap(\.states))
    let epochs = Set(states.map(\.epoch))
    let fits = try runs(seeds, kernels, keeping: epochs)
    let others = try runs(seeds, kernels, perturbed: true, keeping: epochs)
    return zip(fits, others).map { fits, others in
      // Many questions look at one student.
      let moved = states.filter {
        let distance = fits[$0.run].distance(to: others[$0.run], epoch: $0.epoch)
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

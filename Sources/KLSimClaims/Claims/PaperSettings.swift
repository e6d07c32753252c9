// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// The settings of the published experiments that several claims vary.
enum PaperSettings {
  static let teachers = ["longtail", "bimodal", "unimodal", "overlapping"]
  static let objectives = ["fkl", "rkl"]
  /// The last epoch in the figure of modes, and in that of the long tail.
  static let (modeEpochs, tailEpochs) = (200, 300)
  /// The other epochs in the figure of the long tail.
  static let earlyEpochs = [1, 5, 10]
  static let source = "Wu et al., arXiv 2404.02657"

  /// The condition of the long-tail experiment.
  static let longTail = Condition()
  /// The learning rate of the experiment with modes; the optimizer is Adam.
  static let modeRate = 0.1

  /// The initialization N(0, σ²) in canonical form.
  static func normal(_ sigma: String) -> String {
    sigma == "1" ? "normal" : "normal:sigma=\(sigma)"
  }

  /// The product of teachers, optimizers and initializations.
  static func conditions(
    teachers: [String], optimizers: [(name: String, learningRate: Double)],
    initializations: [String] = ["torch-uniform"]
  ) -> [Condition] {
    teachers.flatMap { teacher in
      optimizers.flatMap { optimizer in
        initializations.map {
          Condition(
            teacher: teacher, optimizer: optimizer.name, learningRate: optimizer.learningRate,
            initialization: $0)
        }
      }
    }
  }
}

extension Condition {
  /// Whether it is that of the published figure of modes.
  var isPublishedModes: Bool {
    ["bimodal", "unimodal"].contains(teacher)
      && self == Condition(teacher: teacher, learningRate: PaperSettings.modeRate)
  }

  /// Whether the student starts as the published ones do.
  var startsAsPublished: Bool { initialization == PaperSettings.longTail.initialization }
}

/// An objective at an epoch.
struct ObjectiveCell: ClaimCell {
  let objective: String
  let epoch: Int

  static let columns = [Column.objective, Column.epoch]
  var values: [Value] { [.text(objective), Value(epoch)] }
}

extension FitQuestion where Cell == ObjectiveCell {
  /// The same predicate on the student of each KL at several epochs; the runs are those of
  /// `PaperSettings.objectives`.
  static func each(
    at epochs: [Int], outcome: @escaping @Sendable (_ fit: Fit, _ cell: Cell) -> Outcome
  ) -> [FitQuestion] {
    PaperSettings.objectives.enumerated().flatMap { run, objective in
      epochs.map { epoch in
        let cell = Cell(objective: objective, epoch: epoch)
        let states = epoch == 0 ? [] : [FittedState(run: run, epoch: epoch)]
        return FitQuestion(cell, of: states) { outcome($0[run], cell) }
      }
    }
  }
}

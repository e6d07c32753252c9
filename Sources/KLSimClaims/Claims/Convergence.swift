// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Both KLs bring a softmax student to its teacher within the published number of epochs.
struct Convergence: Claim {
  static let name = "convergence"
  static let statement =
    "After 200 and 300 epochs of Adam a softmax student is within a TVD of 0.01 of its teacher, under"
    + " forward and under reverse KL."
  static let source = "\(PaperSettings.source), section 3: both KLs converge"
  static let setting =
    "bimodal and unimodal, Adam at 0.1, epoch 200; longtail, Adam at 0.2, epoch 300"
  static let quantity = "the TVD at the epoch"

  private static let epochs = [PaperSettings.modeEpochs, PaperSettings.tailEpochs]

  func trials() throws -> [Trial<ObjectiveCell>] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers,
      optimizers: [PaperSettings.modeRate, PaperSettings.longTail.learningRate].map { ("adam", $0) }
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: PaperSettings.tailEpochs,
        recorded: Self.epochs)
      let questions = FitQuestion.each(at: Self.epochs) { fit, cell in
        .converged(fit.record(cell.epoch))
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  func isPublished(_ evidence: Evidence<ObjectiveCell>) -> Bool {
    evidence.cell.epoch == PaperSettings.modeEpochs
      ? evidence.condition.isPublishedModes : evidence.condition == PaperSettings.longTail
  }

  func boundaries(_ evidence: [Evidence<ObjectiveCell>]) -> [String] {
    [
      Words.exceptions(in: evidence) {
        "\($0.cell.objective) \($0.condition.place) at epoch \($0.cell.epoch)"
      }
    ]
  }
}

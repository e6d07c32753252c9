// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// Both divergences lead a softmax student to its teacher in the time the paper gives them.
package struct Convergence: Claim {
  package static let name = "convergence"
  package static let statement =
    "After 200 and 300 epochs of Adam a softmax student is within a TVD of 0.01 of its teacher, under"
    + " forward and under reverse KL."
  package static let source = "\(PaperSettings.source), section 3: both KLs converge"
  package static let setting =
    "bimodal and unimodal, Adam at 0.1, epoch 200; longtail, Adam at 0.2, epoch 300"
  package static let quantity = "the TVD at the epoch"

  package struct Cell: ClaimCell {
    let objective: String
    let epoch: Int

    package static let columns = [Column.objective, Column.epoch]
    package var values: [Value] { [.text(objective), Value(epoch)] }
  }

  private static let epochs = [PaperSettings.modeEpochs, PaperSettings.tailEpochs]

  package init() {}

  package func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: PaperSettings.teachers,
      optimizers: [PaperSettings.modeRate, PaperSettings.longTail.learningRate].map { ("adam", $0) }
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: PaperSettings.tailEpochs,
        recorded: Self.epochs)
      let questions = PaperSettings.objectives.enumerated().flatMap { run, objective in
        Self.epochs.map { epoch in
          FitQuestion(
            Cell(objective: objective, epoch: epoch), of: [FittedState(run: run, epoch: epoch)]
          ) { fits in
            let distance = fits[run].record(epoch).totalVariation
            return Outcome(distance < Trajectory.convergenceThreshold, quantity: distance)
          }
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  package func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.cell.epoch == PaperSettings.modeEpochs
      ? evidence.condition.isPublishedModes : evidence.condition == PaperSettings.longTail
  }

  package func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [
      Words.exceptions(in: evidence) {
        "\($0.cell.objective) \($0.condition.place) at epoch \($0.cell.epoch)"
      }
    ]
  }
}

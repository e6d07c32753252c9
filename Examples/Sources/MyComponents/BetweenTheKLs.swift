// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimClaims
import KLSimCore

/// That a student of the Bhattacharyya distance learns the tail at a rate between those of the two KLs.
public struct BetweenTheKLs: Claim {
  public static let name = "between-the-kls"
  public static let statement =
    "In the early epochs the tail error under the Bhattacharyya distance lies between those under forward"
    + " and reverse KL."
  public static let source = "an example"
  public static let setting = "longtail, Adam at 0.2, epochs 1, 5 and 10"
  public static let quantity = "the tail error, less the mean of those of the two KLs"

  /// An epoch.
  public struct Cell: ClaimCell {
    let epoch: Int

    public static let columns = [Column.epoch]
    public var values: [Value] { [Value(epoch)] }
  }

  private static let epochs = [1, 5, 10]

  public init() {}

  public func trials() throws -> [Trial<Cell>] {
    try ["longtail", "zipf:size=80"].map { teacher in
      let condition = Condition(teacher: teacher)
      let runs = try PairedRuns(
        condition, objectives: ["fkl", Bhattacharyya.name, "rkl"], epochs: 10,
        recorded: Self.epochs)
      let questions = Self.epochs.map { epoch in
        FitQuestion(Cell(epoch: epoch), of: (0..<3).map { FittedState(run: $0, epoch: epoch) }) {
          fits in
          let errors = fits.map { $0.record(epoch).errors.tail }
          let isBetween =
            errors[1] > min(errors[0], errors[2]) && errors[1] < max(errors[0], errors[2])
          return Outcome(isBetween, quantity: errors[1] - (errors[0] + errors[2]) / 2)
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  public func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    evidence.condition == Condition()
  }
}

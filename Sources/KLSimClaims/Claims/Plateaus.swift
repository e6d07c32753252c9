// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies
internal import KLSimCore
internal import KLSimNumerics

/// Mode-seeking of a softmax student: plateaus of reverse KL.
struct Plateaus: Claim {
  static let name = "plateaus"
  static let statement =
    "Where reverse KL has left a softmax student standing still (gradient below 1e-6, sum of"
    + " magnitudes) away from its teacher (TVD above 0.01) after 1000 epochs of Adam, the student is"
    + " the teacher restricted to the tokens that it kept, within a TVD of 1e-6; forward KL leaves"
    + " none standing."
  static let source =
    "what remains of mode-seeking (zero-forcing; Minka, MSR-TR-2005-173) where section 3 of"
    + " \(PaperSettings.source), denies it"
  static let setting = "chosen here: bimodal, Adam at 0.1, start N(0, 10²), epoch 1000"
  static let quantity =
    "for restricted the TVD to the teacher restricted to the kept tokens (q >= p/2), for moving and"
    + " standing the teacher's mass on the kept tokens"

  struct Cell: ClaimCell {
    enum Question: String, Sendable {
      case restricted, moving, standing
    }

    let objective: String
    let question: Question

    static let columns = [
      Column.objective,
      Column(
        key: "question", .text,
        "restricted: if it stands still away from the teacher, it is the restricted teacher; moving:"
          + " it does not stand still there; standing: it does"),
    ]
    var values: [Value] { [.text(objective), .text(question.rawValue)] }
  }

  private static let last = 1000
  private static let cells = [
    Cell(objective: "rkl", question: .restricted), Cell(objective: "fkl", question: .moving),
    Cell(objective: "rkl", question: .standing),
  ]

  func trials() throws -> [Trial<Cell>] {
    try PaperSettings.conditions(
      teachers: ["longtail", "bimodal", "mixture"], optimizers: [("adam", PaperSettings.modeRate)],
      initializations: ["3", "5", "10", "20"].map(PaperSettings.normal)
    ).map { condition in
      let runs = try PairedRuns(
        condition, objectives: PaperSettings.objectives, epochs: Self.last, recorded: [],
        snapshots: [Self.last])
      let recipes = try PaperSettings.objectives.map { try Catalog.objective($0).component }
      let questions = Self.cells.map { cell in
        let run = PaperSettings.objectives.firstIndex(of: cell.objective) ?? 0
        return FitQuestion(cell, of: [FittedState(run: run, epoch: Self.last)]) { fits in
          Self.outcome(cell.question, at: fits[run].state(Self.last), of: recipes[run])
        }
      }
      return Trial(condition, runs: runs, questions: questions)
    }
  }

  /// The answer of one student.
  static func outcome(
    _ question: Cell.Question, at state: FitState, of objective: ObjectiveRecipe
  ) -> Outcome {
    let plateau = Plateau(of: state)
    let isStanding =
      state.totalVariation > Trajectory.convergenceThreshold
      && objective.evaluate(at: state).gradient.reduce(0) { $0 + abs($1) } < 1e-6
    return switch question {
    case .restricted: Outcome(!isStanding || plateau.distance < 1e-6, quantity: plateau.distance)
    case .moving: Outcome(!isStanding, quantity: plateau.keptMass)
    case .standing: Outcome(isStanding, quantity: plateau.keptMass)
    }
  }

  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question != .standing }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher == "bimodal"
      && evidence.condition.initialization == PaperSettings.normal("10")
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    [
      Words.exceptions(in: evidence.filter(covers)) {
        "\($0.cell.objective) on \($0.condition.words)"
      }
    ]
      + evidence.filter { !covers($0) }.grouped(by: \.condition.initialization).map { start, own in
        let parts = own.map {
          "\(percent($0.observedShare)) on \($0.condition.teacher)"
            + ($0.mean.map { " (mean kept mass of all students \(digits($0, 2)))" } ?? "")
        }
        return "under rkl from \(start) there stand \(parts.joined(separator: ", "))"
      }
  }
}

/// The teacher restricted to the tokens that a student kept, `p / P(S)` on S.
///
/// S holds the tokens with `q ≥ p/2`: at a plateau of reverse KL, `log q − log p` is one constant of at
/// least 0 on S, and far below 0 elsewhere.
struct Plateau {
  /// P(S).
  let keptMass: Double
  /// The TVD between student and restricted teacher.
  let distance: Double

  init(of state: FitState) {
    let (p, q) = (state.teacher.probabilities, state.probabilities)
    let kept = p.indices.map {
      state.logProbabilities[$0] >= state.teacher.logProbabilities[$0] - Self.logOfTwo
    }
    let mass = p.indices.reduce(0) { kept[$1] ? $0 + p[$1] : $0 }
    keptMass = mass
    distance = p.indices.reduce(0) { $0 + abs(q[$1] - (kept[$1] ? p[$1] / mass : 0)) } / 2
  }

  private static let logOfTwo = VectorKernels.best.logarithms([2])[0]
}

// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimStudies

/// Every exhibit that users can name.
package enum ExhibitCatalog {
  package static let names = ["paper-longtail", "paper-modes", "curves-longtail", "minillm-toy"]

  /// The exhibits.
  ///
  /// - Parameter seeds: the seeds of exhibits that show statistics over seeds.
  /// - Returns: the exhibits, in the order of `names`.
  package static func exhibits(seeds: Range<UInt64>) -> [Exhibit] {
    [paperLongTail(), paperModes(), curves(seeds: seeds), miniLLM()]
  }

  /// The paper's panels of head and tail, and the epochs of an animation.
  private static func paperLongTail() -> Exhibit {
    let epochs = Array(0...30) + Array(stride(from: 35, through: 100, by: 5)) + [150, 200, 300]
    return Exhibit(
      name: names[0],
      summary: "teacher and students per token in the long-tail experiment, seed 1",
      source: "\(PaperSettings.source), head and tail experiment",
      figures: [
        FigureRequest(
          name: names[0], kind: "snapshots",
          title: "Long tail: teacher and students after 1, 5, 10 and 300 epochs of Adam at 0.2",
          selection: [], epochs: [1, 5, 10, 300]),
        FigureRequest(
          name: "\(names[0])-animation", kind: "animation",
          title: "Long tail: teacher and students, Adam at 0.2", selection: [],
          epochs: epochs.filter { $0 <= 100 }),
      ],
      studies: [snapshots(of: PaperSettings.longTail, epochs: 300, shown: epochs)])
  }

  /// The paper's panels of mean- and mode-seeking: six students from one stream of seed 1.
  private static func paperModes() -> Exhibit {
    let teachers = ["bimodal", "unimodal", "overlapping"]
    let size = 50
    var studies: [Study] = []
    var figures: [FigureRequest] = []
    for (panel, epochs) in [1, PaperSettings.modeEpochs].enumerated() {
      for (place, teacher) in teachers.enumerated() {
        let skip = (panel * teachers.count + place) * size
        let initialization = skip == 0 ? "torch-uniform" : "torch-uniform:skip=\(skip)"
        let condition = Condition(
          teacher: teacher, learningRate: 0.1, initialization: initialization)
        studies.append(
          snapshots(
            of: condition, epochs: epochs,
            shown: [1, PaperSettings.modeEpochs].filter { $0 <= epochs }))
        figures.append(
          FigureRequest(
            name: "\(names[1])-\(teacher)-\(epochs)", kind: "snapshots",
            title: "\(teacher): teacher and students after \(epochs) epoch\(epochs == 1 ? "" : "s")"
              + " of Adam at 0.1",
            selection: [("teacher", teacher), ("init", initialization)], epochs: [epochs]))
      }
    }
    return Exhibit(
      name: names[1],
      summary: "teacher and students per token in the mean- and mode-seeking experiment, seed 1",
      source: "\(PaperSettings.source), mean- and mode-seeking experiment", figures: figures,
      studies: studies)
  }

  /// One Gaussian fitted to two modes, the picture that motivates reverse KL, from two starts: what reverse KL
  /// ends at depends on them.
  private static func miniLLM() -> Exhibit {
    let epochs = 2000
    let starts = [("between", "gaussian:mean=50:width=10"), ("aside", "gaussian:mean=60:width=5")]
    let conditions = starts.map { _, student in
      Condition(
        teacher: "mixture:size=100:centres=30/70:weights=0.4/0.6:widths=5", student: student,
        learningRate: 0.1, initialization: "student")
    }
    return Exhibit(
      name: names[3],
      summary:
        "one Gaussian fitted to a mixture of two, from a start between them and from one aside",
      source: "Gu et al., arXiv 2306.08543 (MiniLLM), fig. 2",
      figures: starts.map { place, student in
        FigureRequest(
          name: "\(names[3])-\(place)", kind: "snapshots",
          title: "Modes at 30 (weight 0.4) and 70 (0.6) of width 5, and a student that starts at"
            + " \(student): after \(epochs) epochs of Adam at 0.1",
          selection: [("student", student)], epochs: [epochs])
      },
      studies: conditions.map { snapshots(of: $0, epochs: epochs, shown: [0, epochs]) })
  }

  /// Errors over epochs, over all seeds.
  private static func curves(seeds: Range<UInt64>) -> Exhibit {
    let heads = ["mass=0.5", "count=37"]
    let last = PaperSettings.modeEpochs
    var study = PaperSettings.longTail.study(
      objectives: PaperSettings.objectives + ["akl"], epochs: last, seeds: seeds)
    study.heads = heads
    study.record = list(Array(0...30) + Array(stride(from: 35, through: last, by: 5)))
    study.isAggregated = true
    return Exhibit(
      name: names[2],
      summary: "errors of fkl, rkl and akl over epochs in the long-tail experiment, over all seeds",
      source: PaperSettings.source,
      figures: zip(heads, ["half", "far"]).map { head, suffix in
        FigureRequest(
          name: "\(names[2])-\(suffix)", kind: "curves",
          title: "Long tail, Adam at 0.2, head \(head): median and 5–95 % of seeds",
          selection: [("head", head)])
      },
      studies: [study])
  }

  /// Teacher and students of a condition of one seed, token by token at some epochs.
  private static func snapshots(of condition: Condition, epochs: Int, shown: [Int]) -> Study {
    var study = condition.study(objectives: PaperSettings.objectives, epochs: epochs)
    study.heads = []
    study.record = "0"
    study.snapshots = list(shown)
    return study
  }

  private static func list(_ epochs: [Int]) -> String {
    epochs.map(\.description).joined(separator: ",")
  }
}

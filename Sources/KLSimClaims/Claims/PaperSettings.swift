// SPDX-License-Identifier: GPL-3.0-or-later

/// The settings of the published experiments that several claims vary.
enum PaperSettings {
  /// Those with one mode or two.
  static let modeTeachers = ["bimodal", "unimodal", "overlapping"]
  static let teachers = ["longtail"] + modeTeachers
  static let objectives = ["fkl", "rkl"]
  /// The last epoch that the figure of modes shows, and the last of the long tail's.
  static let (modeEpochs, tailEpochs) = (200, 300)
  /// The epochs of the long tail's figure before its last.
  static let earlyEpochs = [1, 5, 10]
  static let source = "Wu et al., arXiv 2404.02657"

  /// The condition of the long-tail experiment.
  static let longTail = Condition()
  /// The learning rate of the experiment with modes; the optimizer is Adam.
  static let modeRate = 0.1

  /// The start N(0, σ²) in canonical form.
  static func normal(_ sigma: String) -> String {
    sigma == "1" ? "normal" : "normal:sigma=\(sigma)"
  }

  /// Conditions of several teachers, each under several optimizers.
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
  /// Whether it is that of the experiment with modes, on a teacher that its figure shows.
  var isPublishedModes: Bool {
    ["bimodal", "unimodal"].contains(teacher)
      && self == Condition(teacher: teacher, learningRate: PaperSettings.modeRate)
  }

  /// Whether the student starts as the published ones do.
  var startsAsPublished: Bool { initialization == PaperSettings.longTail.initialization }
}

// SPDX-License-Identifier: GPL-3.0-or-later

/// The settings of the published experiments that several claims vary.
enum PaperSettings {
  static let teachers = ["longtail", "bimodal", "unimodal", "overlapping"]
  /// Those of the two experiments.
  static let learningRates = [0.1, 0.2]
  static let objectives = ["fkl", "rkl"]
  static let epochs = 200
  static let source = "Wu et al., arXiv 2404.02657"

  /// The condition of the long-tail experiment.
  static let longTail = Condition()

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

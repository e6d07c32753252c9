// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimStudies

/// The settings in which many contexts share the student's parameters, as in real distillation.
///
/// The student is log-bilinear of rank 8, the contexts are the 60 most frequent pairs of words of a novel
/// of which the next one is predicted, a fifth of them held out, in minibatches of 4: 12 updates an epoch.
struct SharedSetting: Sendable {
  /// What differs from the first setting, in words.
  let name: String
  let condition: Condition
  /// The number of epochs of a run.
  var epochs = 2
  /// The learning rates to choose each objective's best from; empty where only a common rate is tried.
  var rates: [Double] = []

  /// The epochs at which students are compared: real students see each context once or twice.
  static let early = [0.5, 1, 2]
  static let compared = early + [10]
  static let size = 200
  private static let text = "ngram:text=alice:order=3:size=\(size)"
  private static let smoothed = "\(text):estimator=kneser-ney:histories=60"

  private static func condition(
    teacher: String = smoothed, optimizer: String = "adam", learningRate: Double = 0.03,
    schedule: String = "constant", batch: Int = 4, sampling: String = "shuffle"
  ) -> Condition {
    Condition(
      teacher: teacher, student: student(rank: 8), optimizer: optimizer,
      learningRate: learningRate, initialization: "student", schedule: schedule, batch: batch,
      sampling: sampling, heldOut: 0.2)
  }

  static func student(rank: Int) -> String { "log-bilinear:rank=\(rank)" }

  private static let adam = [0.003, 0.01, 0.03, 0.1, 0.3, 1]
  private static let sgd = [0.1, 0.3, 1, 3, 10, 30]

  /// The first setting: the others differ from it in one thing.
  static let first = SharedSetting(
    name: "adam at 0.03", condition: condition(), epochs: 10, rates: adam)

  /// Common learning rates of Adam, up to those at which errors grow.
  static let otherRates = [0.01, 0.1, 0.3, 1].map {
    SharedSetting(name: "adam at \(digits($0))", condition: condition(learningRate: $0))
  }

  /// Everything else that is varied.
  static let others = [
    SharedSetting(name: "batch 1", condition: condition(batch: 1)),
    SharedSetting(name: "batch 12", condition: condition(batch: 12)),
    SharedSetting(
      name: "drawn by weight", condition: condition(sampling: "weights")),
    SharedSetting(
      name: "cosine", condition: condition(schedule: "cosine")),
    SharedSetting(
      name: "add-k teacher", condition: condition(teacher: "\(text):histories=60")),
    SharedSetting(
      name: "sgd at 1", condition: condition(optimizer: "sgd", learningRate: 1), epochs: 10,
      rates: sgd),
    SharedSetting(name: "sgd at 10", condition: condition(optimizer: "sgd", learningRate: 10)),
  ]

  static let all = [first] + otherRates + others

  /// The head rules: half of the mass, most of it, and all before the tail of the paper's figure.
  static let heads = [
    "mass=0.5", "mass=0.9", "count=\(Cut.publishedHeadCount(size: size))",
  ]

  /// The setting in which the claims are judged, in a sentence.
  static let words =
    "chosen here: log-bilinear student of rank 8, next word after 60 pairs of words, 12 of them held"
    + " out, batches of 4, Adam at 0.03"
}

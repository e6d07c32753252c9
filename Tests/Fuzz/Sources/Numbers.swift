// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimNumerics

extension Fuzzer {
  static let csv = Fuzzer("csv", numbers)
  static let npy = Fuzzer("npy", numbers)
  static let npz = Fuzzer("npz", numbers)
  static let safetensors = Fuzzer("safetensors", numbers)

  static let points = Fuzzer("points") { bytes in
    let (points, roundoff) = try PointsFile.read(
      "contents", reader: NumberFile(contents: bytes), kernels: .best)
    expect((0..<1).contains(roundoff), "a rounding error, not \(roundoff)")
    expect(points.samplingError >= 0, "a standard error, not \(points.samplingError)")
    for (state, gradient) in zip(points.states, points.gradients) {
      checkTeacher(state.teacher)
      expect(gradient.allSatisfy(\.isFinite), "finite gradients")
    }
  }

  /// Files of numbers of any kind, read in every way.
  private static func numbers(_ bytes: [UInt8]) throws {
    let reader = try NumberFile(contents: bytes)
    let (names, part) = try reader.names(path: "contents")
    attempt { checkRows(try reader.table(path: "contents")) }
    for name in [""] + names.prefix(3) {
      let source = NumberSource(path: "contents", part, name: name)
      attempt { _ = try reader.numbers(source) }
      attempt { checkRows(try reader.contexts(source)) }
    }
    let settings = ["probabilities", "counts", "logits", "logprobs"].map { "values=\($0)" }
    let tails = ["counts:tail=drop", "logprobs:tail=bucket", "logprobs:tail=uniform"].map {
      "values=\($0):vocabulary=100"
    }
    for setting in settings + tails {
      attempt {
        let teacher = try Catalog.teacher("file:path=contents:\(setting)", reader: reader)
        for distribution in try teacher.distributions(seed: 1) { checkTeacher(distribution) }
      }
    }
  }

  private static func checkRows(_ rows: NumberRows) {
    expect(rows.count > 0 && rows.width > 0, "numbers, not \(rows.count) rows of \(rows.width)")
    for row in 0..<rows.count {
      expect(rows.row(row).count == rows.width, "\(rows.width) numbers in row \(row)")
    }
  }
}

/// Checks that a teacher is a distribution over its tokens, in its rank order.
func checkTeacher(_ teacher: TeacherDistribution) {
  let (p, logs) = (teacher.probabilities, teacher.logProbabilities)
  expect(teacher.tokens.sorted().elementsEqual(p.indices), "each token once")
  expect(p.allSatisfy { $0 >= 0 } && abs(p.reduce(0, +) - 1) < 1e-9, "probabilities that sum to 1")
  expect(logs.count == p.count && logs.allSatisfy { $0 <= 1e-9 }, "logarithms of probabilities")
  expect(zip(p, p.dropFirst()).allSatisfy { $0 >= $1 }, "probabilities by rank")
}

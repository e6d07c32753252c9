// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A teacher as the fused kernel reads it: aligned, logarithms in the kernel's unit.
///
/// It is immutable, so all runs and threads share one.
@safe package final class BlendTeacher: @unchecked Sendable {
  // Unchecked: the buffers are written in `init` only.
  let size: Int
  /// Whether the lanes are runs; else they are tokens of one run.
  ///
  /// It depends on V alone, so that a run gives the same bits alone or among thousands.
  let lanesAreRuns: Bool
  /// The number of vectors of a run or a group of runs, even.
  let vectors: Int
  let probabilities: AlignedBuffer
  let logProbabilities: AlignedBuffer

  /// From this vocabulary size on, the lanes are tokens.
  private static let tokenLanesSize = 1024

  /// Whether the lanes are runs, and the number of vectors, which come in pairs.
  static func shape(vocabularySize size: Int) -> (lanesAreRuns: Bool, vectors: Int) {
    let lanesAreRuns = size < tokenLanesSize
    let perVector = lanesAreRuns ? 1 : 8
    return (lanesAreRuns, (size + 2 * perVector - 1) / (2 * perVector) * 2)
  }

  /// How many arrays of one number a token it keeps.
  package static let vectorCount = 2

  /// Copies a teacher.
  ///
  /// - Parameters:
  ///   - probabilities: p, in the order of the runs' logits.
  ///   - logProbabilities: log p; −∞ where p is 0.
  package init(probabilities: [Double], logProbabilities: [Double]) {
    size = probabilities.count
    precondition(logProbabilities.count == size)
    (lanesAreRuns, vectors) = Self.shape(vocabularySize: size)
    let count = (lanesAreRuns ? 1 : 8) * vectors
    var p = AlignedBuffer(count: count)
    var logP = AlignedBuffer(count: count)
    p.fill(size..<count, with: 0)
    logP.fill(size..<count, with: KLSIM_ABSENT)
    for index in 0..<size {
      p[index] = probabilities[index]
      // The kernel does not handle infinities; where p is 0, this is multiplied by 0.
      let scaled = logProbabilities[index] * KLSIM_PER_NAT
      logP[index] = scaled == -.infinity ? 0 : scaled
    }
    self.probabilities = p
    self.logProbabilities = logP
  }
}

/// A fit by the fused kernel: the blend a·FKL + b·RKL, its optimizer and cuts.
package struct BlendProblem: Sendable {
  /// The weights of forward and reverse KL.
  package enum Weights: Sendable {
    /// The same at every epoch.
    case fixed(forward: Double, reverse: Double)
    /// Those of AKL, for a head of `headCount` ranks.
    case adaptive(headCount: Int)
  }

  /// The optimizer of the logits.
  package enum Optimizer: Sendable {
    case adam(AdamCoefficients)
    case gradientDescent(momentum: Double, nesterov: Bool)
  }

  let teacher: BlendTeacher
  let weights: Weights
  let scale: Double
  let optimizer: Optimizer
  /// The ends of the parts that cuts divide the ranks into, ascending, the last one V.
  let partEnds: [Int]

  /// - Parameters:
  ///   - teacher: p.
  ///   - weights: a and b.
  ///   - scale: the factor of the gradient.
  ///   - optimizer: the optimizer of the logits.
  ///   - cuts: the head sizes at which errors are split.
  package init(
    teacher: BlendTeacher, weights: Weights, scale: Double, optimizer: Optimizer, cuts: [Int]
  ) {
    self.teacher = teacher
    self.weights = weights
    self.scale = scale
    self.optimizer = optimizer
    var ends = Set(cuts + [teacher.size])
    if case .adaptive(let count) = weights { ends.insert(count) }
    partEnds = ends.sorted()
  }

  /// The segments of vectors between cuts: the ends of the segments, and the part of every lane.
  ///
  /// A vector that a cut divides is a separate segment, whose lanes belong to different parts.
  var segments: (ends: [Int], parts: [Int32]) {
    if teacher.lanesAreRuns {
      return (
        partEnds.dropLast() + [teacher.vectors],
        partEnds.indices.flatMap { [Int32](repeating: Int32($0), count: 8) }
      )
    }
    let bounds = partEnds.flatMap { $0 % 8 == 0 ? [$0 / 8] : [$0 / 8, $0 / 8 + 1] }
    let segmentEnds = Set(bounds + [teacher.vectors]).filter { $0 > 0 }.sorted()
    let parts = segmentEnds.flatMap { segmentEnd in
      // A segment of several vectors lies in one part: that of its last vector.
      (0..<8).map { lane in
        let rank = (segmentEnd - 1) * 8 + lane
        return Int32(partEnds.firstIndex { rank < $0 } ?? partEnds.count - 1)
      }
    }
    return (segmentEnds, parts)
  }
}

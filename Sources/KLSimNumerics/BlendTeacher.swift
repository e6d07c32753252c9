// SPDX-License-Identifier: GPL-3.0-or-later

internal import CKLSimKernels

/// A teacher as the fused kernel reads it: aligned, logarithms in the kernel's unit.
///
/// Immutable once made, so that all runs and threads share one.
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
  static let tokenLanesSize = 1024

  /// Prepares a teacher.
  ///
  /// - Parameters:
  ///   - probabilities: p, in the order of the runs' logits.
  ///   - logProbabilities: log p; −∞ where p is 0.
  package init(probabilities: [Double], logProbabilities: [Double]) {
    let size = probabilities.count
    precondition(logProbabilities.count == size)
    self.size = size
    lanesAreRuns = size < Self.tokenLanesSize
    // Vectors come in pairs.
    let perVector = lanesAreRuns ? 1 : 8
    vectors = (size + 2 * perVector - 1) / (2 * perVector) * 2
    let count = perVector * vectors
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

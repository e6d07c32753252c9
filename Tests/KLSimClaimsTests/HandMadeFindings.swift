// SPDX-License-Identifier: GPL-3.0-or-later

@testable import KLSimClaims

/// Findings on claims of the catalog whose seeds say what the test wants.
enum HandMadeFindings {
  /// A finding of which each cell has so many hits, and so many chaotic of its first 32 seeds.
  static func finding<C: Claim>(
    _ claim: C, seeds: Range<UInt64> = 5..<105,
    counts: (Evidence<C.Cell>) -> (hits: Int, chaotic: Int)
  ) throws -> Finding {
    let all = try claim.trials().flatMap { trial in
      try trial.cells().map { cell in
        let (hits, chaotic) = counts(
          try evidence(cell, condition: trial.condition, hits: 0, of: seeds.count))
        return try evidence(
          cell, condition: trial.condition, hits: hits, of: seeds.count, chaotic: chaotic)
      }
    }
    return Finding(claim, seeds: seeds, evidence: all)
  }

  /// One that holds, one that fails and one that depends; the first is a finding, the others are checks.
  static func three() throws -> [Finding] {
    [
      try finding(Convergence()) { _ in (100, 0) },
      try finding(CrossEntropyIdentity()) { _ in (0, 0) },
      try finding(OneMinimum()) { _ in (50, 0) },
    ]
  }
}

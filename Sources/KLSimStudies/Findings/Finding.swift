// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// What came out of a claim.
public struct Finding: Sendable {
  public let claim: any Claim
  public let seeds: Range<UInt64>
  /// All evidence, in order.
  public let evidence: [Evidence]
  public let judgement: Judgement
  /// Where the claim holds, in words: the shortest answer first, then the details.
  public let boundaries: [String]
  /// The evidence that stands for the claim: of the published cells the least favourable.
  public let headline: Evidence

  /// Judges the evidence of a claim.
  ///
  /// - Parameters:
  ///   - claim: the claim.
  ///   - seeds: the seeds that were asked.
  ///   - evidence: what they said.
  public init(_ claim: any Claim, seeds: Range<UInt64>, evidence: [Evidence]) {
    let covered = evidence.filter(claim.covers)
    guard
      let headline = covered.filter(claim.isHeadline).min(by: { $0.share.low < $1.share.low })
    else { preconditionFailure("\(type(of: claim).name) has no cell of its own") }
    self.claim = claim
    self.seeds = seeds
    self.evidence = evidence
    self.headline = headline
    judgement = Judgement(covered.map(\.verdict))
    boundaries = claim.boundaries(evidence)
  }

  /// How many of the cells the claim covers have a verdict.
  public func count(_ verdict: Verdict) -> Int {
    evidence.count { claim.covers($0) && $0.verdict == verdict }
  }
}

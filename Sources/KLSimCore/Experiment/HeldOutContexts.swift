// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Chooses the contexts that no update of a run uses, stratified by weight.
///
/// The contexts, in the order of their weights, are cut into as many strata of nearly equal size as there
/// are contexts to hold out; one of each is drawn. So heavy and light contexts are held out alike.
///
/// - Parameters:
///   - count: the number of contexts to hold out, below that of all.
///   - weights: the contexts' weights.
///   - seed: the seed of the run, which has a stream of its own for this.
/// - Returns: the contexts, ascending.
func heldOutContexts(_ count: Int, weights: [Double], seed: UInt64) -> [Int] {
  guard count > 0 else { return [] }
  var stream = RandomStream(seed: seed, purpose: "held-out")
  let ordered = weights.indices.sorted {
    weights[$0] == weights[$1] ? $0 < $1 : weights[$0] > weights[$1]
  }
  func bound(_ stratum: Int) -> Int { stratum * weights.count / count }
  return (0..<count).map { stratum in
    let members = ordered[bound(stratum)..<bound(stratum + 1)]
    let place = Int(stream.uniform() * Double(members.count))
    return members[members.startIndex + place]
  }.sorted()
}

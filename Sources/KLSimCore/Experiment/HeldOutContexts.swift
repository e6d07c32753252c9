// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Chooses the contexts that no update of a run uses, stratified by weight.
///
/// The contexts, in the order of their weights and from a random one on, are cut into strata of nearly
/// equal size, and one of each is drawn: one to hold out, or, if more than half are held out, one to train
/// on. So heavy and light contexts are held out alike, and every context with the same probability. Those
/// of weight 0, on which nothing depends, are never held out.
///
/// - Parameters:
///   - count: the number of contexts to hold out, below that of those with a weight.
///   - weights: the contexts' weights.
///   - seed: the seed of the run, which has a stream of its own for this.
/// - Returns: the contexts, ascending.
func heldOutContexts(_ count: Int, weights: [Double], seed: UInt64) -> [Int] {
  guard count > 0 else { return [] }
  var stream = RandomStream(seed: seed, purpose: "held-out")
  let ordered = weights.indices.filter { weights[$0] > 0 }.sorted {
    weights[$0] == weights[$1] ? $0 < $1 : weights[$0] > weights[$1]
  }
  let drawnCount = min(count, ordered.count - count)
  let first = Int(stream.uniform() * Double(ordered.count))
  var drawn: [Int] = []
  for stratum in 0..<drawnCount {
    let begin = stratum * ordered.count / drawnCount
    let size = (stratum + 1) * ordered.count / drawnCount - begin
    let place = first + begin + Int(stream.uniform() * Double(size))
    drawn.append(ordered[place % ordered.count])
  }
  guard drawnCount < count else { return drawn.sorted() }
  let kept = Set(drawn)
  return ordered.filter { !kept.contains($0) }.sorted()
}

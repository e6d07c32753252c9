// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The loss of a minibatch B of the training contexts, of which an epoch has N.
///
///     shuffle   L(θ) = N Σ_{c ∈ B} w_c L_c     every context once an epoch, in a fresh random order
///     weights   L(θ) = Σ_{c ∈ B} L_c / |B|      independent draws, c with probability w_c
///
/// w_c are the contexts' weights, of which those of the training contexts sum to 1. So the mean of the
/// gradients of an epoch is the gradient of all training contexts, exactly or in expectation, even where
/// the last batch is smaller. Within a batch contexts are summed in their own order. A `BatchObjective`
/// has one loss for the batch instead.
///
/// An update that accumulates several batches, of U an epoch, takes their sum times U/N, and so is the
/// update of one larger batch; of independent draws, and of a `BatchObjective`, it takes their mean.
package struct MinibatchLoss: LearningSignal, ~Copyable {
  package var model: any StudentModel { losses.model }
  /// Nothing: the states of a batch are not kept.
  package var states: [FitState] { [] }
  private var losses: ContextLosses
  /// The training contexts of the run.
  package private(set) var training: [Int] = []
  private let setup: Setup
  private let weights: [Double]
  private let kernels: VectorKernels
  private let comparesContexts: Bool
  /// Whether a context's weight is a factor of its loss.
  private let isWeighted: Bool
  private let batchesPerEpoch: Int
  private let updatesPerEpoch: Int
  /// N over the weight of the training contexts.
  private var scale = 1.0
  /// The batches that are left of the epoch, the next one last.
  private var batches: [[Int]] = []
  private var batch: [Int] = []
  private var stream = RandomStream(seed: 0)
  private var weighted: [Double] = []

  /// The loss of the runs of a batch of runs.
  ///
  /// - Parameters:
  ///   - runs: the runs, which use it one after the other.
  ///   - kernels: the vector kernels to compute with.
  package init(of runs: FitBatch, kernels: VectorKernels = .best) {
    losses = ContextLosses(of: runs, kernels: kernels)
    (setup, weights, self.kernels) = (runs.setup, runs.weights, kernels)
    comparesContexts = setup.objective.component.objective is any BatchObjective
    isWeighted = !comparesContexts && setup.sampling == .shuffle
    batchesPerEpoch = setup.batchesPerEpoch
    updatesPerEpoch = setup.length.updatesPerEpoch
  }

  /// The factor of the sum of the gradients of an update's batches.
  func share(ofBatches count: Int) -> Double {
    isWeighted ? Double(updatesPerEpoch) / Double(batchesPerEpoch) : 1 / Double(count)
  }

  package mutating func begin(seed: UInt64) {
    let heldOut = Set(heldOutContexts(setup.heldOutCount, weights: weights, seed: seed))
    training = weights.indices.filter { !heldOut.contains($0) }
    let mass = training.reduce(0) { $0 + weights[$1] }
    // Of all contexts the weights already sum to 1, and are not rounded again.
    scale =
      training.count == weights.count ? Double(batchesPerEpoch) : Double(batchesPerEpoch) / mass
    stream = RandomStream(seed: seed, purpose: "batches")
    batches = []
  }

  /// Goes to the next minibatch; after the last one of an epoch a new epoch begins.
  package mutating func advanceToNextBatch() {
    if batches.isEmpty { batches = newEpoch().reversed() }
    batch = batches.removeLast()
  }

  /// Whether the last minibatch of the epoch was reached.
  package var isAtEndOfEpoch: Bool { batches.isEmpty }

  /// The minibatches of an epoch.
  private mutating func newEpoch() -> [[Int]] {
    guard let size = setup.batchSize else { return [training] }
    switch setup.sampling {
    case .shuffle:
      let order = stream.permutation(of: training.count).map { training[$0] }
      return stride(from: 0, to: order.count, by: size).map {
        order[$0..<min($0 + size, order.count)].sorted()
      }
    case .weights:
      let draws = stream.draws(size * batchesPerEpoch, weights: training.map { weights[$0] })
      return stride(from: 0, to: draws.count, by: size).map {
        draws[$0..<$0 + size].map { training[$0] }.sorted()
      }
    }
  }

  /// The factor of a context's loss.
  private var factors: [Double] {
    guard isWeighted else {
      return batch.map { _ in comparesContexts ? 1 : 1 / Double(batch.count) }
    }
    return batch.map { scale == 1 ? weights[$0] : scale * weights[$0] }
  }

  @discardableResult
  package mutating func evaluate(
    at parameters: [Double], gradient: inout [Double]
  ) -> [Double] {
    let (model, kernels, batch, factors) = (model, kernels, batch, factors)
    for index in gradient.indices { gradient[index] = 0 }
    var values = [Double](repeating: 0, count: batch.count)
    var block: [Double] = []
    swap(&block, &weighted)
    block.removeAll(keepingCapacity: true)
    losses.visit(batch, at: parameters) { place, _, loss, logitGradient in
      values[place] = loss
      let (factor, first) = (factors[place], block.count)
      block += logitGradient
      guard factor != 1 else { return }
      for index in first..<block.count { block[index] *= factor }
    } endOfBlock: { places in
      model.pullBack(
        block, contexts: Array(batch[places]), at: parameters, into: &gradient, kernels: kernels)
      block.removeAll(keepingCapacity: true)
    }
    swap(&block, &weighted)
    return values
  }

  package func logitGradient(context: Int, from gradient: [Double]) -> [Double] { [] }
}

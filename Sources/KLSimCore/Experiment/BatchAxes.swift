// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// How many contexts an update is made of.
package enum BatchAxis: Axis {
  /// nil for all.
  package typealias Value = Int?
  package static let name = "batch"
  package static let column = Column(
    key: "batch", .text, "number of contexts of a minibatch; all: every update uses all of them")
  package static let valueName = "n"
  package static let help =
    "Minibatches of n contexts, for students that share parameters; an epoch is then one pass over the"
    + " contexts, and --record takes also 0.5,1 or every=ksteps. (default: all)"
  package static let forms = [ChoiceForm.wholeNumber(from: 1), .words([all])]
  package static let isAddition = true
  package static func defaults(after choices: Choices) -> [String] { [all] }

  static let all = "all"

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Int?> {
    if text == all { return Chosen(specification: all, component: nil) }
    let size = try wholeNumber(
      text, expected: "a batch size: a number of contexts of at least 1, or all")
    return Chosen(specification: size.specification, component: size.component)
  }
}

/// How the contexts of a minibatch are drawn.
package enum BatchSampling: String, CaseIterable, Sendable {
  /// Every context once an epoch, in a fresh random order.
  case shuffle
  /// Independent draws in proportion to the contexts' weights.
  case weights
}

/// How the contexts of a minibatch are drawn.
package enum SamplingAxis: Axis {
  package typealias Value = BatchSampling
  package static let name = "sampling"
  package static let column = Column(
    key: "sampling", .text,
    "how the contexts of a minibatch are drawn: shuffle (every context once an epoch), or weights"
      + " (independent draws by context weight)")
  package static let valueName = "how"
  package static let help =
    "How --batch draws contexts: shuffle (each once an epoch, in a fresh order), or weights (independent"
    + " draws by context weight). (default: shuffle)"
  package static let forms = [ChoiceForm.words(BatchSampling.allCases.map(\.rawValue))]
  package static let isAddition = true
  package static func defaults(after choices: Choices) -> [String] {
    [BatchSampling.shuffle.rawValue]
  }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<BatchSampling> {
    let names = BatchSampling.allCases.map(\.rawValue)
    let sampling = BatchSampling.allCases[try names.place(of: text, kind: name)]
    return Chosen(specification: text, component: sampling)
  }
}

/// How many minibatches an update is made of.
///
/// Their gradients are added and scaled, so that the update is that of one minibatch of all their contexts: the
/// gradient of the mean over these where they weigh the same. See `MinibatchLoss`.
package enum AccumulateAxis: Axis {
  package static let name = "accumulate"
  package static let column = Column(
    key: "accumulate", .integer, "number of minibatches whose gradients make an update")
  package static let valueName = "k"
  package static let help =
    "Gradient accumulation: k minibatches make one update, that of one minibatch of all their contexts."
    + " (default: 1)"
  package static let forms = [ChoiceForm.wholeNumber(from: 1)]
  package static let isAddition = true
  package static func defaults(after choices: Choices) -> [String] { ["1"] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Int> {
    try wholeNumber(text, expected: "a number of minibatches to accumulate: at least 1")
  }
}

/// The share of contexts that no update uses.
package enum HeldOutAxis: Axis {
  package static let name = "held-out"
  package static let column = Column(
    key: "held_out", .number, "share of the contexts that no update uses")
  package static let valueName = "share"
  package static let help =
    "The share of contexts to hold out: no update uses them; rows say train or held-out."
    + " (default: 0)"
  package static let forms = [ChoiceForm.number(from: 0, below: 1)]
  package static let isAddition = true
  package static func defaults(after choices: Choices) -> [String] { ["0"] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Double> {
    guard let share = Double(text), share >= 0, share < 1 else {
      throw SpecificationError.unreadable(
        text, expected: "a share of the contexts to hold out: a number from 0 to below 1")
    }
    return Chosen(specification: share == 0 ? "0" : share.description, component: share)
  }
}

/// How the gradient is bounded before an update.
package enum ClipAxis: Axis {
  package typealias Value = GradientClipping
  package static let name = "clip"
  package static let column = Column(
    key: "clip", .text, "bound on the gradient of an update: none, norm=x, or value=x")
  package static let valueName = "bound"
  package static let help =
    "Gradient clipping: norm=1 scales the gradient to at most that Euclidean norm, value=1 bounds each"
    + " element. (default: none)"
  package static let forms = [
    ChoiceForm.words([GradientClipping.none.description]), .numbered(["norm", "value"]),
  ]
  package static let isAddition = true
  package static func defaults(after choices: Choices) -> [String] {
    [GradientClipping.none.description]
  }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<GradientClipping> {
    guard let clipping = GradientClipping(text) else {
      throw SpecificationError.unreadable(
        text, expected: "a bound on the gradient: none, norm=x or value=x with x above 0")
    }
    return Chosen(specification: clipping.description, component: clipping)
  }
}

extension Axis {
  /// Reads a whole number of at least 1.
  package static func wholeNumber(
    _ text: String, expected: String
  ) throws(SpecificationError) -> Chosen<Int> {
    guard let number = Int(text), number >= 1 else {
      throw .unreadable(text, expected: expected)
    }
    return Chosen(specification: number.description, component: number)
  }
}

// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// How the parameters are moved.
package enum OptimizerAxis: Axis {
  package static let name = "optimizer"
  package static let column = Column(key: "optimizer", .text, "specification of the optimizer")
  package static let help =
    "Optimizer: adam, sgd:momentum=0.9, … (default: adam)"

  package static func defaults(after setup: Setup) -> [String] { [Adam.name] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Optimizer> {
    try Catalog.optimizer(text)
  }
}

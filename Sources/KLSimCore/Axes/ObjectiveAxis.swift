// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// What is minimised.
package enum ObjectiveAxis: Axis {
  package static let name = "objective"
  package static let column = Column.objective
  package static let help =
    "Objective: fkl, mix:lambda=0.9, … (default: fkl,rkl)"
  package static let isCompared = true

  package static func defaults(after setup: Setup) -> [String] { [ForwardKL.name, ReverseKL.name] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<ObjectiveRecipe> {
    try Catalog.objective(text, reader: reader)
  }
}

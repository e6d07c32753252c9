// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Where the student starts.
package enum InitializationAxis: Axis {
  package static let name = "init"
  package static let column = Column(key: "init", .text, "specification of the initial logits")
  package static let help =
    "Initial logits: torch-uniform, normal:sigma=3, … (default: torch-uniform; students without free"
    + " logits start where their specification says)"
  package static let decidesStart = true

  package static func defaults(after setup: Setup) -> [String] {
    [setup.student.component.defaultStart.specification]
  }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Initialization> {
    try Catalog.initialization(text, reader: reader)
  }
}

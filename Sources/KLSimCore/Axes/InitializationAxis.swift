// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Where the student starts.
public enum InitializationAxis: Axis {
  public static let name = "init"
  public static let column = Column(key: "init", .text, "specification of the initial logits")
  public static let help =
    "Initial logits: torch-uniform, normal:sigma=3, … (default: torch-uniform; students without free"
    + " logits start where their specification says)"
  public static let decidesStart = true

  public static func defaults(after setup: Setup) -> [String] {
    [setup.student.component.defaultStart.specification]
  }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Initialization> {
    try Catalog.initialization(text, reader: reader)
  }
}

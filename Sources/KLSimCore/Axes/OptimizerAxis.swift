// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// How the parameters are moved.
public enum OptimizerAxis: Axis {
  public static let name = "optimizer"
  public static let column = Column(key: "optimizer", .text, "specification of the optimizer")
  public static let help =
    "Optimizer: adam, sgd:momentum=0.9, … (default: adam)"

  public static func defaults(after setup: Setup) -> [String] { [Adam.name] }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Optimizer> {
    try Catalog.optimizer(text)
  }
}

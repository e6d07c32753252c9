// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// What is minimised.
public enum ObjectiveAxis: Axis {
  public static let name = "objective"
  public static let column = Column.objective
  public static let help =
    "Objective: fkl, mix:lambda=0.9, … (default: fkl,rkl)"
  public static let isCompared = true

  public static func defaults(after setup: Setup) -> [String] { [ForwardKL.name, ReverseKL.name] }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<ObjectiveRecipe> {
    try Catalog.objective(text, reader: reader)
  }
}
